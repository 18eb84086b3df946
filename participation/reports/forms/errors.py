"""Putting a rule's no beside the field that it is about."""

from participation.web.forms import put_error

__all__ = ["put_error"]
