"""People: the list, one person, inviting, changing, disabling and restoring."""

from datetime import date

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from participation.accounts import queries
from participation.accounts.models import StaffUser
from participation.accounts.services import invitations
from participation.accounts.services import people as services
from participation.administration.choices import department_choices, role_choices
from participation.administration.form_errors import carried_out
from participation.administration.forms import (
    InviteForm,
    PeopleFilterForm,
    PersonForm,
    ReasonForm,
    TermsForm,
)
from participation.administration.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Role
from participation.core.settings import Settings
from participation.db.extension import db
from participation.departments import queries as departments
from participation.policy import Permission, holds
from participation.policy.labels import ROLE_EXPLANATIONS, ROLE_LABELS
from participation.web import gate, transaction
from participation.web.forms import Form
from participation.web.templating import translated

STATES = {
    "active": _l("利用中"),
    "invited": _l("招待中（設定前）"),
    "none": _l("任命なし"),
    "disabled": _l("利用停止"),
    "all": _l("すべて"),
}


@staff.get("/people")
@gate.requires(Permission.USER_READ)
def people() -> ResponseReturnValue:
    """List people with today's rights, narrowed by name, role, department and state."""
    actor = gate.authorize(Permission.USER_READ)
    session, today = db.session(), _today()
    form = PeopleFilterForm(request.args)
    form.role.choices = [("", _("すべて")), *role_choices()]
    form.department.choices = department_choices(session, today, none=_("すべて"))
    form.state.choices = list(STATES.items())
    if "state" not in request.args:
        form.state.data = "all"
    for field in (form.role, form.department):
        field.data = field.data or ""
    chosen = queries.PeopleFilter(state="all")
    if form.validate():
        chosen = queries.PeopleFilter(
            words=form.q.data or "",
            role=Role(form.role.data) if form.role.data else None,
            department_id=int(form.department.data) if form.department.data else None,
            state=form.state.data,
        )
    found = queries.people(session, chosen, today)
    active = {user.id: [a for a in user.appointments if a.is_active(today)] for user in found}
    ids = {a.department_id for rows in active.values() for a in rows if a.department_id}
    return render_template(
        "administration/people.html",
        form=form,
        people=found,
        active=active,
        departments=departments.names(session, ids, today),
        role_labels=ROLE_LABELS,
        filtered=bool(request.args),
        may_write=holds(actor, Permission.USER_WRITE),
    )


@staff.get("/people/<int:user_id>")
@gate.requires(Permission.USER_READ)
def person(user_id: int) -> ResponseReturnValue:
    """Show one person with every appointment there ever was."""
    actor = gate.authorize(Permission.USER_READ)
    session, now = db.session(), clock.now()
    user = queries.get_user(session, user_id)
    today = clock.local_date(now)
    ids = {a.department_id for a in user.appointments if a.department_id}
    return render_template(
        "administration/person.html",
        person=user,
        appointments=sorted(user.appointments, key=lambda a: (a.valid_from, a.id), reverse=True),
        today=today,
        departments=departments.names(session, ids, today),
        role_labels=ROLE_LABELS,
        invitation=queries.open_invitation(session, user.id, now),
        may_write=holds(actor, Permission.USER_WRITE) and actor.staff_id != user.id,
        oneself=holds(actor, Permission.USER_WRITE) and actor.staff_id == user.id,
    )


@staff.route("/people/invite", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def invite() -> ResponseReturnValue:
    """Invite a person with a first appointment."""
    actor = gate.authorize(Permission.USER_WRITE)
    form = InviteForm()
    offer_terms(form, _today())
    made: list[StaffUser] = []

    def act() -> None:
        user, _link = invitations.invite(
            db.session(),
            name=form.name.data or "",
            email=form.email.data or "",
            terms=form.terms(),
            base_url=_settings().base_url,
            actor=actor,
            now=clock.now(),
        )
        made.append(user)

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("%(name)sさんに招待のメールを送ります。", name=made[0].name), "success")
        return redirect(url_for(".person", user_id=made[0].id), 303)
    return terms_page(form, title=_("職員を招待"), button=_("招待する"), person=None)


