"""Everything that the page of one workshop shows to residents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.city.areas import areas_of
from participation.city.workshop_kinds import Field
from participation.core import clock
from participation.core.deadlines import days_inclusive
from participation.core.markdown import to_markup
from participation.core.occasions import OccasionState
from participation.departments.queries import get_department
from participation.mail.links import site_url
from participation.workshops.labels import METHOD_LABELS, NOTICE_LABELS, SEAT_LABELS
from participation.workshops.models import SeatMethod, SeatPool, SignUp, Workshop
from participation.workshops.queries.draws import lotteries_of
from participation.workshops.queries.form_offers import (
    ROOM_LABELS,
    FormOffer,
    OfferedPool,
    Room,
    form_offer,
)
from participation.workshops.queries.occasions import one as found_one
from participation.workshops.queries.outcomes import published_outcome
from participation.workshops.queries.questionnaires import find_questionnaire
from participation.workshops.views.occasions import NAME, standing
from participation.workshops.views.poster import poster_url
from participation.workshops.views.register_pages import day_title
from participation.workshops.views.related import public_thing
from participation.workshops.views.speech import ages, day_of, deadline, hours, span
from participation.workshops.views.structured import event_data

_INSTANT = timedelta(microseconds=1)
_ROOM_TONES = {
    Room.PLENTY: "success",
    Room.FEW: "warning",
    Room.WAITLIST: "warning",
    Room.FULL: "neutral",
    Room.LOTTERY: "info",
    Room.DRAWN: "warning",
}


@dataclass(frozen=True)
class LotteryNote:
    """What residents can check of a draw, before and after it."""

    pool: OfferedPool | None
    commitment: str
    url: str  # of its record; empty before the draw


def event_page(session: Session, workshop_id: int, now: datetime) -> dict[str, Any]:
    """Return what the template of a workshop's page needs.

    Raises:
        NotFound: there is none that residents may see.

    """
    offer = form_offer(session, workshop_id)
    found = found_one(session, workshop_id)[0]
    workshop = found.workshop
    stands = standing(workshop, found.standing or found.days, found.pools, now)
    department = get_department(session, workshop.department_id).name_on(day_of(workshop))
    page_url = url_for("workshops_public.workshop", workshop_id=workshop.id)
    register_url = url_for("workshops_public.register", workshop_id=workshop.id)
    kind = city.kind_of(session, workshop.kind)
    profile = city.get_city(session)
    site = site_url(session)
    takes = stands.state in {OccasionState.OPEN, OccasionState.FULL}
    by_web = workshop.sign_up is not SignUp.NONE
    invited_open = any(
        pool.method is SeatMethod.INVITED and pool.is_open(now) for pool in offer.pools.values()
    )
    questionnaire = find_questionnaire(session, workshop.id)
    return {
        "workshop": workshop,
        "offer": offer,
        "department": department,
        "kind_label": kind.label,
        "areas": areas_of(session, [f"{NAME}:{workshop.id}"]).get(f"{NAME}:{workshop.id}", ()),
        "state": stands.state,
        "State": OccasionState,
        "state_label": stands.label,
        "opens_at": stands.opens_at if stands.state is OccasionState.COMING else None,
        "closes_at": stands.closes_at if takes and by_web else None,
        "days_left": _days_left(stands.closes_at, now) if takes and by_web else None,
        "register_url": register_url if (takes and by_web) or invited_open else "",
        "invited_open": invited_open,
        "needs_no_form": not by_web,
        "span": span(workshop),
        "hours": hours,
        "deadline": deadline,
        "day_title": day_title,
        "age_words": ages,
        "seat_labels": SEAT_LABELS,
        "method_labels": METHOD_LABELS,
        "first_come": SeatMethod.FIRST_COME,
        "room_labels": ROOM_LABELS,
        "room_tones": _ROOM_TONES,
        "seat_state": lambda pool: _seat_state(pool, now),
        "pools": {pool.id: pool for pool in found.pools},
        "description": to_markup(workshop.description),
        "extra": _extra(workshop, kind.fields_on("page")),
        "notice_labels": NOTICE_LABELS,
        "lotteries": _lotteries(session, offer),
        "related": public_thing(session, workshop.related, now) if workshop.related else None,
        "outcome_url": url_for("workshops_public.outcome", workshop_id=workshop.id)
        if published_outcome(session, workshop.id) is not None
        else "",
        "questionnaire_url": url_for("workshops_public.questionnaire", workshop_id=workshop.id)
        if questionnaire is not None and questionnaire.opens_at <= now < questionnaire.closes_at
        else "",
        "calendar_url": url_for("portal.event_ical", source=NAME, number=workshop.id),
        "poster_url": poster_url(session, workshop),
        "topic": f"thing:{NAME}:{workshop.id}",
        "event_data": event_data(
            workshop,
            offer,
            organiser=workshop.organiser or _organiser(profile, department),
            city={
                "name": profile.name if profile is not None else "",
                "prefecture": profile.prefecture if profile is not None else "",
            },
            url=site + page_url,
            register_url=site + register_url if by_web else "",
        ),
    }


def _organiser(profile: Any, department: str) -> str:
    return f"{profile.name} {department}" if profile is not None else department


def _days_left(closes_at: datetime | None, now: datetime) -> int | None:
    if closes_at is None:
        return None
    # The midnight that ends a day belongs to that day.
    last = clock.local_date(closes_at - _INSTANT)
    return days_inclusive(clock.local_date(now), last)


def _seat_state(pool: OfferedPool, now: datetime) -> str:
    if now < pool.opens_at:
        return "before"
    return "open" if now < pool.closes_at else "after"


def _extra(workshop: Workshop, fields: tuple[Field, ...]) -> list[tuple[Field, str]]:
    return [(field, value) for field in fields if (value := str(workshop.extra.get(field.key, "")))]


def _lotteries(session: Session, offer: FormOffer) -> list[LotteryNote]:
    notes = []
    for lottery in lotteries_of(session, offer.id):
        pool: SeatPool = lottery.pool
        notes.append(
            LotteryNote(
                offer.pools.get(pool.id),
                pool.draw_commitment or "",
                url_for("workshops_public.draw", workshop_id=offer.id, draw_id=lottery.draw.id)
                if lottery.draw is not None
                else "",
            )
        )
    return notes
