"""Pages on which a department writes: the list of items, one item, adding, editing, the history."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, NotFound, StateConflict
from participation.db.extension import db
from participation.departments import queries as departments
from participation.policy import Permission, holds, reaches
from participation.reports import labels
from participation.reports.forms.entries import EditEntryForm, EntryForm
from participation.reports.models import Entry
from participation.reports.queries import entries as queries
from participation.reports.queries import rounds
from participation.reports.queries.entries import Place, round_year_of
from participation.reports.queries.worksheet import item_names, worksheet
from participation.reports.services import entries as services
from participation.reports.services import entry_steps
from participation.reports.services.entry_steps import EDIT, PULL_BACK
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import (
    asked_number,
    asked_place,
    chosen_department,
    chosen_round,
    column_words,
    department_names,
)
from participation.web import gate, transaction
from participation.web.forms import put_error


@staff.get("/")
@gate.requires(Permission.ENTRY_READ)
def index() -> ResponseReturnValue:
    """Show a department's items in the chosen round, those that concern it first."""
    actor = gate.authorize(Permission.ENTRY_READ)
    return _worksheet_page(actor, None)


@staff.get("/items/<int(max=999999999):item_id>")
@gate.requires(Permission.ENTRY_READ)
def item(item_id: int) -> ResponseReturnValue:
    """Show one item of a department in the chosen round."""
    actor = gate.authorize(Permission.ENTRY_READ)
    return _worksheet_page(actor, item_id)


