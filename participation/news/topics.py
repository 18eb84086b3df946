"""What people follow: a topic as it is stored, and which news belong to it.

``all``, ``department:3``, ``kind:workshop``, ``kind:workshop.town_meeting``, ``area:防災`` or
``thing:workshop:12``.
"""

import re
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, or_, true

from participation.city.areas import about
from participation.news.models import NewsItem

ALL = "all"
DEPARTMENT, KIND, AREA, THING = "department", "kind", "area", "thing"
LONGEST = 120
_DEPARTMENT = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)?", re.ASCII)
_THING = re.compile(r"[a-z]+:[1-9][0-9]{0,8}", re.ASCII)
_SHAPES = {DEPARTMENT: _DEPARTMENT, KIND: _KIND, THING: _THING}


def split_topic(topic: str) -> tuple[str, str]:
    """Return what a topic is and its value: ``("thing", "workshop:12")``."""
    name, _, value = topic.partition(":")
    return name, value


def is_topic(topic: str) -> bool:
    """Whether ``topic`` has the shape of one; whether there is such a thing is another matter."""
    if len(topic) > LONGEST:
        return False
    if topic == ALL:
        return True
    name, value = split_topic(topic)
    if name == AREA:
        return bool(value.strip()) and value.isprintable()
    return name in _SHAPES and _SHAPES[name].fullmatch(value) is not None


def of_kind(kind: str) -> ColumnElement[bool]:
    """Return the condition that news are of a kind, or of any kind of a source."""
    return or_(NewsItem.kind == kind, NewsItem.kind.startswith(f"{kind}.", autoescape=True))


def followed(
    topics: Collection[str], successors: Mapping[int, Collection[int]]
) -> ColumnElement[bool]:
    """Return the condition that news belong to any of ``topics``; of none, nothing does.

    Args:
        topics: as they are stored.
        successors: for departments that were reorganised, those that took over their work.

    """
    if ALL in topics:
        return true()
    values: dict[str, list[str]] = {}
    for topic in topics:
        name, value = split_topic(topic)
        values.setdefault(name, []).append(value)
    departments = {int(value) for value in values.get(DEPARTMENT, ())}
    departments.update(*(successors.get(each, ()) for each in sorted(departments)))
    return or_(
        NewsItem.department_id.in_(sorted(departments)),
        NewsItem.reference.in_(sorted(values.get(THING, ()))),
        *(of_kind(kind) for kind in sorted(values.get(KIND, ()))),
        *(about(NewsItem.__table__.c.reference, area) for area in sorted(values.get(AREA, ()))),
    )
