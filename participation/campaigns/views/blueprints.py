"""The blueprints of public comments."""

from flask import Blueprint

staff = Blueprint("campaigns", __name__, url_prefix="/campaigns")
public = Blueprint("campaigns_public", __name__, url_prefix="/campaigns")
