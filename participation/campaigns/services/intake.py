"""Taking submissions in: one from the web, one from the desk, or a hundred thousand of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from participation.audit import Event, record_many
from participation.campaigns.models import Campaign, Opinion, Submission
from participation.campaigns.texts import comparable, text_key
from participation.core.actors import Actor
from participation.db.many_rows import insert_many
from participation.privacy.crypto import Keyring, keyring
from participation.submissions.models import Channel
from participation.submissions.services.receipts import (
    NewReceipt,
    PreparedReceipt,
    prepare_receipt,
    store_receipts,
)
from participation.submissions.services.sealed_files import SealedFile

_IDS_A_QUERY = 500
_OPINIONS = insert(cast("Any", Opinion.__table__))
_TABLE: Any = Submission.__table__
_SUBMISSIONS = insert(_TABLE).returning(_TABLE.c.receipt_id, _TABLE.c.id)


@dataclass(frozen=True)
class NewOpinion:
    """One opinion as somebody wrote it."""

    text: str
    place: str = ""
    reason: str = ""
    passage_id: int | None = None


@dataclass(frozen=True)
class NewSubmission:
    """One 通 to be stored."""

    campaign_id: int
    channel: Channel
    received_at: datetime
    arrived_on: date
    opinions: tuple[NewOpinion, ...]
    sender: Mapping[str, str] = field(repr=False)  # field key → value; {} is anonymous
    idempotency_key: str = field(repr=False)
    postmark_on: date | None = None
    late: bool = False
    anonymous: bool = False
    eligibility_id: int | None = None
    attachments: tuple[SealedFile, ...] = ()
    typed_by: int | None = None
    import_id: int | None = None
    network_key: str | None = None
    mail_to: str = field(default="", repr=False)
    language: str = "ja"  # of the form; the copy of the receipt speaks it
    secret: str | None = field(default=None, repr=False)
    flag_note: str = ""  # what somebody should look at; nothing is refused for it


@dataclass(frozen=True)
class StoredSubmission:
    """A submission that stands in the database once the caller has committed."""

    submission_id: int
    receipt_id: int
    number: str
    again: bool  # this key had been stored before: nothing new was


@dataclass(frozen=True)
class Prepared:
    """The rows of a submission, all but what the database gives: made before any lock is held."""

    new: NewSubmission
    receipt: PreparedReceipt
    submission: dict[str, Any]
    opinions: list[dict[str, Any]]

    @property
    def number(self) -> str:
        """The receipt's number, should this be the first time that its form comes."""
        return str(self.receipt.row["number"])


def prepare(keys: Keyring, new: NewSubmission) -> Prepared:
    """Return the rows of a submission: encrypted, hashed, ready to be inserted."""
    return Prepared(
        new=new,
        receipt=prepare_receipt(
            keys,
            NewReceipt(
                subject=f"campaign:{new.campaign_id}",
                channel=new.channel,
                received_at=new.received_at,
                idempotency_key=new.idempotency_key,
                secret=new.secret,
                sender=new.sender,
                attachments=new.attachments,
            ),
        ),
        submission={
            "campaign_id": new.campaign_id,
            "channel": new.channel,
            "received_at": new.received_at,
            "arrived_on": new.arrived_on,
            "postmark_on": new.postmark_on,
            "late": new.late,
            "anonymous": new.anonymous,
            "out_of_scope": False,
            "rerouted_to": "",
            "flag_note": new.flag_note,
            "eligibility_id": new.eligibility_id,
            "person_key": None if new.anonymous else person_key(keys, new.campaign_id, new.sender),
            "network_key": new.network_key,
            "typed_by": new.typed_by,
            "import_id": new.import_id,
        },
        opinions=[
            {
                "campaign_id": new.campaign_id,
                "number": number,
                "place": opinion.place,
                "passage_id": opinion.passage_id,
                "text": opinion.text,
                "reason": opinion.reason,
                "text_key": text_key(opinion.text),
                "split": False,
                "out_of_scope": False,
                "assigned_to": "",
            }
            for number, opinion in enumerate(new.opinions, start=1)
        ],
    )


