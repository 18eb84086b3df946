"""The blueprints of workshops."""

from flask import Blueprint

staff = Blueprint("workshops", __name__, url_prefix="/workshops")
public = Blueprint("workshops_public", __name__, url_prefix="/workshops")
