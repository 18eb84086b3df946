"""Staff pages of the steps in a workshop's life: announcing, postponing, cancelling and so on."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.forms import put_error
from participation.workshops.checks import checks_before_announcing
from participation.workshops.forms.steps import AnnounceForm, NoticeForm, ReasonForm, resume_form
from participation.workshops.models import Workshop, WorkshopState
from participation.workshops.queries.workshops import get_day, get_workshop
from participation.workshops.services import steps
from participation.workshops.services.state_machine import ANNOUNCE, CANCEL, POSTPONE, RESUME
from participation.workshops.views import pages
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

    return _step_page(
        "announce.html", found, actor, form, act, possible=found.state in ANNOUNCE.sources
    )


@staff.route("/<int:workshop_id>/postpone", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def postpone(workshop_id: int) -> ResponseReturnValue:
    """Postpone a workshop with a reason."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    form = ReasonForm()

    def act() -> str:
        steps.postpone(
            db.session(),
            found,
            reason=form.reason.data or "",
            version=form.version_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("延期しました。"))

    return _step_page(
        "postpone.html", found, actor, form, act, possible=found.state in POSTPONE.sources
    )


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

    return _step_page(
        "resume.html", found, actor, form, act, possible=found.state in RESUME.sources
    )


@staff.route("/<int:workshop_id>/cancel", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def cancel(workshop_id: int) -> ResponseReturnValue:
    """Cancel a workshop with a reason."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    form = ReasonForm()

    def act() -> str:
        steps.cancel(
            db.session(),
            found,
            reason=form.reason.data or "",
            version=form.version_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("中止しました。"))

    return _step_page(
        "cancel.html", found, actor, form, act, possible=found.state in CANCEL.sources
    )


@staff.route("/<int:workshop_id>/days/<int:day_id>/cancel", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def cancel_day(workshop_id: int, day_id: int) -> ResponseReturnValue:
    """Cancel one day with a reason."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    day = get_day(db.session(), found, day_id)
    form = ReasonForm()

    def act() -> str:
        steps.cancel_day(
            db.session(),
            found,
            day,
            reason=form.reason.data or "",
            version=form.version_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("この日を中止しました。"))

    return _step_page(
        "cancel_day.html",
        found,
        actor,
        form,
        act,
        possible=found.state in CANCEL.sources and not day.stop_reason,
        tab="days",
        day_text=hours(day),
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

    return _step_page(
        "notice.html",
        found,
        actor,
        form,
        act,
        possible=found.state is not WorkshopState.PREPARING,
    )


def _step_page(
    template: str,
    found: Workshop,
    actor: Actor,
    form: Any,
    act: Callable[[], str],
    *,
    possible: bool,
    tab: str = "workshop",
    **context: object,
) -> ResponseReturnValue:
    """Carry the step out, or show its page; what was typed stays after a no."""
    workshop_id = found.id
    back = url_for(f".{tab}", workshop_id=workshop_id)
    refusal = ""
    if request.method == "GET" and not possible:
        flash(_("今の状態では、この操作はできません。"), "info")
        return redirect(back, 303)
    if form.validate_on_submit():
        try:
            done = act()
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            refusal = str(error)
        else:
            transaction.commit()
            flash(done, "success")
            return redirect(back, 303)
    session, now = db.session(), clock.now()
    if form.is_submitted():
        found = get_workshop(session, workshop_id)
    # The page shows the workshop as it is now, so that is what the next yes is about.
    form.version.data, form.version.raw_data = str(found.version), None
    preparing = found.state is WorkshopState.PREPARING
    page = pages.page(
        f"workshops/staff/{template}",
        found,
        actor,
        tab=tab,
        form=form,
        back=back,
        refusal=refusal,
        span=span(found),
        findings=checks_before_announcing(session, found, now) if preparing else [],
        **context,
    )
    return page, 409 if refusal else 422 if form.errors or form.form_errors else 200
