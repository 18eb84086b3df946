"""Areas of interest (防災, 子育て …): the city's list, and what public things are about."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from participation import audit
from participation.city.models import City, SubjectArea
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input

KEY = "areas"
MAX_AREAS = 60
MAX_AREA = 60
DEFAULT_AREAS: Final = (
    "市政・まちづくり",
    "防災・防犯",
    "子育て・教育",
    "健康・福祉",
    "環境・ごみ",
    "道路・公園・都市計画",
    "産業・観光・農業",
    "文化・スポーツ",
    "市民協働・人権・多文化共生",
)


def areas(stored: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the city's areas of interest from ``City.lists``, in its own order."""
    return tuple(map(str, stored.get(KEY) or DEFAULT_AREAS))


def check_areas(lines: Any, *, field: str = "areas") -> list[str]:
    """Return the areas, trimmed.

    Raises:
        InvalidInput: one is no text, empty, too long or doubled, or there are too many.

    """
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InvalidInput("関心のある分野は文字列の一覧にしてください。", field=field)
    found = [clean_input(line).strip() for line in lines]
    if len(found) > MAX_AREAS:
        raise InvalidInput(f"{MAX_AREAS}行以内にしてください。", field=field)
    if not all(found) or max(map(len, found), default=0) > MAX_AREA:
        raise InvalidInput(f"1行は1文字以上{MAX_AREA}文字以内にしてください。", field=field)
    if len(set(found)) < len(found):
        raise InvalidInput("同じ行が2つあります。", field=field)
    return found


def areas_of(session: Session, references: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the areas of each thing that has some, in order of their names; one query."""
    if not references:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    rows = session.execute(
        select(SubjectArea.reference, SubjectArea.area)
        .where(SubjectArea.reference.in_(sorted(references)))
        .order_by(SubjectArea.reference, SubjectArea.area)
    )
    for reference, area in rows:
        found[reference] = (*found.get(reference, ()), area)
    return found


def set_areas(
    session: Session,
    reference: str,
    chosen: Collection[str],
    *,
    department_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> bool:
    """Say what a thing is about; return whether anything differs.

    Args:
        session: the session of the act.
        reference: the thing, ``workshop:12``.
        chosen: its areas, of the city's list; what it had before may stay although the list lost
            it.
        department_id: whose thing it is, for the audit log.
        actor: who says so.
        now: when.

    Raises:
        InvalidInput: an area that the city does not have.

    """
    before = areas_of(session, [reference]).get(reference, ())
    city = session.get(City, 1)
    unknown = set(chosen) - set(areas(city.lists if city is not None else {})) - set(before)
    if unknown:
        raise InvalidInput(
            f"「{'、'.join(sorted(unknown))}」という分野はありません。画面を開き直してください。",
            field="areas",
        )
    after = tuple(sorted(set(chosen)))
    if sorted(before) == list(after):
        return False
    session.execute(delete(SubjectArea).where(SubjectArea.reference == reference))
    session.add_all(SubjectArea(reference=reference, area=area) for area in after)
    session.flush()
    audit.record(
        session,
        "city.area.set",
        actor=actor,
        now=now,
        subject=reference,
        department_id=department_id,
        before={"areas": list(before)},
        after={"areas": list(after)},
    )
    return True


def about(reference: ColumnElement[str], area: str) -> ColumnElement[bool]:
    """Return the condition that the thing of ``reference`` is about ``area``."""
    return exists().where(SubjectArea.reference == reference, SubjectArea.area == area)
