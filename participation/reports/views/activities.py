"""Drafting entries from what other features know: campaigns held, workshops, councils."""

from dataclasses import dataclass

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.reports.models import Round
from participation.reports.queries.activities import Offer, offers
from participation.reports.queries.entries import Place
from participation.reports.queries.worksheet import item_names
from participation.reports.services import entries as services
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import (
    DepartmentChoice,
    asked_number,
    chosen_department,
    chosen_round,
    column_words,
)
from participation.web import gate, transaction


@dataclass(frozen=True)
class _Refused:
    """A text that could not be stored: it stays in its box with the reason."""

    offer: Offer
    item_id: int | None
    text: str
    message: str


@staff.get("/activities")
@gate.requires(Permission.ENTRY_READ)
def activities() -> ResponseReturnValue:
    """Show what the department did or will do, each with the sentence it proposes."""
    gate.authorize(Permission.ENTRY_READ)
    chosen = _chosen()
    if chosen is None:
        return redirect(url_for(".index"), 303)  # where a round and a department can be chosen
    return _page(*chosen, _offers(*chosen))


@staff.post("/activities")
@gate.requires(Permission.ENTRY_WRITE)
def draft_entry() -> ResponseReturnValue:
    """Write one entry from an activity; a refused text comes back in its box."""
    gate.authorize(Permission.ENTRY_WRITE)
    chosen = _chosen()
    if chosen is None:
        raise NotFound(_("課が選ばれていません。「年次報告の入力」から開き直してください。"))
    round_, choice = chosen
    actor = gate.authorize(Permission.ENTRY_WRITE, gate.Owned(choice.department_id))
    every = _offers(round_, choice)
    wanted = (request.form.get("ref"), request.form.get("kind"))
    offer = next((o for o in every if (o.activity.ref, o.kind.value) == wanted), None)
    if offer is None:
        raise NotFound(_("この活動は見つかりませんでした。最新の一覧を確かめてください。"))
    text, item_id = request.form.get("text", ""), asked_number("item")
    try:
        # No item chosen is an item that the guideline does not have.
        place = Place(item_id or 0, choice.department_id, offer.kind, offer.activity.fiscal_year)
        services.draft_from_activity(
            db.session(), offer.activity, place, text=text, actor=actor, now=clock.now()
        )
    except (InvalidInput, StateConflict) as error:
        transaction.discard()
        refused = _Refused(offer, item_id, text, str(error))
        return _page(round_, choice, every, refused), error.status
    transaction.commit()
    flash(
        _("活動の記録から記載を作りました。文を確かめて、課内確認へ提出してください。"), "success"
    )
    return redirect(
        url_for(".activities", department=choice.department_id, year=round_.fiscal_year), 303
    )


def _chosen() -> tuple[Round, DepartmentChoice] | None:
    session = db.session()
    round_ = chosen_round(session, asked_number("year"))
    choice = chosen_department(
        session,
        gate.current_actor(),
        asked_number("department"),
        clock.local_date(clock.now()),
    )
    if round_ is None or choice is None:
        return None
    return round_, choice


def _offers(round_: Round, choice: DepartmentChoice) -> list[Offer]:
    sources = current_app.extensions["activity_sources"]
    return offers(db.session(), sources, round_.fiscal_year, choice.department_ids)


def _page(
    round_: Round,
    choice: DepartmentChoice,
    every: list[Offer],
    refused: _Refused | None = None,
) -> str:
    columns: dict[str, list[Offer]] = {}
    for offer in every:
        columns.setdefault(column_words(offer.kind, offer.activity.fiscal_year), []).append(offer)
    return render_template(
        "reports/staff/entries/activities.html",
        round=round_,
        choice=choice,
        columns=columns,
        items=item_names(db.session(), round_.fiscal_year),
        refused=refused,
        may_write=choice.may_write and round_.closed_at is None,
        max_text=services.MAX_TEXT,
    )
