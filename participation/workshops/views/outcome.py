"""Staff pages of what came of a workshop: writing it, a look ahead, publishing it."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import (
    InvalidInput,
    NotFound,
    PermissionDenied,
    StateConflict,
)
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import gate, transaction
from participation.web.forms import VersionForm, put_error
from participation.workshops.forms.outcome import (
    ROWS,
    FileActForm,
    OutcomeForm,
    PublishForm,
)
from participation.workshops.labels import FILE_LABELS
from participation.workshops.models import Workshop, WorkshopState
from participation.workshops.queries import outcomes as queries
from participation.workshops.queries.workshops import get_workshop
from participation.workshops.services import outcomes
from participation.workshops.services.outcomes import MAX_LINKS
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.outcome_page import outcome_page
from participation.workshops.views.related import choices, chosen, label_of

_ONE = "/<int:workshop_id>/outcome"
_CONFLICT, _INVALID = 409, 422


@staff.get(f"{_ONE}/")
@gate.requires(Permission.WORKSHOP_READ)
def outcome(workshop_id: int) -> ResponseReturnValue:
    """Show the outcome as it is worked on, its files, and what comes next."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    session, now = db.session(), clock.now()
    written = queries.find_outcome(session, found.id)
    begun = any(not day.stop_reason and day.starts_at <= now for day in found.days)
    held = queries.files_of(session, found.id)
    waits = queries.unpublished_files(session, found.id)
    changed = written is not None and (
        waits > 0
        # A title that waits makes another of it too.
        or written.published
        != {"said": written.said, "became": written.became, "links": written.links}
    )
    has_words = written is not None and bool(written.said.strip() or written.became.strip())
    return pages.page(
        "workshops/staff/outcome.html",
        found,
        actor,
        tab="outcome",
        outcome=written,
        files=held,
        file_labels=FILE_LABELS,
        form=_act_form(written.version if written is not None else 0),
        page=outcome_page(session, found, published=False, now=now),
        begun=begun,
        possible=found.state in {WorkshopState.ANNOUNCED, WorkshopState.REPORTED},
        may_write=reaches(actor, Permission.WORKSHOP_WRITE, found.department_id),
        may_publish=reaches(actor, Permission.WORKSHOP_APPROVE, found.department_id),
        is_own=written is not None and written.edited_by == actor.staff_id,
        changed=changed,
        has_words=has_words,
    )


@staff.route(f"{_ONE}/edit", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def edit_outcome(workshop_id: int) -> ResponseReturnValue:
    """Write what was said and what came of it."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, form, back = db.session(), OutcomeForm(), _back(workshop_id)
    form.suggestions = [one.label for one in choices(session, clock.now())]
    conflict = ""
    if request.method == "GET":
        _fill(form, found)
    elif form.validate_on_submit():
        try:
            changed = outcomes.edit_outcome(
                session,
                found,
                said=form.said.data or "",
                became=form.became.data or "",
                links=_links(form, found),
                version=form.version_seen(),
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            conflict = str(error)
        else:
            transaction.commit()
            flash(_("保存しました。") if changed else _("変更はありませんでした。"), "success")
            return redirect(back, 303)
    stored = queries.find_outcome(session, workshop_id)
    if conflict:
        form.show_version(stored.version if stored is not None else 0)
    page = pages.page(
        "workshops/staff/outcome_edit.html",
        get_workshop(session, workshop_id),
        actor,
        tab="outcome",
        form=form,
        back=back,
        conflict=conflict,
        stored=stored,
    )
    return page, _CONFLICT if conflict else _status(form)


@staff.route(f"{_ONE}/publish", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_APPROVE)
def publish_outcome(workshop_id: int) -> ResponseReturnValue:
    """Publish the outcome after reading it as residents will."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    session, form, back = db.session(), PublishForm(), _back(workshop_id)
    refusal = ""
    if form.validate_on_submit():
        try:
            outcomes.publish_outcome(
                session,
                found,
                version=form.version_seen(),
                reason=form.reason.data or "",
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except (StateConflict, PermissionDenied) as error:
            transaction.discard()
            refusal = str(error)
        else:
            transaction.commit()
            flash(_("開催結果を公表しました。"), "success")
            return redirect(back, 303)
    found = get_workshop(session, workshop_id)
    stored = queries.find_outcome(session, workshop_id)
    if stored is None:
        raise NotFound("開催結果はまだ書かれていません。先に入力してください。")
    form.version.data, form.version.raw_data = str(stored.version), None
    page = pages.page(
        "workshops/staff/outcome_publish.html",
        found,
        actor,
        tab="outcome",
        form=form,
        back=back,
        refusal=refusal,
        again=stored.published_at is not None,
        is_own=stored.edited_by == actor.staff_id,
        page=outcome_page(session, found, published=False, now=clock.now()),
    )
    return page, _CONFLICT if refusal else _status(form)


def _links(form: OutcomeForm, workshop: Workshop) -> list[dict[str, str]]:
    """Return the links that were typed; each campaign must be one that residents can see.

    Raises:
        InvalidInput: one is none.

    """
    session, now = db.session(), clock.now()
    stored = queries.find_outcome(session, workshop.id)
    before = {
        label_of(session, one["reference"], now): one
        for one in (stored.links if stored is not None else ())
        if one.get("reference")
    }
    found: dict[str, dict[str, str]] = {}
    for typed in form.campaigns.data or []:
        known = before.get((typed or "").strip())
        if known is not None:
            found[known["reference"]] = known
        elif (one := chosen(session, typed or "", now, field="campaigns")) is not None:
            found[one.reference] = {"reference": one.reference, "label": one.label}
    return [*found.values(), *({"label": line} for line in (form.plans.data or "").splitlines())]


def _fill(form: OutcomeForm, workshop: Workshop) -> None:
    session, now = db.session(), clock.now()
    stored = queries.find_outcome(session, workshop.id)
    form.version.data = str(stored.version if stored is not None else 0)
    if stored is None:
        return
    form.said.data, form.became.data = stored.said, stored.became
    linked = [one["reference"] for one in stored.links if one.get("reference")]
    rows = [label_of(session, reference, now) for reference in linked] + [""] * ROWS
    while form.campaigns.entries:
        form.campaigns.pop_entry()
    for row in rows[:MAX_LINKS]:
        form.campaigns.append_entry(row)
    form.plans.data = "\n".join(one["label"] for one in stored.links if not one.get("reference"))


def _act_form(version: int) -> FileActForm:
    form = FileActForm()
    form.version.data, form.version.raw_data = str(version), None
    return form


def _back(workshop_id: int) -> str:
    return url_for(".outcome", workshop_id=workshop_id)


def _status(form: VersionForm) -> int:
    return _INVALID if form.errors or form.form_errors else 200
