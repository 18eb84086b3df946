"""The yardstick of bench_registration: a conditional update, one inserted row, a redirect."""

import os
from datetime import UTC, datetime

from flask import Flask, redirect, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from participation.db.engine import engine_options


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Pool(Base):
    __tablename__ = "pool"

    id: Mapped[int] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int]


class Seat(Base):
    __tablename__ = "seat"

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int]
    name: Mapped[str]
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
        db.session.add(Pool(id=1, capacity=1_000_000, taken=0))
        db.session.commit()


@app.get("/")
def ready() -> str:
    return "ready"


@app.post("/")
def store():
    taken = db.session.execute(
        update(Pool).where(Pool.id == 1, Pool.taken < Pool.capacity).values(taken=Pool.taken + 1)
    )
    if taken.rowcount != 1:
        return "full", 409
    db.session.add(Seat(pool_id=1, name=request.form["s-name"], at=datetime.now(UTC)))
    db.session.commit()
    return redirect("/", 303)
