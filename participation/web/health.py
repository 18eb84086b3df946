"""Health pages: alive (the process answers) and ready (it can do its work)."""

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from participation.db.extension import db
from participation.web.gate import public

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public
def live() -> ResponseReturnValue:
    """The process answers. A supervisor restarts it when this fails."""
    return jsonify(status="live")


@blueprint.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """The database answers and has tables. A load balancer sends nobody while this fails."""
    try:
        version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (DBAPIError, PoolTimeout):
        return jsonify(status="not ready", database="unreachable"), 503
    return jsonify(status="ready", database=version)


def init_app(app: Flask) -> None:
    """Register the health pages."""
    app.register_blueprint(blueprint)
