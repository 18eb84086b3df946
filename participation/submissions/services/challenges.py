"""Proofs of work: asked for only where a network sends very much, each accepted once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from altcha.v1 import ChallengeOptions, Payload, create_challenge, verify_solution
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participation.privacy.crypto import Keyring
from participation.submissions.models import UsedChallenge

# Tries that a phone makes in about a second; the mean is half of it.
_MOST_TRIES = 50_000
_VALID = timedelta(hours=2)  # reading a confirmation page may take long
_PURPOSE = "submission.challenge"


@dataclass(frozen=True)
class SpentChallenge:
    """A solution that was right; it counts once it is stored."""

    signature: str
    expires_at: datetime


def new_challenge(keys: Keyring, form_key: str, now: datetime) -> dict[str, Any]:
    """Return a challenge (ALTCHA version 1) that only the form with ``form_key`` can spend."""
    challenge = create_challenge(
        ChallengeOptions(
            algorithm="SHA-256",
            max_number=_MOST_TRIES,
            hmac_key=_hmac_key(keys, form_key),
            expires=now + _VALID,
        )
    )
    return dict(challenge.to_dict())


def check_solution(
    keys: Keyring, form_key: str, solution: str, now: datetime
) -> SpentChallenge | None:
    """Return the solved challenge, or None when ``solution`` is none for this form.

    Args:
        keys: the installation's keys.
        form_key: the form that the challenge was made for.
        solution: base64 of ALTCHA's JSON, as the page's script puts it into the form.
        now: when it came.

    """
    if not solution:
        return None
    try:
        right, _error = verify_solution(solution, _hmac_key(keys, form_key), check_expires=True)
        if not right:
            return None
        payload = Payload.from_base64(solution)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return SpentChallenge(payload.signature, now + _VALID)


def spend(session: Session, solutions: Sequence[SpentChallenge]) -> set[str]:
    """Store solutions as used and return the signatures that were new; the others are spent."""
    if not solutions:
        return set()
    engine = session.get_bind().dialect.name
    make = sqlite.insert if engine == "sqlite" else postgresql.insert
    table = UsedChallenge.__table__
    rows = {one.signature: one for one in solutions}
    statement = (
        make(table)  # type: ignore[arg-type]
        .on_conflict_do_nothing(index_elements=["signature"])
        .returning(table.c.signature)
    )
    values = [
        {"signature": signature, "expires_at": rows[signature].expires_at}
        for signature in sorted(rows)
    ]
    return set(session.scalars(statement, values))


def forget_old(session: Session, now: datetime) -> int:
    """Delete used solutions that would be refused for their age anyway; a duty of the worker."""
    gone = session.scalars(
        delete(UsedChallenge)
        .where(UsedChallenge.expires_at < now)
        .returning(UsedChallenge.signature)
    )
    return len(gone.all())


def _hmac_key(keys: Keyring, form_key: str) -> str:
    return keys.blind_index(form_key, _PURPOSE)
