"""The page of one application: what it asked for, its history, and what the desk can do for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.submissions.sender_fields import FIELDS
from participation.submissions.services import senders
from participation.web import gate, transaction
from participation.web.forms import put_error
from participation.web.history import history_of
from participation.web.language import LANGUAGES
from participation.workshops.childcare import children_of
from participation.workshops.forms.registrations import ActForm, DiscloseForm, NoteForm
from participation.workshops.labels import CHANNEL_LABELS, STATUS_LABELS, STATUS_TONES
from participation.workshops.models import (
    Application,
    DrawEntry,
    Registration,
    RegistrationStatus,
    Workshop,
)
from participation.workshops.needs import need_labels
from participation.workshops.queries.applications import claims_of, receipt_number
from participation.workshops.queries.draws import entry_of
from participation.workshops.queries.registration_lists import get_application, waiting_before
from participation.workshops.services.changing import accept_offers, cancel_registrations
from participation.workshops.services.extra_fields import PREFIX
from participation.workshops.services.notes import add_note
from participation.workshops.services.seating import STANDING
from participation.workshops.services.waiting import move_to_end
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.registration_words import columns_of, pool_names

_ONE = "/<int:workshop_id>/registrations/<int(max=999999999999):application_id>"
_LONGEST_ID = 12


@dataclass(frozen=True)
class Line:
    """One registration of the application with what can be done for it."""

    registration: Registration
    words: str
    waiting: int  # place on the waitlist, from 1; 0 for who does not wait
    entry: DrawEntry | None
    can_accept: bool
    can_cancel: bool
    can_wait: bool


@staff.get(_ONE)
@gate.requires(Permission.REGISTRATION_READ)
def registration(workshop_id: int, application_id: int) -> ResponseReturnValue:
    """Show one application without who it is."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    one = get_application(db.session(), found, application_id)
    return _detail(found, actor, one)


