"""The two blueprints that the views of this feature add their routes to."""

from flask import Blueprint

staff = Blueprint("reports", __name__, url_prefix="/reports")
public = Blueprint("reports_public", __name__, url_prefix="/reports")
