"""Reading a file of submissions for one campaign: what its rows say, and whether it came before."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign
from participation.campaigns.services.desk import late_at_desk
from participation.campaigns.services.submission_rows import FileSubmission, Findings, read_rows
from participation.campaigns.services.submission_storing import Ready
from participation.core import clock
from participation.sheets.checking import Memo
from participation.sheets.read import read_table
from participation.sheets.table import BadRow
from participation.submissions.models import Channel, Receipt

_Circumstances = tuple[Channel, date, date | None]  # channel, day of arrival, postmark


@dataclass(frozen=True)
class Reading:
    """A file as read."""

    findings: Findings
    sha256: str
    notes: tuple[str, ...]


def read_file(data: bytes, campaign: Campaign, *, filename: str, now: datetime) -> Reading:
    """Read a file and check each row; needs the campaign's own lists and no more of the database.

    Raises:
        InvalidInput: the file as a whole cannot be read.

    """
    bad_rows: list[BadRow] = []
    table = read_table(data, filename=filename, on_bad_row=bad_rows.append)
    findings = read_rows(
        table,
        bad_rows,
        today=clock.local_date(now),
        eligibilities={one.label: one.id for one in campaign.eligibilities},
    )
    return Reading(findings, hashlib.sha256(data).hexdigest(), table.notes)


def is_stored_already(session: Session, campaign: Campaign, reading: Reading) -> bool:
    """Whether this very file was stored for this campaign before.

    It was stored as a whole, so the first submission tells of all.
    """
    found = session.scalar(
        select(Receipt.id).where(Receipt.idempotency_key == _key(campaign, reading))
    )
    return found is not None


def made_ready(
    campaign: Campaign, reading: Reading, *, import_id: int, now: datetime
) -> list[Ready]:
    """Return the submissions with what the campaign's rules say, and a key for each.

    The first has the key by which the file is known again; the others only need one that nobody
    else has, and short ones in order take the least room in the table's index.
    """
    late = Memo[_Circumstances, bool](
        lambda one: late_at_desk(campaign, one[0], arrived_on=one[1], postmark_on=one[2], now=now)
    )
    ready = [
        Ready(one, late[_circumstances(one)], f"import:{import_id}:{one.line:09}")
        for one in reading.findings.submissions
    ]
    ready[:1] = [one._replace(key=_key(campaign, reading)) for one in ready[:1]]
    return ready


def _circumstances(one: FileSubmission) -> _Circumstances:
    return one.channel, one.arrived_on, one.postmark_on


def _key(campaign: Campaign, reading: Reading) -> str:
    """Return what the same file for the same campaign has again, as a receipt keeps it."""
    return hashlib.sha256(f"import:{campaign.id}:{reading.sha256}".encode()).hexdigest()