def store_submissions(
    session: Session,
    submissions: Sequence[NewSubmission],
    *,
    actor: Actor,
    now: datetime,
    audit: bool = True,
) -> list[StoredSubmission]:
    """Store submissions with receipts, senders, files, opinions and audit events.

    A few statements for any number. The same idempotency key twice, now or ever, is one
    submission.

    Args:
        session: the session of the act.
        submissions: what came in; rules (deadline, required fields) were decided before.
        actor: who takes them in.
        now: when they are stored; each has its own ``received_at``.
        audit: one audit event for each; an import records one for all of its own.

    Returns:
        One for each, in their order.

    """
    keys = keyring(session)
    return store_prepared(
        session, [prepare(keys, new) for new in submissions], actor=actor, now=now, audit=audit
    )


def store_prepared(
    session: Session,
    prepared: Sequence[Prepared],
    *,
    actor: Actor,
    now: datetime,
    audit: bool = True,
    departments: Mapping[int, int] | None = None,
) -> list[StoredSubmission]:
    """Store what ``prepare`` made; as ``store_submissions``.

    Args:
        session: the session of the act.
        prepared: the rows.
        actor: who takes them in.
        now: when they are stored.
        audit: one audit event for each.
        departments: of the campaigns, where the caller knows them.

    """
    receipts = store_receipts(session, [one.receipt for one in prepared])
    fresh = [
        (receipt.id, one)
        for receipt, one in zip(receipts, prepared, strict=True)
        if not receipt.again
    ]
    ids = _insert(session, fresh)
    if audit and fresh:
        if departments is None:
            departments = _departments(session, fresh)
        _record(session, ids, fresh, departments, actor=actor, now=now)
    ids |= _ids_of(session, [receipt.id for receipt in receipts if receipt.id not in ids])
    return [
        StoredSubmission(ids[receipt.id], receipt.id, receipt.number, receipt.again)
        for receipt in receipts
    ]


def person_key(keys: Keyring, campaign_id: int, sender: Mapping[str, str]) -> str | None:
    """Return a value that is equal for equal senders of one campaign; None without a name."""
    name = sender.get("name") or sender.get("organisation") or sender.get("representative") or ""
    return key_of(keys, campaign_id, name, sender.get("address", "")) if name.strip() else None


def key_of(keys: Keyring, campaign_id: int, name: str, address: str) -> str:
    """Return what ``person_key`` does of a name (an organisation's where there is no other).

    Name and address are compared without width, blanks and case.
    """
    # Both in one pass: NUL is in no text, and folding leaves it where it stands.
    text = comparable(f"{name}\0{address}").replace("\0", "\n").lower()
    return keys.blind_index(text, f"campaign.{campaign_id}.person")


def _insert(session: Session, fresh: list[tuple[int, Prepared]]) -> dict[int, int]:
    """Insert submissions with their opinions; return submission ids by receipt id."""
    if not fresh:
        return {}
    connection = session.connection()
    rows = [{**one.submission, "receipt_id": receipt_id} for receipt_id, one in fresh]
    ids: dict[int, int] = dict(insert_many(connection, _SUBMISSIONS, rows).all())
    opinions = [
        {**row, "submission_id": ids[receipt_id]}
        for receipt_id, one in fresh
        for row in one.opinions
    ]
    if opinions:
        insert_many(connection, _OPINIONS, opinions)
    return ids


def _departments(session: Session, fresh: list[tuple[int, Prepared]]) -> dict[int, int]:
    rows = session.execute(
        select(Campaign.id, Campaign.department_id).where(
            Campaign.id.in_({one.new.campaign_id for _receipt_id, one in fresh})
        )
    )
    return dict(rows.all())


def _record(
    session: Session,
    ids: dict[int, int],
    fresh: list[tuple[int, Prepared]],
    departments: Mapping[int, int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record_many(
        session,
        [
            Event(
                action="campaigns.submission.received"
                if one.new.channel is Channel.WEB
                else "campaigns.submission.entered",
                actor=actor,
                now=now,
                subject=f"submission:{ids[receipt_id]}",
                after={
                    "number": one.number,
                    "channel": one.new.channel,
                    "opinions": len(one.opinions),
                    "late": one.submission["late"],
                },
                department_id=departments[one.new.campaign_id],
            )
            for receipt_id, one in fresh
        ],
    )


def _ids_of(session: Session, receipt_ids: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(receipt_ids), _IDS_A_QUERY):
        rows = session.execute(
            select(Submission.receipt_id, Submission.id).where(
                Submission.receipt_id.in_(receipt_ids[start : start + _IDS_A_QUERY])
            )
        )
        found.update(rows.all())
    return found
