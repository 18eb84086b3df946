"""Staff pages of a workshop's days: the list with its seats, adding, changing, taking away."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.city import queries as city
from participation.core import clock
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import gate
from participation.web.acts import press
from participation.web.forms import VersionForm
from participation.workshops.forms.days import DayForm, NewDayForm
from participation.workshops.labels import METHOD_LABELS, SEAT_LABELS
from participation.workshops.models import SignUp, WorkshopState
from participation.workshops.queries.pool_counts import counts_of
from participation.workshops.queries.workshops import get_day, pools_of
from participation.workshops.recurrence import days_of
from participation.workshops.services import days as services
from participation.workshops.services.closed_days import closed_on
from participation.workshops.views import pages
from participation.workshops.views.acting import form_page
from participation.workshops.views.blueprints import staff
from participation.workshops.views.speech import ages, deadline, hours

_EDITABLE = frozenset({WorkshopState.PREPARING, WorkshopState.ANNOUNCED})
_SEATS_EDITABLE = _EDITABLE | {WorkshopState.POSTPONED}


@staff.get("/<int:workshop_id>/days")
@gate.requires(Permission.WORKSHOP_READ)
def days(workshop_id: int) -> ResponseReturnValue:
    """List the days, each with its seats."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    session, now = db.session(), clock.now()
    pools = pools_of(session, found.id)
    writes = reaches(actor, Permission.WORKSHOP_WRITE, found.department_id)
    decides = reaches(actor, Permission.WORKSHOP_APPROVE, found.department_id)
    return pages.page(
        "workshops/staff/days.html",
        found,
        actor,
        tab="days",
        whole=[pool for pool in pools if pool.day_id is None],
        by_day={day.id: [pool for pool in pools if pool.day_id == day.id] for day in found.days},
        counts=counts_of(session, found.id),
        seat_labels=SEAT_LABELS,
        method_labels=METHOD_LABELS,
        hours=hours,
        deadline=deadline,
        age_words=ages,
        now=now,
        needs_seats=found.sign_up is not SignUp.NONE,
        may_edit_days=writes and found.state in _EDITABLE,
        may_edit_seats=writes and found.state in _SEATS_EDITABLE,
        may_remove=writes and found.state is WorkshopState.PREPARING,
        may_cancel=decides and found.state in {WorkshopState.ANNOUNCED, WorkshopState.POSTPONED},
    )


@staff.route("/<int:workshop_id>/days/new", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def add_day(workshop_id: int) -> ResponseReturnValue:
    """Add a day, or several by a rule."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, now = db.session(), clock.now()
    places = city.places(session, active_only=True)
    form = NewDayForm()
    form.offer(places)
    if request.method == "GET" and found.days:
        # The next meeting is most often like the last one.
        form.show(services.terms_of(session, found.days[-1]))
        form.day.data, form.heading.data, form.note.data = None, "", ""

    def act() -> str:
        recurrence = form.recurrence()
        on = [form.day.data]
        if recurrence is not None:
            skips = closed_on(session, recurrence.first)
            wanted = bool(form.skips_closed.data)
            on = list(days_of(recurrence, skips=skips if wanted else lambda _day: False))
        added = services.add_days(
            session,
            found,
            [form.terms(places, day) for day in on],
            notice=form.notice.data or "",
            version=form.version_seen(),
            actor=actor,
            now=now,
        )
        return str(_("日程を%(count)s件追加しました。", count=len(added)))

    return form_page(
        "day.html", found, actor, form, act, tab="days", may=found.state in _EDITABLE, day=None
    )


@staff.route("/<int:workshop_id>/days/<int:day_id>/edit", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def edit_day(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Change a day."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, now = db.session(), clock.now()
    day = get_day(session, found, day_id)
    places = city.places(session, active_only=True)
    form = DayForm()
    form.offer(places)
    if request.method == "GET":
        form.show(services.terms_of(session, day))

    def act() -> str:
        changed = services.change_day(
            session,
            found,
            day,
            form.terms(places),
            notice=form.notice.data or "",
            version=form.version_seen(),
            actor=actor,
            now=now,
        )
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    may = found.state in _EDITABLE and not day.stop_reason
    return form_page("day.html", found, actor, form, act, tab="days", may=may, day=day)


@staff.post("/<int:workshop_id>/days/<int:day_id>/remove")
@gate.requires(Permission.WORKSHOP_WRITE)
def remove_day(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Take away a day that nobody has seen yet."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session = db.session()
    day = get_day(session, found, day_id)
    form = VersionForm()

    def act() -> str:
        services.remove_day(
            session, found, day, version=form.version_seen(), actor=actor, now=clock.now()
        )
        return str(_("日程を消しました。"))

    return press(act, back=url_for(".days", workshop_id=workshop_id))
