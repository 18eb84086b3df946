"""Secrets that a browser or a letter carries: 256 random bits outside, only their hash inside."""

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits in 43 characters that fit a cookie and an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of ``token``. It is random, so one fast round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
