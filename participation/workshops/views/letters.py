"""Staff pages of letters: what was sent, a new one with a preview, who must be called."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import transaction
from participation.web.forms import put_error
from participation.web.gate import requires
from participation.workshops.forms.letters import LetterForm, letter_form
from participation.workshops.labels import LETTER_LABELS, STATUS_LABELS
from participation.workshops.letter_words import letter_body
from participation.workshops.models import (
    LetterKind,
    RegistrationStatus,
    Workshop,
    WorkshopLetter,
    WorkshopState,
)
from participation.workshops.queries import letters as queries
from participation.workshops.queries.day_lists import receipt_numbers
from participation.workshops.services.door_names import open_names
from participation.workshops.services.letters import checked_body, checked_subject, write_letter
from participation.workshops.services.links import site_url
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.wording import day_words, days_by_id

_ONE = "/<int(max=999999999):workshop_id>/letters/<int(max=999999999):letter_id>"
_EXAMPLE = "ABCD-EFGH-JKMN"


@staff.get("/<int(max=999999999):workshop_id>/letters")
@requires(Permission.REGISTRATION_READ)
def letters(workshop_id: int) -> ResponseReturnValue:
    """List the letters with how many went out and how many people must be called."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    return pages.page(
        "workshops/staff/letters.html",
        found,
        actor,
        tab="letters",
        lines=queries.letters_of(db.session(), found.id),
        kind_labels=LETTER_LABELS,
        whom=lambda letter: _whom(found, letter),
        may_write=_may_write(found, actor),
    )


@staff.route("/<int(max=999999999):workshop_id>/letters/new", methods=["GET", "POST"])
@requires(Permission.REGISTRATION_WRITE)
def write(workshop_id: int) -> ResponseReturnValue:
    """Write a letter: the form, a preview, and then it goes out."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_WRITE)
    if not _may_write(found, actor):
        flash(_("公表する前の催しには、申し込んだ方がいません。"), "info")
        return redirect(url_for(".letters", workshop_id=workshop_id), 303)
    form = letter_form(found)
    if request.method == "GET":
        form.statuses.data = [RegistrationStatus.CONFIRMED.value]
    elif form.validate_on_submit():
        try:
            return _written(found, form, actor)
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
    page = pages.page("workshops/staff/letter_new.html", found, actor, tab="letters", form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _written(found: Workshop, form: LetterForm, actor: Actor) -> ResponseReturnValue:
    session = db.session()
    subject, body = checked_subject(form.subject.data or ""), checked_body(form.body.data or "")
    day_id, statuses = form.chosen_day(), form.chosen_statuses()
    reach = queries.reach_of(session, found.id, day_id=day_id, statuses=statuses)
    act = request.form.get("act")
    if act != "send" or not reach.applications:
        if act == "edit":
            return pages.page(
                "workshops/staff/letter_new.html", found, actor, tab="letters", form=form
            )
        return pages.page(
            "workshops/staff/letter_preview.html",
            found,
            actor,
            tab="letters",
            form=form,
            subject=subject,
            text=letter_body(
                body,
                workshop=found,
                number=_EXAMPLE,
                link=site_url(session) + "/workshops/application/…",
            ),
            reach=reach,
            whom=_words(found, day_id, [one.value for one in statuses]),
        )
    letter = write_letter(
        session,
        found,
        LetterKind.TYPED,
        subject=subject,
        body=body,
        day_id=day_id,
        statuses=statuses,
        actor=actor,
        now=clock.now(),
    )
    onward = url_for(".letters", workshop_id=found.id)
    target = url_for("staff.administration.job", job_id=letter.job_id, next=onward)
    transaction.commit()
    return redirect(target, 303)


@staff.get(_ONE)
@requires(Permission.REGISTRATION_READ)
def letter(workshop_id: int, letter_id: int) -> ResponseReturnValue:
    """Show a letter as it was sent and how many could not be mailed to."""
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    return _letter_page(found, queries.get_letter(db.session(), found, letter_id), actor)


@staff.post(_ONE + "/calls")
@requires(Permission.SENDER_DISCLOSE)
def letter_calls(workshop_id: int, letter_id: int) -> ResponseReturnValue:
    """Show whom to call, with name and number, and write down who looked."""
    found, actor = pages.load(workshop_id, Permission.SENDER_DISCLOSE)
    session, now = db.session(), clock.now()
    sent = queries.get_letter(session, found, letter_id)
    called = queries.to_be_called(session, sent)
    people = open_names(
        session,
        found,
        [one.receipt_id for one in called],
        clock.local_date(now),
        reason=_("電話での連絡（%(subject)s）", subject=sent.subject),
        actor=actor,
        now=now,
    )
    transaction.commit()
    # Not a redirect: nothing of this may stay anywhere but on this one page.
    return _letter_page(found, sent, actor, people=people)


def _letter_page(
    found: Workshop, sent: WorkshopLetter, actor: Actor, **shown: object
) -> ResponseReturnValue:
    session = db.session()
    line = queries.line_of(session, sent)
    called = queries.to_be_called(session, sent)
    return pages.page(
        "workshops/staff/letter.html",
        found,
        actor,
        tab="letters",
        line=line,
        letter=sent,
        kind_label=LETTER_LABELS[sent.kind],
        whom=_whom(found, sent),
        called=called,
        numbers=receipt_numbers(session, [one.receipt_id for one in called]),
        may_disclose=reaches(actor, Permission.SENDER_DISCLOSE, found.department_id),
        may_see_job=sent.created_by == actor.staff_id and sent.finished_at is None,
        people=shown.get("people"),
    )


def _may_write(found: Workshop, actor: Actor) -> bool:
    return found.state is not WorkshopState.PREPARING and reaches(
        actor, Permission.REGISTRATION_WRITE, found.department_id
    )


def _whom(found: Workshop, sent: WorkshopLetter) -> str:
    words = _words(found, sent.day_id, sent.statuses)
    return str(_("%(who)s（オンラインの席だけ）", who=words)) if sent.online_only else words


def _words(found: Workshop, day_id: int | None, statuses: list[str]) -> str:
    labels = _("、").join(_(STATUS_LABELS[RegistrationStatus(value)]) for value in statuses)
    if day_id is None:
        return str(_("%(statuses)sの方", statuses=labels))
    day = days_by_id(found.days).get(day_id)
    when = day_words(day) if day is not None else ""
    return str(_("%(day)sの、%(statuses)sの方", day=when, statuses=labels))
