"""The blueprint of the residents' home."""

from flask import Blueprint

public = Blueprint("portal", __name__)
