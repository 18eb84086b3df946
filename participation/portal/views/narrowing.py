"""What a reader narrows the calendar to: department, kind and area, kept in every link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, request
from sqlalchemy.orm import Session

from participation.city.queries import areas
from participation.core.occasions import OccasionFilter, OccasionSource
from participation.departments.models import Department
from participation.departments.queries import all_departments
from participation.news.topics import ALL
from participation.web.row_numbers import row_number

ARGUMENTS = ("department", "kind", "area")


@dataclass(frozen=True)
class KindGroup:
    """A source with its kinds, as (value, label); the first is the source itself."""

    label: str
    kinds: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Narrowing:
    """What was asked for, and what one can ask for."""

    wanted: OccasionFilter
    departments: Sequence[tuple[int, str]]
    groups: Sequence[KindGroup]
    areas: Sequence[str]
    everyone: Mapping[int, Department]

    @property
    def arguments(self) -> dict[str, Any]:
        """The filter as arguments of an address."""
        values = {
            "department": str(self.wanted.department_id or ""),
            "kind": self.wanted.kind or "",
            "area": self.wanted.area or "",
        }
        return {name: value for name, value in values.items() if value}

    @property
    def topics(self) -> list[str]:
        """The filter as topics that one can follow; everything where it narrows nothing."""
        return [f"{name}:{value}" for name, value in self.arguments.items()] or [ALL]

    @property
    def words(self) -> list[str]:
        """The filter in words: the department, the kind, the area."""
        department = dict(self.departments).get(self.wanted.department_id or 0, "")
        kind = next(
            (
                label
                for group in self.groups
                for value, label in group.kinds
                if value == self.wanted.kind
            ),
            "",
        )
        return [word for word in (department, kind, self.wanted.area or "") if word]

    def department_name(self, department_id: int | None, day: date) -> str:
        """Return what a department was called on ``day``; empty for the whole city."""
        if department_id is None:
            return ""
        return self.everyone[department_id].name_on(day)


def sources() -> tuple[OccasionSource, ...]:
    """Return what the features tell the front door."""
    found: tuple[OccasionSource, ...] = current_app.extensions["occasion_sources"]
    return found


def narrowing(session: Session, today: date) -> Narrowing:
    """Read the filter of this request; what there is not narrows nothing."""
    found = [source.kinds(session) for source in sources()]
    groups = [KindGroup(kinds[0][1], kinds) for kinds in found if kinds]
    known_kinds = {value for group in groups for value, _ in group.kinds}
    everyone = {one.id: one for one in all_departments(session)}
    known_areas = areas(session)
    kind, area = request.args.get("kind"), request.args.get("area")
    department_id = row_number(request.args.get("department"))
    department_id = department_id if department_id in everyone else None
    return Narrowing(
        OccasionFilter(
            department_id=department_id,
            kind=kind if kind in known_kinds else None,
            area=area if area in known_areas else None,
        ),
        [
            (one.id, one.name_on(today))
            for one in everyone.values()
            if one.exists_on(today) or one.id == department_id
        ],
        groups,
        known_areas,
        everyone,
    )
