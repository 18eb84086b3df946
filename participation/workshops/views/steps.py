"""Staff pages of the steps in a workshop's life: announcing, postponing, cancelling and so on."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.actors import Actor
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.workshops.checks import checks_before_announcing
from participation.workshops.forms.steps import AnnounceForm, NoticeForm, ReasonForm, resume_form
from participation.workshops.models import WorkshopState
from participation.workshops.queries.workshops import get_day
from participation.workshops.services import steps
from participation.workshops.services.state_machine import ANNOUNCE, CANCEL, POSTPONE, RESUME
from participation.workshops.views import pages
from participation.workshops.views.acting import form_page
from participation.workshops.views.blueprints import staff
from participation.workshops.views.speech import hours, span


@staff.route("/<int:workshop_id>/announce", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def announce(workshop_id: int) -> ResponseReturnValue:
    """Announce a workshop after a look at the checks."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    form = AnnounceForm()

    def act() -> str:
        steps.announce(
            db.session(), found, version=form.version_seen(), actor=actor, now=clock.now()
        )
        return str(_("公表しました。催しのページが見られるようになりました。"))

    may = found.state in ANNOUNCE.sources
    return form_page(
        "announce.html",
        found,
        actor,
        form,
        act,
        may=may,
        tab="workshop",
        span=span(found),
        findings=checks_before_announcing(db.session(), found, clock.now()) if may else [],
    )


@staff.route("/<int:workshop_id>/postpone", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def postpone(workshop_id: int) -> ResponseReturnValue:
    """Postpone a workshop with a reason."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    form = ReasonForm()

    def act() -> str:
        steps.postpone(db.session(), found, **_given(form, actor))
        return str(_("延期しました。"))

    may = found.state in POSTPONE.sources
    return form_page("postpone.html", found, actor, form, act, may=may, tab="workshop")


@staff.route("/<int:workshop_id>/resume", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def resume(workshop_id: int) -> ResponseReturnValue:
    """Fix the new days of a postponed workshop."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    waiting = steps.days_to_fix(found)
    form = resume_form(waiting, {day.id: _("%(day)sの回", day=hours(day)) for day in waiting})

    def act() -> str:
        steps.resume(
            db.session(),
            found,
            times=form.new_times(),
            text=form.text.data or "",
            version=form.version_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("新しい日程を公表しました。"))

    may = found.state in RESUME.sources
    return form_page("resume.html", found, actor, form, act, may=may, tab="workshop")


@staff.route("/<int:workshop_id>/cancel", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def cancel(workshop_id: int) -> ResponseReturnValue:
    """Cancel a workshop with a reason."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    form = ReasonForm()

    def act() -> str:
        steps.cancel(db.session(), found, **_given(form, actor))
        return str(_("中止しました。"))

    may = found.state in CANCEL.sources
    return form_page("cancel.html", found, actor, form, act, may=may, tab="workshop")


@staff.route("/<int:workshop_id>/days/<int:day_id>/cancel", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def cancel_day(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Cancel one day with a reason."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    day = get_day(db.session(), found, day_id)
    form = ReasonForm()

    def act() -> str:
        steps.cancel_day(db.session(), found, day, **_given(form, actor))
        return str(_("この日を中止しました。"))

    may = found.state in CANCEL.sources and not day.stop_reason
    return form_page(
        "cancel_day.html", found, actor, form, act, may=may, tab="days", day_text=hours(day)
    )


@staff.route("/<int:workshop_id>/notices/new", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def publish_notice(workshop_id: int) -> ResponseReturnValue:
    """Tell residents something."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    form = NoticeForm()

    def act() -> str:
        steps.publish_notice(
            db.session(),
            found,
            text=form.text.data or "",
            by_mail=bool(form.by_mail.data),
            actor=actor,
            now=clock.now(),
        )
        return str(_("お知らせを公表しました。"))

    may = found.state is not WorkshopState.PREPARING
    return form_page("notice.html", found, actor, form, act, may=may, tab="workshop")


def _given(form: ReasonForm, actor: Actor) -> dict[str, Any]:
    """Return what every step with a reason is given."""
    return {
        "reason": form.reason.data or "",
        "version": form.version_seen(),
        "actor": actor,
        "now": clock.now(),
    }
