"""Loading a whole profile."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from participation.city import queries
from participation.city.profile import DepartmentPart, Profile
from participation.city.services.days_and_places import put_closed_day, save_place
from participation.city.services.profile import plain_city, record_city, store_city, without_empty
from participation.core.actors import Actor
from participation.core.text import same_text
from participation.departments import queries as departments
from participation.departments import services as department_services
from participation.departments.services import PeriodTerms


def load_profile(session: Session, profile: Profile, *, actor: Actor, now: datetime) -> int:
    """Store what ``profile`` says; the same profile again changes nothing.

    What the file names is set; what it leaves out stays, so that loading never undoes what was
    added in the browser. Contact lines are set as a whole.

    Returns:
        How many things changed.

    Raises:
        InvalidInput: two departments of one name on one day, or a period that is stored and
            missing in the file.

    """
    before = plain_city(queries.get_city(session))
    part = profile.city
    store_city(
        session,
        {
            "name": part.name,
            "prefecture": part.prefecture,
            "code": part.code,
            "contact": [{"label": label, "value": value} for label, value in part.contact],
            "rules": {**before.get("rules", {}), **(profile.rules or {})},
            "wording": {**before.get("wording", {}), **without_empty(profile.wording or {})},
            "lists": {**before.get("lists", {}), **(profile.lists or {})},
        },
        now,
    )
    changed = record_city(session, before, actor=actor, now=now)
    for day, label in profile.closed_days or ():
        changed += put_closed_day(session, day, label, actor=actor, now=now)
    for place in profile.places or ():
        changed += _load_place(
            session, place.name, place.address, place.hours, actor=actor, now=now
        )
    return changed + _load_departments(session, profile.departments or (), actor=actor, now=now)


def _load_place(
    session: Session, name: str, address: str, hours: str, *, actor: Actor, now: datetime
) -> int:
    known = queries.places(session)
    place = next((one for one in known if same_text(one.name, name)), None)
    if place is not None and (place.name, place.address, place.hours) == (name, address, hours):
        return 0
    last = max((one.position for one in known), default=0)
    save_place(
        session,
        place,
        name=name,
        address=address,
        hours=hours,
        position=last + 10 if place is None else place.position,
        active=place is None or place.active,
        actor=actor,
        now=now,
    )
    return 1


def _load_departments(
    session: Session, parts: Sequence[DepartmentPart], *, actor: Actor, now: datetime
) -> int:
    changed = 0
    by_code = {}
    for part in parts:
        terms = [
            PeriodTerms(period.name, period.division, period.valid_from, period.valid_to)
            for period in part.periods
        ]
        by_code[part.code], count = department_services.put_department(
            session,
            code=part.code,
            telephone=part.telephone,
            fax=part.fax,
            email=part.email,
            periods=terms,
            actor=actor,
            now=now,
        )
        changed += count
    department_services.check_names_apart(session)
    known = {(s.predecessor_id, s.successor_id) for s in departments.successions(session)}
    for part in parts:
        for code, day in part.successors:
            predecessor, successor = by_code[part.code], by_code[code]
            if (predecessor.id, successor.id) in known:
                continue
            department_services.record_succession(
                session,
                predecessors=[predecessor],
                successors=[successor],
                effective_on=day,
                actor=actor,
                now=now,
            )
            changed += 1
    return changed