@staff.post("/people/<int:user_id>/invite-again")
@gate.requires(Permission.USER_WRITE)
def invite_again(user_id: int) -> ResponseReturnValue:
    """Send a new link; the earlier ones stop working."""
    actor = gate.authorize(Permission.USER_WRITE)
    user = queries.get_user(db.session(), user_id)
    invitations.invite_again(
        db.session(), user, base_url=_settings().base_url, actor=actor, now=clock.now()
    )
    transaction.commit()
    flash(_("招待のメールを送り直します。前のリンクは使えなくなりました。"), "success")
    return redirect(url_for(".person", user_id=user_id), 303)


@staff.route("/people/<int:user_id>/edit", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def edit_person(user_id: int) -> ResponseReturnValue:
    """Change name or address."""
    actor = gate.authorize(Permission.USER_WRITE)
    user = queries.get_user(db.session(), user_id)
    form = PersonForm(obj=user)

    def act() -> None:
        services.update_person(
            db.session(),
            user,
            name=form.name.data or "",
            email=form.email.data or "",
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("変更しました。"), "success")
        return redirect(url_for(".person", user_id=user_id), 303)
    return edit_page(
        form,
        title=_("氏名とメールアドレスの変更"),
        button=_("変更する"),
        person=user,
        intro=_("メールアドレスを変えると、以前のアドレスにもお知らせが届きます。"),
    )


@staff.route("/people/<int:user_id>/disable", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def disable_person(user_id: int) -> ResponseReturnValue:
    """Shut a person out at once."""
    actor = gate.authorize(Permission.USER_WRITE)
    user = queries.get_user(db.session(), user_id)
    form = ReasonForm()

    def act() -> None:
        services.disable_person(
            db.session(), user, reason=form.reason.data or "", actor=actor, now=clock.now()
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("利用を停止しました。任命はすべて終わり、サインインできません。"), "success")
        return redirect(url_for(".person", user_id=user_id), 303)
    return edit_page(
        form,
        title=_("利用停止"),
        button=_("利用を停止する"),
        kind="danger",
        person=user,
        intro=_("すぐにサインアウトし、任命はすべて終わります。再開しても任命は元に戻りません。"),
    )


@staff.route("/people/<int:user_id>/restore", methods=["GET", "POST"])
@gate.requires(Permission.USER_WRITE)
def restore_person(user_id: int) -> ResponseReturnValue:
    """Let a disabled person in again."""
    actor = gate.authorize(Permission.USER_WRITE)
    user = queries.get_user(db.session(), user_id)
    form = ReasonForm()

    def act() -> None:
        services.restore_person(
            db.session(), user, reason=form.reason.data or "", actor=actor, now=clock.now()
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("利用を再開しました。必要な任命を追加してください。"), "success")
        return redirect(url_for(".person", user_id=user_id), 303)
    return edit_page(form, title=_("利用再開"), button=_("利用を再開する"), person=user)


def edit_page(
    form: Form,
    *,
    title: str,
    button: str,
    person: StaffUser,
    intro: str = "",
    kind: str = "primary",
) -> ResponseReturnValue:
    """Return a page with one form about a person."""
    trail = [
        (_("職員"), url_for(".people")),
        (person.name, url_for(".person", user_id=person.id)),
    ]
    page = render_template(
        "administration/edit.html",
        form=form,
        title=title,
        subject=person.name,
        intro=intro,
        button=button,
        kind=kind,
        trail=trail,
        back=url_for(".person", user_id=person.id),
    )
    return page, 422 if form.errors else 200


def offer_terms(form: TermsForm, today: date) -> None:
    """Fill the choices of a form of role, department and days; it begins today."""
    form.role.choices = role_choices()
    form.department_id.choices = department_choices(
        db.session(), today, none=_("（課を指定しない）")
    )
    if not form.is_submitted() and form.valid_from.data is None:
        form.valid_from.data = today


def terms_page(
    form: TermsForm, *, title: str, button: str, person: StaffUser | None, intro: str = ""
) -> ResponseReturnValue:
    """Return a page with a form of role, department and days, roles explained."""
    trail = [(_("職員"), url_for(".people"))]
    if person is not None:
        trail.append((person.name, url_for(".person", user_id=person.id)))
    page = render_template(
        "administration/terms.html",
        form=form,
        title=title,
        subject=person.name if person else "",
        intro=intro,
        button=button,
        kind="primary",
        trail=trail,
        back=trail[-1][1],
        roles=[
            (translated(ROLE_LABELS[role]), translated(ROLE_EXPLANATIONS[role])) for role in Role
        ],
    )
    return page, 422 if form.errors else 200


def _today() -> date:
    return clock.local_date(clock.now())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
