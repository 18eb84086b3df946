"""Putting the submissions of a file into the tables: a hundred thousand in a few seconds.

The rows are those of ``intake.store_submissions`` (a test compares them); only the way is another,
since that one makes a statement's worth of work for each row.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from json.encoder import encode_basestring
from typing import Any, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from participation.campaigns.models import Opinion, Submission
from participation.campaigns.services.intake import person_key
from participation.campaigns.services.submission_rows import PERSONAL, FileSubmission
from participation.campaigns.texts import text_key
from participation.db.bulk import insert_rows, new_ids, room_for_pages
from participation.privacy.crypto import Keyring, keyring
from participation.submissions.codes import new_numbers
from participation.submissions.models import Channel, Receipt, Sender

_CHUNK = 5_000
_HASH_BYTES = 32
_UUID_BYTES = 16
# ``"name": `` for each field, so that a sender's JSON is put together without an encoder.
_AS_JSON = {key: f"{encode_basestring(key)}: " for key in PERSONAL}

_RECEIPT_COLUMNS = ("id", "number", "secret_hash", "idempotency_key", "channel")
_SENDER_COLUMNS = ("id", "receipt_id", "contents")
_SUBMISSION_COLUMNS = (
    "id",
    "receipt_id",
    "channel",
    "arrived_on",
    "postmark_on",
    "late",
    "anonymous",
    "eligibility_id",
    "person_key",
)
_OPINION_COLUMNS = ("submission_id", "number", "place", "text", "reason", "text_key")


class Ready(NamedTuple):
    """A submission with what its campaign's rules say about it."""

    one: FileSubmission
    late: bool
    key: str  # what the receipt keeps, so that the same line of the same file is known again


def insert_submissions(
    session: Session,
    campaign_id: int,
    import_id: int,
    submissions: Sequence[Ready],
    *,
    now: datetime,
) -> None:
    """Insert submissions that are known to be new, with receipts, senders and opinions.

    Args:
        session: the session of the act; on SQLite it holds the write lock.
        campaign_id: whose they are.
        import_id: of which import.
        submissions: in the order of the file.
        now: when they are taken in.

    """
    keys = keyring(session)
    # In order, as the lines' keys are: an index grows at its end several times faster.
    numbers = sorted(new_numbers(len(submissions)))
    with room_for_pages(session):
        for start in range(0, len(submissions), _CHUNK):
            chunk = submissions[start : start + _CHUNK]
            receipts = new_ids(session, _table(Receipt), len(chunk))
            ids = new_ids(session, _table(Submission), len(chunk))
            some = numbers[start : start + _CHUNK]
            _insert_receipts(session, campaign_id, chunk, receipts, some, now=now)
            _insert_senders(session, keys, chunk, receipts)
            insert_rows(
                session,
                _table(Submission),
                _SUBMISSION_COLUMNS,
                _submission_rows(keys, campaign_id, chunk, receipts, ids),
                constants={
                    "campaign_id": campaign_id,
                    "received_at": now,
                    "out_of_scope": False,
                    "rerouted_to": "",
                    "flag_note": "",
                    "import_id": import_id,
                },
            )
            insert_rows(
                session,
                _table(Opinion),
                _OPINION_COLUMNS,
                (
                    (
                        row_id,
                        number,
                        opinion.place,
                        opinion.text,
                        opinion.reason,
                        text_key(opinion.text),
                    )
                    for row_id, ready in zip(ids, chunk, strict=True)
                    for number, opinion in enumerate(ready.one.opinions, start=1)
                ),
                constants={
                    "campaign_id": campaign_id,
                    "split": False,
                    "out_of_scope": False,
                    "assigned_to": "",
                },
            )


def _insert_receipts(
    session: Session,
    campaign_id: int,
    chunk: Sequence[Ready],
    receipts: Sequence[int],
    numbers: Sequence[str],
    *,
    now: datetime,
) -> None:
    rows = (
        (
            receipt_id,
            number,
            # From another site's form. The table asks for the hash of a secret: one of none.
            secrets.token_hex(_HASH_BYTES) if ready.one.channel is Channel.WEB else None,
            ready.key,
            ready.one.channel.value,
        )
        for receipt_id, number, ready in zip(receipts, numbers, chunk, strict=True)
    )
    insert_rows(
        session,
        _table(Receipt),
        _RECEIPT_COLUMNS,
        rows,
        constants={"subject": f"campaign:{campaign_id}", "received_at": now},
    )


def _insert_senders(
    session: Session, keys: Keyring, chunk: Sequence[Ready], receipts: Sequence[int]
) -> None:
    named = [
        (receipt_id, ready.one.sender)
        for receipt_id, ready in zip(receipts, chunk, strict=True)
        if ready.one.sender
    ]
    # One random beginning and counting on: unique as any, and the index grows at its end.
    start = secrets.token_hex(_UUID_BYTES - 4)
    dashed = f"{start[:8]}-{start[8:12]}-{start[12:16]}-{start[16:20]}-{start[20:]}"
    ends = [f"{count:08x}" for count in range(len(named))]
    contents = keys.encrypt_many(
        ((dashed + end, _json(sender)) for end, (_id, sender) in zip(ends, named, strict=True)),
        table=Sender.__tablename__,
        column="contents",
    )
    rows = (
        (start + end, receipt_id, sealed)
        for end, (receipt_id, _sender), sealed in zip(ends, named, contents, strict=True)
    )
    insert_rows(session, _table(Sender), _SENDER_COLUMNS, rows, constants={})


def _submission_rows(
    keys: Keyring,
    campaign_id: int,
    chunk: Sequence[Ready],
    receipts: Sequence[int],
    ids: Sequence[int],
) -> Iterable[tuple[Any, ...]]:
    days = _Days()
    for row_id, receipt_id, ready in zip(ids, receipts, chunk, strict=True):
        one = ready.one
        anonymous = one.anonymous
        yield (
            row_id,
            receipt_id,
            one.channel.value,
            days[one.arrived_on],
            None if one.postmark_on is None else days[one.postmark_on],
            int(ready.late),
            int(anonymous),
            one.eligibility_id,
            None if anonymous else person_key(keys, campaign_id, one.sender),
        )


def _json(sender: Mapping[str, str]) -> str:
    """Return what ``json.dumps(sender, ensure_ascii=False)`` would."""
    inner = ", ".join([_AS_JSON[key] + encode_basestring(value) for key, value in sender.items()])
    return f"{{{inner}}}"


class _Days(dict[date, str]):
    """Days as ISO text; there are few different ones in a file."""

    def __missing__(self, day: date) -> str:
        text = self[day] = day.isoformat()
        return text


def _table(model: type[Any]) -> Table:
    return cast("Table", model.__table__)
