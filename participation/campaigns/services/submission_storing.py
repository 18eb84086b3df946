"""Putting the submissions of a file into the tables: a hundred thousand in a few seconds.

The rows are those of ``intake.store_submissions`` (a test compares them); only the way is another,
since that one makes a statement's worth of work for each row.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from json.encoder import encode_basestring
from typing import Any, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, Opinion, Submission
from participation.campaigns.services.desk import late_at_desk
from participation.campaigns.services.intake import key_of
from participation.campaigns.services.submission_rows import (
    PERSONAL,
    Circumstances,
    FileSubmission,
)
from participation.campaigns.texts import text_key
from participation.db.bulk import insert_rows, new_ids, room_for_pages
from participation.privacy.crypto import Keyring, keyring
from participation.sheets.checking import Memo
from participation.submissions.codes import new_numbers
from participation.submissions.models import Channel, Receipt, Sender

_CHUNK = 20_000
_HASH_BYTES = 32
_WEB = Channel.WEB.value
_UUID_BYTES = 16
# ``"name": `` for each field, so that a sender's JSON is put together without an encoder.
_AS_JSON = tuple(f"{encode_basestring(key)}: " for key in PERSONAL)
_ADDRESS = PERSONAL.index("address")

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


class _Sent(NamedTuple):
    """Circumstances as the tables have them."""

    channel: str
    arrived_on: str
    postmark_on: str | None
    late: int
    eligibility_id: int | None


def insert_submissions(
    session: Session,
    campaign: Campaign,
    import_id: int,
    submissions: Sequence[FileSubmission],
    *,
    first_key: str,
    now: datetime,
) -> None:
    """Insert submissions that are known to be new, with receipts, senders and opinions.

    Args:
        session: the session of the act; on SQLite it holds the write lock.
        campaign: whose they are; its rules say which are late.
        import_id: of which import.
        submissions: in the order of the file.
        first_key: what the first receipt keeps, so that the file is known again. The others only
            need one that nobody else has, and short ones in order take the least room.
        now: when they are taken in.

    """
    keys = keyring(session)
    sent = Memo[Circumstances, _Sent](partial(_as_stored, campaign, now))
    # In order, as the lines' keys are: an index grows at its end several times faster.
    numbers = sorted(new_numbers(len(submissions)))
    with room_for_pages(session):
        for start in range(0, len(submissions), _CHUNK):
            chunk = submissions[start : start + _CHUNK]
            receipts = new_ids(session, _table(Receipt), len(chunk))
            ids = new_ids(session, _table(Submission), len(chunk))
            channels = [sent[one.sent].channel for one in chunk]
            line_keys = [f"import:{import_id}:{one.line:09}" for one in chunk]
            if start == 0:
                line_keys[:1] = [first_key]
            insert_rows(
                session,
                _table(Receipt),
                _RECEIPT_COLUMNS,
                (
                    (receipt_id, number, _no_secret(channel), key, channel)
                    for receipt_id, number, key, channel in zip(
                        receipts, numbers[start : start + _CHUNK], line_keys, channels, strict=True
                    )
                ),
                constants={"subject": f"campaign:{campaign.id}", "received_at": now},
            )
            _insert_senders(session, keys, chunk, receipts)
            insert_rows(
                session,
                _table(Submission),
                _SUBMISSION_COLUMNS,
                _submission_rows(keys, campaign.id, sent, zip(ids, receipts, chunk, strict=True)),
                constants={
                    "campaign_id": campaign.id,
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
                    (row_id, number, said.place, said.text, said.reason, text_key(said.text))
                    for row_id, one in zip(ids, chunk, strict=True)
                    for number, said in enumerate(one.opinions, start=1)
                ),
                constants={
                    "campaign_id": campaign.id,
                    "split": False,
                    "out_of_scope": False,
                    "assigned_to": "",
                },
            )


def _as_stored(campaign: Campaign, now: datetime, sent: Circumstances) -> _Sent:
    late = late_at_desk(
        campaign,
        sent.channel,
        arrived_on=sent.arrived_on,
        postmark_on=sent.postmark_on,
        now=now,
    )
    return _Sent(
        sent.channel.value,
        sent.arrived_on.isoformat(),
        sent.postmark_on.isoformat() if sent.postmark_on else None,
        int(late),
        sent.eligibility_id,
    )


def _no_secret(channel: str) -> str | None:
    """Return the hash of a secret of none, which the table asks for what another site's form took.

    Nobody can open the receipt with it.
    """
    return secrets.token_hex(_HASH_BYTES) if channel == _WEB else None


def _insert_senders(
    session: Session, keys: Keyring, chunk: Sequence[FileSubmission], receipts: Sequence[int]
) -> None:
    named = [
        (receipt_id, one.people)
        for receipt_id, one in zip(receipts, chunk, strict=True)
        if any(one.people)
    ]
    # One random beginning and counting on: unique as any, and the index grows at its end.
    start = secrets.token_hex(_UUID_BYTES - 4)
    dashed = f"{start[:8]}-{start[8:12]}-{start[12:16]}-{start[16:20]}-{start[20:]}"
    ends = [f"{count:08x}" for count in range(len(named))]
    contents = keys.encrypt_many(
        ((dashed + end, _json(people)) for end, (_id, people) in zip(ends, named, strict=True)),
        table=Sender.__tablename__,
        column="contents",
    )
    rows = (
        (start + end, receipt_id, sealed)
        for end, (receipt_id, _people), sealed in zip(ends, named, contents, strict=True)
    )
    insert_rows(session, _table(Sender), _SENDER_COLUMNS, rows, constants={})


def _submission_rows(
    keys: Keyring,
    campaign_id: int,
    sent: Mapping[Circumstances, _Sent],
    numbered: Iterable[tuple[int, int, FileSubmission]],
) -> Iterator[tuple[Any, ...]]:
    for row_id, receipt_id, one in numbered:
        name = one.name
        channel, arrived_on, postmark_on, late, eligibility_id = sent[one.sent]
        yield (
            row_id,
            receipt_id,
            channel,
            arrived_on,
            postmark_on,
            late,
            int(not name),
            eligibility_id,
            key_of(keys, campaign_id, name, one.people[_ADDRESS]) if name else None,
        )


def _json(people: Sequence[str]) -> str:
    """Return what ``json.dumps`` with ``ensure_ascii=False`` would, of what somebody said."""
    said = [
        start + encode_basestring(value)
        for start, value in zip(_AS_JSON, people, strict=True)
        if value
    ]
    return f"{{{', '.join(said)}}}"


def _table(model: type[Any]) -> Table:
    return cast("Table", model.__table__)