@staff.route("/entries/new", methods=["GET", "POST"])
@gate.requires(Permission.ENTRY_WRITE)
def create_entry() -> ResponseReturnValue:
    """Write a new entry. The form stands in the list too; with an error it comes back here."""
    session = db.session()
    place = asked_place()
    actor = gate.authorize(Permission.ENTRY_WRITE, gate.Owned(place.department_id))
    form, status, notice = EntryForm(), 200, ""
    if form.validate_on_submit():
        try:
            services.create_entry(
                session, place, text=form.text.data or "", actor=actor, now=clock.now()
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            status, notice = error.status, str(error)
        else:
            transaction.commit()
            flash(_("記載を追加しました。"), "success")
            return redirect(list_url(place), 303)
    names = item_names(session, round_year_of(place.kind, place.fiscal_year))
    if place.item_id not in names:
        raise NotFound(_("その項目は見つかりませんでした。一覧から選び直してください。"))
    department = departments.get_department(session, place.department_id)
    page = render_template(
        "reports/staff/entries/new.html",
        form=form,
        place=place,
        notice_text=notice,
        column=column_words(place.kind, place.fiscal_year),
        item_name=names[place.item_id],
        department_name=department.name_on(clock.local_date(clock.now())),
        max_text=services.MAX_TEXT,
        list_url=list_url(place),
    )
    return page, 422 if form.errors or form.form_errors else status


@staff.route("/entries/<int(max=999999999):entry_id>/edit", methods=["GET", "POST"])
@gate.requires(Permission.ENTRY_WRITE)
def edit_entry(entry_id: int) -> ResponseReturnValue:
    """Edit the text; what somebody else wrote meanwhile is shown beside what was typed here."""
    session = db.session()
    entry = queries.get_entry(session, entry_id)
    actor = gate.authorize(Permission.ENTRY_WRITE, entry)
    form = EditEntryForm(obj=entry)
    if form.validate_on_submit():
        try:
            changed = services.edit_entry(
                session,
                entry,
                text=form.text.data or "",
                version=form.version.data or 0,
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            return _conflict_page(session, entry_id, form, error)
        else:
            transaction.commit()
            flash(
                _("記載を保存しました。") if changed else _("変更はありませんでした。"), "success"
            )
            return redirect(list_url(queries.place_of(entry)), 303)
    elif request.method == "GET" and entry.state not in EDIT.sources:
        return redirect(url_for(".entry", entry_id=entry.id), 303)
    page = render_template(
        "reports/staff/entries/edit.html",
        form=form,
        entry=entry,
        returned=queries.last_returns(session, [entry.id]).get(entry.id),
        max_text=services.MAX_TEXT,
        **entry_context(session, entry),
    )
    return page, 422 if form.errors or form.form_errors else 200


@staff.get("/entries/<int(max=999999999):entry_id>")
@gate.requires(Permission.ENTRY_READ)
def entry(entry_id: int) -> ResponseReturnValue:
    """Show one entry with every step of its life."""
    session = db.session()
    found = queries.get_entry(session, entry_id)
    actor = gate.authorize(Permission.ENTRY_READ, found)
    return render_template(
        "reports/staff/entries/history.html",
        entry=found,
        events=queries.history(session, entry_id),
        act_label=labels.act_label,
        may_edit=reaches(actor, Permission.ENTRY_WRITE, found.department_id)
        and found.state in EDIT.sources
        and not found.nothing,
        **entry_context(session, found),
    )


def list_url(place: Place) -> str:
    """Return the address of the list at the item of ``place``."""
    return url_for(
        ".index",
        year=round_year_of(place.kind, place.fiscal_year),
        department=asked_number("list_department") or place.department_id,
        _anchor=f"item-{place.item_id}",
    )


def entry_context(session: Session, entry: Entry) -> dict[str, object]:
    """Return what every page about one entry shows around it."""
    today = clock.local_date(clock.now())
    round_year = round_year_of(entry.kind, entry.fiscal_year)
    names = department_names(session, [entry], today)
    return {
        "column": column_words(entry.kind, entry.fiscal_year),
        "item_name": item_names(session, round_year).get(entry.item_id, entry.item.code),
        "department_name": names[entry.department_id, entry.fiscal_year],
        "list_url": list_url(queries.place_of(entry)),
        "labels": labels,
    }


def _conflict_page(
    session: Session, entry_id: int, form: EditEntryForm, error: DomainError
) -> ResponseReturnValue:
    """Show both texts; nothing that was typed is lost, whatever the reason of the refusal."""
    entry = queries.get_entry(session, entry_id)
    latest = next(iter(queries.history(session, entry_id)), None)
    found = rounds.find_round(session, round_year_of(entry.kind, entry.fiscal_year))
    is_open = found is not None and found.closed_at is None
    page = render_template(
        "reports/staff/entries/conflict.html",
        form=form,
        entry=entry,
        typed=form.text.data or "",
        latest=latest,
        act_label=labels.act_label,
        message=str(error),
        may_save=is_open and entry.state in EDIT.sources and not entry.nothing,
        may_pull_back=is_open and entry.state in PULL_BACK.sources,
        **entry_context(session, entry),
    )
    return page, 409


def _worksheet_page(actor: Actor, item_id: int | None) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    today = clock.local_date(now)
    found = chosen_round(session, asked_number("year"))
    choice = chosen_department(session, actor, asked_number("department"), today)
    if found is None or choice is None:
        return render_template(
            "reports/staff/entries/no_worksheet.html",
            found=found,
            departments=[
                (one.id, one.name_on(today)) for one in departments.departments_on(session, today)
            ],
            may_open=holds(actor, Permission.ROUND_WRITE),
        )
    sheet = worksheet(
        session, found.fiscal_year, choice.department_id, choice.department_ids, item_id=item_id
    )
    everything = [
        entry
        for row in sheet.items
        for entry in (*row.last_plan, *(e for cell in row.cells for e in cell.entries))
    ]
    return render_template(
        "reports/staff/entries/item.html" if item_id else "reports/staff/entries/index.html",
        round=found,
        rounds=rounds.all_rounds(session),
        choice=choice,
        may_write=choice.may_write and found.closed_at is None,
        is_late=found.due_on is not None and found.due_on < today,
        sheet=sheet,
        names=department_names(session, everything, today),
        labels=labels,
        column_words=column_words,
        steps=entry_steps,
        max_text=services.MAX_TEXT,
    )
