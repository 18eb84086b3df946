"""The one-button acts of a contributor: copy, move, withdraw, restore, submit, pull back."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.reports.labels import NOTHING
from participation.reports.queries import entries as queries
from participation.reports.services import entries as services
from participation.reports.services.entry_order import move_entry as change_places
from participation.reports.views.batches import flash_result, posted_selection
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import asked_number, asked_place
from participation.reports.views.entries import list_url
from participation.web import gate, transaction


@staff.post("/entries/<int(max=999999999):entry_id>/copy")
@gate.requires(Permission.ENTRY_WRITE)
def copy_plan(entry_id: int) -> ResponseReturnValue:
    """Copy last year's plan into a draft of its result, and go on to editing it."""
    session = db.session()
    plan = queries.get_entry(session, entry_id)
    gate.authorize(Permission.ENTRY_WRITE, plan)
    department_id = asked_number("department") or plan.department_id
    actor = gate.authorize(Permission.ENTRY_WRITE, gate.Owned(department_id))
    copy = services.copy_plan(
        session, plan, department_id=department_id, actor=actor, now=clock.now()
    )
    transaction.commit()
    flash(_("予定の文を実績の下書きに写しました。文末などを実績の形に直してください。"), "success")
    return redirect(list_url(queries.place_of(copy)), 303)


@staff.post("/entries/<int(max=999999999):entry_id>/move")
@gate.requires(Permission.ENTRY_WRITE)
def move_entry(entry_id: int) -> ResponseReturnValue:
    """Move an entry up or down in its cell."""
    session = db.session()
    entry = queries.get_entry(session, entry_id)
    actor = gate.authorize(Permission.ENTRY_WRITE, entry)
    up = request.form.get("direction") == "up"
    moved = change_places(session, entry, up=up, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("並び順を変えました。") if moved else _("これ以上は動かせません。"), "success")
    return redirect(list_url(queries.place_of(entry)), 303)


@staff.post("/entries/<int(max=999999999):entry_id>/withdraw")
@gate.requires(Permission.ENTRY_WRITE)
def withdraw_entry(entry_id: int) -> ResponseReturnValue:
    """Take an entry out; the list offers the way back."""
    session = db.session()
    entry = queries.get_entry(session, entry_id)
    actor = gate.authorize(Permission.ENTRY_WRITE, entry)
    version = asked_number("version") or 0
    services.withdraw_entry(session, entry, version=version, actor=actor, now=clock.now())
    transaction.commit()
    flash(
        _("「%(nothing)s」を取り消しました。", nothing=NOTHING)
        if entry.nothing
        else _("記載を取り下げました。「取り下げた記載」からいつでも元に戻せます。"),
        "success",
    )
    return redirect(list_url(queries.place_of(entry)), 303)


@staff.post("/entries/<int(max=999999999):entry_id>/restore")
@gate.requires(Permission.ENTRY_WRITE)
def restore_entry(entry_id: int) -> ResponseReturnValue:
    """Bring a withdrawn entry back as a draft."""
    session = db.session()
    entry = queries.get_entry(session, entry_id)
    actor = gate.authorize(Permission.ENTRY_WRITE, entry)
    services.restore_entry(session, entry, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("取り下げた記載を元に戻しました。"), "success")
    return redirect(list_url(queries.place_of(entry)), 303)


@staff.post("/entries/<int(max=999999999):entry_id>/pull-back")
@gate.requires(Permission.ENTRY_WRITE)
def pull_back_entry(entry_id: int) -> ResponseReturnValue:
    """Take a submitted entry back before the approver has confirmed it."""
    session = db.session()
    entry = queries.get_entry(session, entry_id)
    actor = gate.authorize(Permission.ENTRY_WRITE, entry)
    version = asked_number("version") or 0
    services.pull_back_entry(session, entry, version=version, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("提出を取り消しました。直してから、もう一度提出してください。"), "success")
    return redirect(list_url(queries.place_of(entry)), 303)


@staff.post("/entries/submit")
@gate.requires(Permission.ENTRY_WRITE)
def submit_entries() -> ResponseReturnValue:
    """Submit one or all drafts of the page (``entry`` fields of ``id:version``)."""
    session = db.session()
    selection = posted_selection()
    entries = queries.with_items(session, [entry_id for entry_id, _version in selection])
    if not entries:
        raise NotFound(_("提出できる記載がありません。一覧を開き直してください。"))
    for entry in entries:
        gate.authorize(Permission.ENTRY_WRITE, entry)
    actor = gate.authorize(Permission.ENTRY_WRITE)
    result = services.submit_entries(session, selection, actor=actor, now=clock.now())
    transaction.commit()
    flash_result(result, _("課内確認へ提出しました"))
    return redirect(list_url(queries.place_of(entries[0])), 303)


@staff.post("/entries/nothing")
@gate.requires(Permission.ENTRY_WRITE)
def declare_nothing() -> ResponseReturnValue:
    """Answer 「該当なし」 for one item and column."""
    session = db.session()
    place = asked_place()
    actor = gate.authorize(Permission.ENTRY_WRITE, gate.Owned(place.department_id))
    services.declare_nothing(session, place, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("「%(nothing)s」と回答しました。", nothing=NOTHING), "success")
    return redirect(list_url(place), 303)
