"""What a feature tells the yearly report: the activities that a department can draft from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Activity:
    """One thing that a department did or will do in a fiscal year.

    ``result`` and ``plan`` are sentences without the department, which is printed after them under
    its name of ``day``; the one that does not apply is empty. They only propose: an entry drafted
    from them is read and approved by people (domain.md 5.4).
    """

    ref: str  # campaign:12
    kind: str  # the entries' ``activity_type``: campaign, inspection, workshop_event …
    title: str
    department_id: int
    fiscal_year: int
    day: date
    result: str = ""
    plan: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)


class ActivitySource(Protocol):
    """What a feature implements in its ``reporting.py``."""

    @property
    def method(self) -> str:
        """Name of the method of participation, one a source: ``public_comment``."""

    @property
    def label(self) -> str:
        """The method in Japanese, as people know it: パブリックコメント."""

    def activities(self, session: Session, year: int) -> Sequence[Activity]:
        """Return the activities of fiscal year ``year`` of all departments, by date."""
