"""Time-based codes (TOTP, RFC 6238): the step a code belongs to, and the address for an app."""

import hmac
import unicodedata
from datetime import datetime

import pyotp

STEP_SECONDS = 30
# One step to either side: clocks of telephones differ, and typing takes time.
WINDOW = 1


def new_secret() -> str:
    """Return a new secret of 160 bits in base 32, as authenticator apps take it."""
    return pyotp.random_base32()


def current_step(now: datetime) -> int:
    """Return the number of the 30-second step at ``now``."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """Return the six digits for one step."""
    return pyotp.TOTP(secret).generate_otp(step)


def matching_step(secret: str, code: str, now: datetime, *, after: int | None) -> int | None:
    """Return the step in the window that ``code`` belongs to.

    Args:
        secret: base 32.
        code: as typed; full-width digits and blanks are read as meant.
        now: when it came.
        after: steps up to this one are used up.

    Returns:
        The step, or None when the code belongs to none that is still good.

    """
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    middle = current_step(now)
    found = None
    for step in range(middle - WINDOW, middle + WINDOW + 1):
        # Every step is compared, so that the time tells nothing.
        same = hmac.compare_digest(code_at(secret, step).encode(), typed.encode())
        if same and (after is None or step > after):
            found = step
    return found


def provisioning_uri(secret: str, *, email: str, issuer: str) -> str:
    """Return the otpauth: address that the QR code carries."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def grouped(secret: str) -> str:
    """Return the secret in groups of four, for those who type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
