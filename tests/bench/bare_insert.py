"""The yardstick of bench_submission: a Flask view that inserts one row and redirects."""

import os
from datetime import UTC, datetime

from flask import Flask, redirect, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from participation.db.engine import engine_options


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Note(Base):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace(
    "postgresql://", "postgresql+psycopg://"
)
# The same driver, durability and waiting for the lock as ours.
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
    # Patience enough that none fails: it would not count as slow then.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"]["connect_args"] = {"timeout": 60}
db.init_app(app)
with app.app_context():
    if db.engine.dialect.name == "sqlite":

        @event.listens_for(db.engine, "connect")
        def _durable(connection, _record):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

    if os.environ.get("BARE_CREATE"):
        db.create_all()


@app.get("/")
def ready() -> str:
    return "ready"


@app.post("/")
def store():
    note = Note(name=request.form["s-name"], text=request.form["o0-text"], at=datetime.now(UTC))
    db.session.add(note)
    db.session.commit()
    return redirect("/", 303)
