"""The blueprint that the views of this feature add their routes to."""

from flask import Blueprint

staff = Blueprint("accounts", __name__)
