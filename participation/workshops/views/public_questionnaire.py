"""The residents' page of a questionnaire: no account, no script, one answer a form."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.submissions.floods import under_pressure
from participation.submissions.issuing import app_keys
from participation.submissions.networks import network_key
from participation.submissions.patience import is_mark, start_waiting
from participation.web import gate, transaction
from participation.web.headers import unstored
from participation.workshops.forms.public_form import new_key
from participation.workshops.models import Questionnaire, Workshop, WorkshopState
from participation.workshops.queries.questionnaires import get_questionnaire
from participation.workshops.queries.workshops import get_announced
from participation.workshops.questions import check_answers, read_questions
from participation.workshops.services import questionnaires as services
from participation.workshops.views.answering import form_key, typed_answers
from participation.workshops.views.blueprints import public
from participation.workshops.views.speech import deadline

RESIDENT = Actor(staff_id=None, name="回答者（このサイト）")
_INVALID, _CONFLICT, _GONE = 422, 409, 410


@dataclass(frozen=True)
class _Sent:
    """What a form carries beside the answers."""

    key: str = field(repr=False)
    trap: str = ""
    solution: str = field(default="", repr=False)
    waited: str = field(default="", repr=False)


@public.get("/<int:workshop_id>/questionnaire/")
@gate.public
def questionnaire(workshop_id: int) -> ResponseReturnValue:
    """Show the questions; before and after say so."""
    found, stored = _load(workshop_id)
    if not services.is_open(found, stored, clock.now()):
        return _closed(found, stored)
    return _form(found, stored, _Sent(new_key()), {}, {})


@public.post("/<int:workshop_id>/questionnaire/")
@gate.public
def questionnaire_act(workshop_id: int) -> ResponseReturnValue:
    """Store the answers; whoever sends very much waits, nobody is refused."""
    found, stored = _load(workshop_id)
    now: datetime = g.received_at
    if not services.is_open(found, stored, now):
        return _closed(found, stored)
    sent = _Sent(
        form_key(request.form),
        trap=request.form.get("website", ""),
        waited=request.form.get("waited", ""),
    )
    typed = typed_answers(request.form)
    answers, errors = check_answers(read_questions(stored.questions), typed)
    if errors:
        return _form(found, stored, sent, typed, errors)
    keys = app_keys()
    if under_pressure(keys, sent, network_key(keys, request.remote_addr), now) is None:
        return _form(found, stored, sent, typed, {}, asks_for_patience=True)
    session = db.session()
    try:
        services.store_answer(
            session, found, stored, answers, form_key=sent.key, actor=RESIDENT, now=now
        )
    except InvalidInput as error:
        transaction.discard()
        return _form(found, stored, sent, typed, {"q1": str(error)})
    except StateConflict:
        transaction.discard()
        return _closed(found, stored)
    transaction.commit()
    return redirect(url_for(".questionnaire_thanks", workshop_id=workshop_id), 303)


@public.get("/<int:workshop_id>/questionnaire/thanks")
@gate.public
def questionnaire_thanks(workshop_id: int) -> ResponseReturnValue:
    """Thank whoever has answered; there is nothing to look up."""
    found, _stored = _load(workshop_id)
    return render_template("workshops/public/questionnaire_thanks.html", workshop=found)


def _load(workshop_id: int) -> tuple[Workshop, Questionnaire]:
    session = db.session()
    found = get_announced(session, workshop_id)
    return found, get_questionnaire(session, found.id)


def _form(
    found: Workshop,
    stored: Questionnaire,
    sent: _Sent,
    typed: dict[str, list[str]] | object,
    errors: dict[str, str],
    *,
    asks_for_patience: bool = False,
) -> ResponseReturnValue:
    keys = app_keys()
    waited = sent.waited if sent.waited and is_mark(keys, sent.key, sent.waited) else ""
    page = render_template(
        "workshops/public/questionnaire.html",
        workshop=found,
        questionnaire=stored,
        questions=read_questions(stored.questions),
        typed=typed,
        errors=errors,
        sent=sent,
        waited=waited or start_waiting(keys, sent.key, clock.now()),
        asks_for_patience=asks_for_patience,
        closes=deadline(stored.closes_at),
    )
    return unstored(page, _INVALID if errors else _CONFLICT if asks_for_patience else 200)


def _closed(found: Workshop, stored: Questionnaire) -> ResponseReturnValue:
    stopped = found.state in {WorkshopState.POSTPONED, WorkshopState.CANCELLED}
    before = not stopped and clock.now() < stored.opens_at
    page = render_template(
        "workshops/public/questionnaire_closed.html",
        workshop=found,
        questionnaire=stored,
        is_before=before,
    )
    return unstored(page, 200 if before or request.method == "GET" else _GONE)