@staff.post(_ONE + "/sender")
@gate.requires(Permission.SENDER_DISCLOSE)
def disclose_registrant(workshop_id: int, application_id: int) -> ResponseReturnValue:
    """Show who it is, once, and write down who looked and why."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session = db.session()
    one = get_application(session, found, application_id)
    form = DiscloseForm()
    if not form.validate_on_submit():
        return _detail(found, actor, one, disclose=form), 422
    values = senders.disclose(
        session,
        one.receipt_id,
        actor=actor,
        now=clock.now(),
        reason=form.reason.data or "",
        department_id=found.department_id,
    )
    transaction.commit()
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    one = get_application(db.session(), found, application_id)
    # Not a redirect: nothing of this may stay anywhere but on this one page.
    return _detail(found, actor, one, sender=values)


@staff.post(_ONE + "/act")
@gate.requires(Permission.REGISTRATION_WRITE)
def act_on_registration(workshop_id: int, application_id: int) -> ResponseReturnValue:
    """Cancel, accept on the phone, or let the others go first, as the pressed button says."""
    form = ActForm()
    name, _colon, argument = request.form.get("act", "").partition(":")
    known = argument.isascii() and argument.isdigit() and len(argument) <= _LONGEST_ID
    ids = [int(argument)] if known else []
    reason = (form.said.data or "").strip()

    def do(_found: Workshop, one: Application, actor: Actor, now: datetime) -> str:
        session = db.session()
        if name.startswith("cancel") and not reason:
            raise InvalidInput(_("取り消す理由を入力してください。"), field="said")
        match name:
            case "cancel_all":
                cancel_registrations(session, one, actor=actor, now=now, reason=reason)
                return str(_("すべて取り消しました。"))
            case "cancel" if ids:
                cancel_registrations(session, one, ids, actor=actor, now=now, reason=reason)
                return str(_("取り消しました。"))
            case "accept" if ids:
                accept_offers(session, one, ids, actor=actor, now=now)
                return str(_("参加決定にしました。"))
            case "wait" if ids:
                move_to_end(session, one, ids[0], actor=actor, now=now, reason=reason)
                return str(_("キャンセル待ちの最後に移しました。"))
            case _:
                raise InvalidInput(_("操作を選んでください。"))

    return _act(workshop_id, application_id, form, do, shown="act")


@staff.post(_ONE + "/note")
@gate.requires(Permission.REGISTRATION_WRITE)
def note_registration(workshop_id: int, application_id: int) -> ResponseReturnValue:
    """Write a note into the history."""
    form = NoteForm()

    def do(found: Workshop, one: Application, actor: Actor, now: datetime) -> str:
        add_note(db.session(), found, one, form.note.data or "", actor=actor, now=now)
        return str(_("メモを残しました。"))

    return _act(workshop_id, application_id, form, do, shown="note")


def _act(
    workshop_id: int,
    application_id: int,
    form: Any,
    do: Callable[[Workshop, Application, Actor, datetime], str],
    *,
    shown: str,
) -> ResponseReturnValue:
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    one = get_application(db.session(), found, application_id)
    conflict, status = "", 422
    if form.validate_on_submit():
        try:
            done = do(found, one, actor, clock.now())
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            conflict, status = str(error), error.status
        else:
            transaction.commit()
            flash(done, "success")
            url = url_for(".registration", workshop_id=workshop_id, application_id=application_id)
            return redirect(url, 303)
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    one = get_application(db.session(), found, application_id)
    return _detail(found, actor, one, conflict=conflict, **{shown: form}), status


def _detail(
    found: Workshop,
    actor: Actor,
    one: Application,
    *,
    sender: Mapping[str, str] | None = None,
    conflict: str = "",
    **forms: Any,
) -> str:
    session = db.session()
    labels = {row.id: row.label for row in found.eligibilities}
    lines = _lines(session, found, one)
    return pages.page(
        "workshops/staff/registration.html",
        found,
        actor,
        tab="registrations",
        application=one,
        number=receipt_number(session, one),
        language_name=LANGUAGES.get(one.language, one.language),
        lines=lines,
        standing=sum(line.can_cancel for line in lines),
        must_call=not one.has_mail and any(line.can_accept for line in lines),
        eligibility=labels.get(one.eligibility_id or 0, ""),
        asks_first_time=any(rule.get("rule") == "first_time" for rule in found.priority),
        channels=CHANNEL_LABELS,
        statuses=STATUS_LABELS,
        tones=STATUS_TONES,
        sender=None if sender is None else _who(session, found, sender),
        disclose_form=forms.get("disclose") or DiscloseForm(formdata=None),
        act_form=forms.get("act") or ActForm(formdata=None),
        note_form=forms.get("note") or NoteForm(formdata=None),
        conflict=conflict,
        history=history_of(
            session,
            f"application:{one.id}",
            f"receipt:{one.receipt_id}",
            *(f"registration:{line.registration.id}" for line in lines),
        ),
        may_write=reaches(actor, Permission.REGISTRATION_WRITE, found.department_id),
        may_disclose=reaches(actor, Permission.SENDER_DISCLOSE, found.department_id),
    )


def _lines(session: Session, found: Workshop, one: Application) -> list[Line]:
    claims = claims_of(session, one)
    names = pool_names(found, [claimed.pool for claimed in claims])
    return [_line(session, claimed.registration, names[claimed.pool.id]) for claimed in claims]


def _line(session: Session, one: Registration, words: str) -> Line:
    waits = one.status is RegistrationStatus.WAITLISTED
    offered = one.status is RegistrationStatus.OFFERED
    return Line(
        registration=one,
        words=words,
        waiting=waiting_before(session, one) + 1 if waits else 0,
        entry=entry_of(session, one.id),
        can_accept=offered,
        can_cancel=one.status in STANDING,
        can_wait=waits or offered,
    )


def _who(session: Session, found: Workshop, sender: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what the sender wrote about themselves, each with its name."""
    extra = dict(columns_of(session, found, ()).extra)
    rows = [(_(label), sender[key]) for key, label in FIELDS.items() if sender.get(key)]
    if needs := need_labels(sender.get("needs", "")):
        rows.append((_("配慮"), "、".join(_(label) for label in needs)))
    if note := sender.get("needs_note"):
        rows.append((_("配慮の内容"), note))
    rows += [
        (_("お子さん（託児）"), f"{child.name}（{child.born.isoformat()}）")
        for child in children_of(sender)
    ]
    rows += [
        (extra.get(key.removeprefix(PREFIX), key.removeprefix(PREFIX)), value)
        for key, value in sender.items()
        if key.startswith(PREFIX)
    ]
    return rows
