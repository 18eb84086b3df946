"""What residents register through the site: decided and stored in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import DomainError
from participation.submissions.services.challenges import SpentChallenge, spend
from participation.submissions.services.receipts import find_by_keys
from participation.workshops.services.registering import (
    Prepared,
    StoredApplication,
    store_prepared,
)

RESIDENT = Actor(staff_id=None, name="申込者（このサイト）")


class ChallengeSpent(DomainError):  # noqa: N818 -- in line with core.errors
    """The proof of work went with another form; this one gets a new one."""

    status = 409


@dataclass(frozen=True)
class SentForm:
    """A form as it was sent, its rows ready, with the proof of work that came along."""

    prepared: Prepared
    solution: SpentChallenge | None = None


def receive(
    session: Session, forms: Sequence[SentForm], *, now: datetime
) -> list[StoredApplication | DomainError]:
    """Store forms in the one transaction of ``session``; the caller commits (db.group_commit).

    Args:
        session: the session of the writer.
        forms: what waits.
        now: when they are stored.

    Returns:
        For each form how it was stored, or the error that its sender gets.

    Raises:
        StateConflict: the forms are to be tried one by one.

    """
    spent = spend(session, [form.solution for form in forms if form.solution is not None])
    results: dict[int, StoredApplication | DomainError] = {}
    stale = [
        position
        for position, form in enumerate(forms)
        if form.solution is not None and form.solution.signature not in spent
    ]
    if stale:
        # A double click spends its proof twice; only another form's is refused.
        known = find_by_keys(
            session, [forms[position].prepared.new.idempotency_key for position in stale]
        )
        for position in stale:
            if forms[position].prepared.new.idempotency_key not in known:
                results[position] = ChallengeSpent(
                    "確認のための計算をやり直します。もう一度送信してください。"
                )
    chosen = [position for position in range(len(forms)) if position not in results]
    stored = store_prepared(
        session, [forms[position].prepared for position in chosen], actor=RESIDENT, now=now
    )
    results.update(zip(chosen, stored, strict=True))
    return [results[position] for position in range(len(forms))]
