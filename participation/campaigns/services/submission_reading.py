"""Reading a file of submissions for one campaign: what its rows say, and whether it came before."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign
from participation.campaigns.services.submission_rows import Findings, read_rows
from participation.core import clock
from participation.sheets.read import read_table
from participation.sheets.table import BadRow
from participation.submissions.models import Receipt


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
        select(Receipt.id).where(Receipt.idempotency_key == file_key(campaign, reading))
    )
    return found is not None


def file_key(campaign: Campaign, reading: Reading) -> str:
    """Return what the same file for the same campaign has again, as its first receipt keeps it."""
    return hashlib.sha256(f"import:{campaign.id}:{reading.sha256}".encode()).hexdigest()
