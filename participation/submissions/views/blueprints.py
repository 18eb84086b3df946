"""The blueprint of receipts."""

from flask import Blueprint

public = Blueprint("receipts", __name__, url_prefix="/receipts")
