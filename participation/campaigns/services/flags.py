"""What staff say about a submission: out of scope, rerouted, a duplicate, late after all.

Nothing of what was sent changes by it; every flag is dated and has a reason in the audit log.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import Campaign, Submission
from participation.campaigns.queries import submissions as queries
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict

LONGEST_NOTE = 1_000
LONGEST_PLACE = 200


@dataclass(frozen=True)
class Flags:
    """The flags of one submission."""

    late: bool = False
    out_of_scope: bool = False
    rerouted_to: str = ""
    duplicate_of: str = ""  # a receipt number of the same campaign


def flags_of(session: Session, submission: Submission) -> Flags:
    """Return the flags as they stand."""
    original = submission.duplicate_of_id
    return Flags(
        late=submission.late,
        out_of_scope=submission.out_of_scope,
        rerouted_to=submission.rerouted_to,
        duplicate_of=""
        if original is None
        else queries.number_of(session, session.get_one(Submission, original)),
    )


def fingerprint(flags: Flags) -> str:
    """Return what a form keeps, to notice that somebody else changed the flags meanwhile."""
    return hashlib.sha256(repr(asdict(flags)).encode()).hexdigest()[:16]


def set_flags(
    session: Session,
    campaign: Campaign,
    submission: Submission,
    flags: Flags,
    *,
    note: str,
    seen: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set the flags of a submission; False when nothing changed.

    Args:
        session: the session of the act.
        campaign: whose.
        submission: which.
        flags: as they shall be.
        note: why; kept with the submission and in the audit log.
        seen: ``fingerprint`` of the flags that the person saw.
        actor: who.
        now: when.

    Raises:
        InvalidInput: a change without a reason, or a number that is not of this campaign.
        StateConflict: somebody else changed the flags meanwhile.

    """
    original = queries.find_by_number(session, campaign.id, flags.duplicate_of.strip())
    _lock(session, submission, original)
    before = flags_of(session, submission)
    if fingerprint(before) != seen:
        raise StateConflict(
            "ほかの人が先に印を変えました。いまの状態を確かめて、もう一度入力してください。"
        )
    changed = {key: value for key, value in asdict(flags).items() if value != asdict(before)[key]}
    if not changed and note.strip() == submission.flag_note:
        return False
    if not note.strip():
        raise InvalidInput("印を変える理由を入力してください。", field="note")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"{LONGEST_NOTE:,}文字以内で入力してください。", field="note")
    if len(flags.rerouted_to) > LONGEST_PLACE:
        raise InvalidInput(f"{LONGEST_PLACE}文字以内で入力してください。", field="rerouted_to")
    submission.late = flags.late
    submission.out_of_scope = flags.out_of_scope
    submission.rerouted_to = flags.rerouted_to.strip()
    submission.duplicate_of_id = _original(submission, flags.duplicate_of, original)
    submission.flag_note = note.strip()
    session.flush()

    def record(which: Submission, old: dict[str, object], new: dict[str, object]) -> None:
        audit.record(
            session,
            "campaigns.submission.flagged",
            actor=actor,
            now=now,
            subject=f"submission:{which.id}",
            department_id=campaign.department_id,
            before=old,
            after=new,
            reason=note.strip(),
        )

    record(submission, {key: asdict(before)[key] for key in changed}, changed)
    if original is not None and submission.duplicate_of_id is not None:
        # What repeats this one repeats the same first one: a chain would count nobody's opinions.
        old, new = (queries.number_of(session, one) for one in (submission, original))
        for each in queries.duplicates_of(session, submission):
            each.duplicate_of_id = original.id
            session.flush()
            record(each, {"duplicate_of": old}, {"duplicate_of": new})
    return True


def _lock(session: Session, *submissions: Submission | None) -> None:
    """Lock submissions in one order, so that two people never wait for each other."""
    for each in sorted((one for one in submissions if one is not None), key=lambda one: one.id):
        session.refresh(each, with_for_update=True)


def _original(submission: Submission, number: str, original: Submission | None) -> int | None:
    """Return the id of the submission that this one repeats."""
    if not number.strip():
        return None
    if original is None:
        raise InvalidInput(
            "この受付番号の意見は、この意見募集にありません。番号を確かめてください。",
            field="duplicate_of",
        )
    if original.id == submission.id:
        raise InvalidInput("この意見自身の番号です。", field="duplicate_of")
    if original.duplicate_of_id is not None:
        raise InvalidInput(
            "その意見も重複とされています。もとの意見の番号を入力してください。",
            field="duplicate_of",
        )
    return original.id
