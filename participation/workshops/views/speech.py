"""What several pages show of a workshop: its department's name in its time, its days."""

from collections.abc import Iterable
from datetime import date, datetime, time

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.clock import TOKYO
from participation.departments.queries import all_departments
from participation.web.templating import local_datetime_filter, translated, wareki_filter
from participation.workshops.childcare import AgeLimits, age_words
from participation.workshops.labels import SEAT_LABELS
from participation.workshops.models import SeatPool, Workshop
from participation.workshops.wording import Meeting


def day_of(workshop: Workshop) -> date:
    """Return the day whose names of departments a workshop is shown with."""
    return workshop.first_day or workshop.announced_on or clock.local_date(workshop.created_at)


def department_names(session: Session, workshops: Iterable[Workshop]) -> dict[int, str]:
    """Return for each workshop (by id) what its department was called in its time."""
    known = {department.id: department for department in all_departments(session)}
    return {
        workshop.id: known[workshop.department_id].name_on(day_of(workshop))
        for workshop in workshops
    }


def span(workshop: Workshop) -> str:
    """Return the days of a workshop from the first to the last, in words."""
    first, last = workshop.first_day, workshop.last_day
    if first is None or last is None:
        return str(_("日程は未定です"))
    if first == last:
        return wareki_filter(first)
    return str(_("%(first)s～%(last)s", first=wareki_filter(first), last=wareki_filter(last)))


def ages(pool: AgeLimits) -> str:
    """Return whom childcare is for, in the reader's language."""
    return age_words(pool, _)


def hours(day: Meeting) -> str:
    """Return when a day is held: 令和8年11月22日（日）14:00～16:00."""
    first, last = clock.local(day.starts_at), clock.local(day.ends_at)
    end = f"{last:%H:%M}"
    if last.time() == time.min and last.date() > first.date():
        end = "24:00"
    since = local_datetime_filter(day.starts_at)
    return str(_("%(first)s～%(last)s", first=since, last=end))


def pool_titles(workshop: Workshop, pools: Iterable[SeatPool]) -> dict[int, str]:
    """Return what the seats of each pool (by its id) are: the day, or all, and 会場 or 託児."""
    days = {day.id: f"{day.heading} {hours(day)}".strip() for day in workshop.days}
    return {
        pool.id: str(
            _(
                "%(day)s（%(kind)s）",
                day=_("全日程") if pool.day_id is None else days[pool.day_id],
                kind=translated(SEAT_LABELS[pool.kind]),
            )
        )
        for pool in pools
    }


def deadline(moment: datetime) -> str:
    """Return a deadline (exclusive) as people say it: midnight is 24:00 of the day before."""
    local = clock.local(moment)
    if local.time() != time.min:
        return local_datetime_filter(moment)
    eve = datetime.fromordinal(local.date().toordinal() - 1).replace(tzinfo=TOKYO)
    return str(_("%(day)s 24:00", day=wareki_filter(eve.date())))
