"""Marks that a form carries: since when it waits, and when its sending was first tried.

Waiting is the way round a proof of work for those without JavaScript. Whoever was made to wait, or
met us while we could store nothing, is judged by the moment of the first try.
"""

import hmac
from datetime import UTC, datetime, timedelta

from participation.privacy.crypto import Keyring

LEAST = timedelta(seconds=20)
_MOST = timedelta(days=1)
_PURPOSE = "submission.patience"
_TRY_PURPOSE = "submission.try"


def start_waiting(keys: Keyring, form_key: str, now: datetime) -> str:
    """Return a mark that says since when the form with ``form_key`` waits."""
    since = str(int(now.timestamp()))
    return f"{since}.{_signature(keys, form_key, since)}"


def is_mark(keys: Keyring, form_key: str, mark: str) -> bool:
    """Whether ``mark`` was made here for this form."""
    since, _dot, signature = mark.partition(".")
    return hmac.compare_digest(signature.encode(), _signature(keys, form_key, since).encode())


def has_waited(keys: Keyring, form_key: str, mark: str, now: datetime) -> bool:
    """Whether the form with ``form_key`` has waited long enough by ``mark``."""
    if not mark or not is_mark(keys, form_key, mark):
        return False
    since = datetime.fromtimestamp(int(mark.partition(".")[0]), UTC)
    return LEAST <= now - since <= _MOST


def remember_try(keys: Keyring, form_key: str, content: str, at: datetime) -> str:
    """Return a mark that says when the form with ``form_key`` was first tried to be sent.

    Args:
        keys: the installation's keys.
        form_key: the form.
        content: a digest of what was typed: with other words it is another try.
        at: when the request began.

    """
    moment = at.astimezone(UTC).isoformat()
    return f"{moment}~{_try_signature(keys, form_key, content, moment)}"


def first_try(
    keys: Keyring, form_key: str, content: str, mark: str, now: datetime
) -> datetime | None:
    """Return when this form with this content was first tried by ``mark``; None without one."""
    moment, _tilde, signature = mark.partition("~")
    expected = _try_signature(keys, form_key, content, moment)
    if not moment or not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    at = datetime.fromisoformat(moment)
    return at if timedelta(0) <= now - at <= _MOST else None


def _signature(keys: Keyring, form_key: str, since: str) -> str:
    return keys.blind_index(f"{form_key}.{since}", _PURPOSE)


def _try_signature(keys: Keyring, form_key: str, content: str, moment: str) -> str:
    return keys.blind_index(f"{form_key}.{content}.{moment}", _TRY_PURPOSE)
