"""The approver's list (課内確認) and the coordinator's (とりまとめの確認)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.departments import queries as departments
from participation.policy import Permission, reachable_departments
from participation.reports import labels
from participation.reports.forms.approvals import ReviewForm
from participation.reports.models import EntryKind, EntryState, Round
from participation.reports.queries import entries as queries
from participation.reports.queries import guideline as guidelines
from participation.reports.queries import review, rounds
from participation.reports.queries.review import ReviewFilter
from participation.reports.queries.worksheet import item_names
from participation.reports.services import approvals as services
from participation.reports.services.batches import BatchResult
from participation.reports.views.batches import flash_result, posted_selection
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import (
    asked_number,
    chosen_round,
    column_words,
    department_names,
)
from participation.web import gate, transaction
from participation.web.forms import put_error


@dataclass(frozen=True)
class _Desk:
    """One of the two lists: who works at it, on what, by which services."""

    endpoint: str
    template: str
    permission: Permission
    waiting: EntryState  # shown first
    dealt_with: EntryState  # shown on request, can be sent back too
    take: Callable[..., BatchResult]
    send_back: Callable[..., BatchResult]


_APPROVER = _Desk(
    ".approvals",
    "reports/staff/approvals/approvals.html",
    Permission.ENTRY_APPROVE,
    EntryState.SUBMITTED,
    EntryState.APPROVED,
    services.approve_entries,
    services.return_as_approver,
)
_COORDINATOR = _Desk(
    ".confirmations",
    "reports/staff/approvals/confirmations.html",
    Permission.ENTRY_CONFIRM,
    EntryState.APPROVED,
    EntryState.CONFIRMED,
    services.confirm_entries,
    services.return_as_coordinator,
)


@staff.route("/approvals", methods=["GET", "POST"])
@gate.requires(Permission.ENTRY_APPROVE)
def approvals() -> ResponseReturnValue:
    """Approve or send back what the department's people have submitted."""
    return _work(_APPROVER, gate.authorize(Permission.ENTRY_APPROVE))


@staff.route("/confirmations", methods=["GET", "POST"])
@gate.requires(Permission.ENTRY_CONFIRM)
def confirmations() -> ResponseReturnValue:
    """Confirm or send back what the departments have handed in."""
    return _work(_COORDINATOR, gate.authorize(Permission.ENTRY_CONFIRM))


def _work(desk: _Desk, actor: Actor) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    found = chosen_round(session, asked_number("year"))
    if found is None:
        return render_template(desk.template, round=None)
    chosen = _filter(desk, found, reachable_departments(actor, desk.permission))
    form = ReviewForm()
    if form.validate_on_submit():
        try:
            result = _act(desk, found, chosen, form, actor=actor, now=now)
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            # The page comes back with the reason that was typed.
            transaction.discard()
            form.form_errors.append(str(error))
        else:
            transaction.commit()
            verb = _("差し戻しました") if _is_return() else _("確認しました")
            flash_result(result, verb)
            return redirect(url_for(desk.endpoint, **_arguments()), 303)
    return _page(desk, actor, found, chosen, form, now=now)


def _act(
    desk: _Desk,
    found: Round,
    chosen: ReviewFilter,
    form: ReviewForm,
    *,
    actor: Actor,
    now: datetime,
) -> BatchResult:
    session = db.session()
    selection = posted_selection()
    if request.form.get("act") == "all":
        guideline = guidelines.guideline_for(session, found.fiscal_year)
        selection = review.all_chosen(session, guideline, chosen, until=_shown_at(now))
    for entry in queries.with_items(session, [entry_id for entry_id, _version in selection]):
        gate.authorize(desk.permission, entry)
    if _is_return():
        reason = form.reason.data or ""
        return desk.send_back(session, selection, reason=reason, actor=actor, now=now)
    return desk.take(session, selection, actor=actor, now=now)


def _page(
    desk: _Desk,
    actor: Actor,
    found: Round,
    chosen: ReviewFilter,
    form: ReviewForm,
    *,
    now: datetime,
) -> ResponseReturnValue:
    session, today = db.session(), clock.local_date(now)
    guideline = guidelines.guideline_for(session, found.fiscal_year)
    shown = review.review_list(session, guideline, chosen)
    department_ids, item_ids = review.filter_choices(session, chosen)
    names = item_names(session, found.fiscal_year)
    authors = queries.author_ids(session, [entry.id for entry in shown.entries])
    page = render_template(
        desk.template,
        round=found,
        rounds=rounds.all_rounds(session),
        chosen=chosen,
        form=form,
        ticked=set(request.form.getlist("entry")),
        shown=shown,
        taken_at_once=min(shown.total, review.TAKEN_AT_ONCE),
        may_take=found.closed_at is None or desk is _COORDINATOR,
        may_return=found.closed_at is None,
        shown_at=now.isoformat(),
        own={entry_id for entry_id, ids in authors.items() if actor.staff_id in ids},
        items=names,
        department_names=department_names(session, shown.entries, today),
        department_choices=sorted(
            departments.names(session, department_ids, today).items(), key=lambda pair: pair[1]
        ),
        item_choices=[
            (item.item_id, f"{item.item.code} {item.name}")
            for item in guideline.items
            if item.item_id in set(item_ids)
        ],
        arguments=_arguments(),
        desk=desk,
        labels=labels,
        column_words=column_words,
        EntryKind=EntryKind,
    )
    return page, 422 if form.errors or form.form_errors else 200


def _filter(desk: _Desk, found: Round, reach: Collection[int] | None) -> ReviewFilter:
    kind = request.args.get("kind")
    state = desk.dealt_with if request.args.get("state") == "done" else desk.waiting
    return ReviewFilter(
        found.fiscal_year,
        frozenset({state}),
        reach,
        department_id=asked_number("department"),
        item_id=asked_number("item"),
        kind=EntryKind(kind) if kind in {"result", "plan"} else None,
    )


def _arguments() -> dict[str, Any]:
    """Return the filters of the address, to stay on the same list."""
    known = ("year", "department", "item", "kind", "state")
    return {name: request.args[name] for name in known if request.args.get(name)}


def _is_return() -> bool:
    return request.form.get("act") == "return"


def _shown_at(now: datetime) -> datetime:
    """Return when the page was drawn: what came in later was not looked at."""
    try:
        moment = datetime.fromisoformat(request.form.get("shown_at", ""))
    except ValueError:
        return now
    return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)
