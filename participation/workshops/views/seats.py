"""Staff pages of a workshop's seats: adding pools, changing one, taking one away."""

from datetime import date, timedelta

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.core import clock
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.acts import press
from participation.web.forms import VersionForm
from participation.workshops.forms.days import WHOLE, NewSeatsForm, SeatsForm
from participation.workshops.labels import SEAT_LABELS
from participation.workshops.models import (
    SeatKind,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.queries.workshops import get_pool
from participation.workshops.services import pools as services
from participation.workshops.services.freezing import has_registrations
from participation.workshops.services.pools import PoolTerms
from participation.workshops.views import pages
from participation.workshops.views.acting import form_page
from participation.workshops.views.blueprints import staff
from participation.workshops.views.speech import hours

_EDITABLE = frozenset({WorkshopState.PREPARING, WorkshopState.ANNOUNCED, WorkshopState.POSTPONED})


@staff.route("/<int:workshop_id>/seats/new", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def add_seats(workshop_id: int) -> ResponseReturnValue:
    """Add seats of one kind, for the whole event or for days."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, now = db.session(), clock.now()
    form = NewSeatsForm()
    standing = [day for day in found.days if not day.stop_reason]
    form.days.choices = [
        SelectChoice(WHOLE, _("全日程")),
        *(SelectChoice(str(day.id), hours(day)) for day in standing),
    ]
    if request.method == "GET":
        form.opens_on.data = clock.local_date(now)
        form.days.data = (
            [str(day.id) for day in standing] if found.sign_up is SignUp.EACH_DAY else [WHOLE]
        )

    def act() -> str:
        known: dict[int | None, WorkshopDay | None] = {day.id: day for day in standing}
        known[None] = None
        chosen = [known[one] for one in form.chosen() if one in known]
        made = services.add_pools(
            session,
            found,
            SeatKind(form.kind.data),
            [(day, _terms(form, found, day)) for day in chosen],
            version=form.version_seen(),
            actor=actor,
            now=now,
        )
        return str(_("定員を%(count)s件追加しました。", count=len(made)))

    may = found.state in _EDITABLE and found.sign_up is not SignUp.NONE
    return form_page(
        "seats.html", found, actor, form, act, tab="days", may=may, pool=None, frozen=False
    )


@staff.route("/<int:workshop_id>/seats/<int:pool_id>/edit", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def edit_seats(workshop_id: int, pool_id: int) -> ResponseReturnValue:
    """Change the seats of a pool."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, now = db.session(), clock.now()
    pool = get_pool(session, found, pool_id)
    form = SeatsForm()
    frozen = has_registrations(session, pool.id)
    if request.method == "GET":
        form.show(pool)

    def act() -> str:
        changed = services.change_pool(
            session,
            found,
            pool,
            form.terms(),
            version=form.version_seen(),
            actor=actor,
            now=now,
        )
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    return form_page(
        "seats.html",
        found,
        actor,
        form,
        act,
        tab="days",
        may=found.state in _EDITABLE,
        pool=pool,
        frozen=frozen,
        is_childcare=pool.kind is SeatKind.CHILDCARE,
        seat_label=SEAT_LABELS[pool.kind],
        day=next((hours(day) for day in found.days if day.id == pool.day_id), ""),
    )


@staff.post("/<int:workshop_id>/seats/<int:pool_id>/remove")
@gate.requires(Permission.WORKSHOP_WRITE)
def remove_seats(workshop_id: int, pool_id: int) -> ResponseReturnValue:
    """Take away seats that nobody ever registered for."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session = db.session()
    pool = get_pool(session, found, pool_id)
    form = VersionForm()

    def act() -> str:
        services.remove_pool(
            session, found, pool, version=form.version_seen(), actor=actor, now=clock.now()
        )
        return str(_("定員を消しました。"))

    return press(act, back=url_for(".days", workshop_id=workshop_id))


def _terms(form: NewSeatsForm, found: Workshop, day: WorkshopDay | None) -> PoolTerms:
    """Return the typed terms, the deadline counted back from the day where it is asked for."""
    before = form.days_before.data
    if before is None:
        return form.terms()
    if form.closes_on.data is not None:
        raise InvalidInput(
            "「締切の日」か「何日前」のどちらか一方を入力してください。", field="days_before"
        )
    first = _first_day(found, day)
    return form.terms(first - timedelta(days=before))


def _first_day(found: Workshop, day: WorkshopDay | None) -> date:
    if day is not None:
        return clock.local_date(day.starts_at)
    if found.first_day is None:
        raise InvalidInput("先に日程を追加してください。", field="days_before")
    return found.first_day
