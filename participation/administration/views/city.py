"""The city's profile: shown, and edited part by part."""

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.administration.city_forms import (
    CityForm,
    ListsForm,
    field_of_rule,
    rules_form,
    wording_form,
)
from participation.administration.form_errors import carried_out
from participation.administration.views.blueprints import staff
from participation.city import areas, lists, queries, services
from participation.city.models import City
from participation.city.rules import RULES
from participation.city.wording import KEYS, LABELS, ReportWording
from participation.core import clock
from participation.core.errors import StateConflict
from participation.db.extension import db
from participation.policy import Permission, holds
from participation.web import gate, transaction
from participation.web.forms import SeenForm
from participation.web.templating import translated


@staff.get("/city")
@gate.requires(Permission.CITY_READ)
def city() -> ResponseReturnValue:
    """Show the whole profile."""
    actor = gate.authorize(Permission.CITY_READ)
    session = db.session()
    found = queries.get_city(session)
    words = queries.wording(session)
    today = clock.local_date(clock.now())
    return render_template(
        "administration/city.html",
        profile=found,
        words=[(translated(LABELS[key]), getattr(words, key)) for key in KEYS],
        rules=[
            (translated(rule.label), queries.rule(session, rule.key)) for rule in RULES.values()
        ],
        eligibility=queries.eligibility(session),
        categories=queries.categories(session),
        areas=queries.areas(session),
        closed_days=queries.closed_days(session, today, today + timedelta(days=366)),
        places=queries.places(session),
        may_write=holds(actor, Permission.CITY_WRITE),
    )


@staff.route("/city/edit", methods=["GET", "POST"])
@gate.requires(Permission.CITY_WRITE)
def edit_city() -> ResponseReturnValue:
    """Change name, code and contact."""
    actor = gate.authorize(Permission.CITY_WRITE)
    form = CityForm()
    stored = queries.get_city(db.session())
    if not form.is_submitted():
        form.seen.data = _version(stored)
        if stored is not None:
            form.name.data, form.prefecture.data = stored.name, stored.prefecture
            form.code.data, form.contact.data = stored.code, _contact_text(stored)

    def act() -> None:
        services.update_city(
            db.session(),
            name=form.name.data or "",
            prefecture=form.prefecture.data or "",
            code=form.code.data or "",
            contact=form.contact_lines(),
            seen=form.moment_seen(),
            actor=actor,
            now=clock.now(),
        )

    return _edited(
        form,
        act,
        title=_("名称と連絡先"),
        current=lambda city: {"contact": _contact_text(city)},
    )


@staff.route("/city/wording", methods=["GET", "POST"])
@gate.requires(Permission.CITY_WRITE)
def edit_wording() -> ResponseReturnValue:
    """Change the words of the yearly report."""
    actor = gate.authorize(Permission.CITY_WRITE)
    form = wording_form()()
    stored = queries.get_city(db.session())
    if not form.is_submitted():
        form.seen.data = _version(stored)
        for key in KEYS:
            form[key].data = (stored.wording if stored else {}).get(key, "")

    def act() -> None:
        services.update_wording(
            db.session(),
            {key: form[key].data or "" for key in KEYS},
            seen=form.moment_seen(),
            actor=actor,
            now=clock.now(),
        )

    return _edited(
        form,
        act,
        title=_("年次報告の言葉"),
        current=lambda city: {
            key: getattr(ReportWording.from_stored(city.wording), key) for key in KEYS
        },
    )


@staff.route("/city/rules", methods=["GET", "POST"])
@gate.requires(Permission.CITY_WRITE)
def edit_rules() -> ResponseReturnValue:
    """Change the city's rules."""
    actor = gate.authorize(Permission.CITY_WRITE)
    form = rules_form()()
    stored = queries.get_city(db.session())
    if not form.is_submitted():
        form.seen.data = _version(stored)
        for key in RULES:
            form[field_of_rule(key)].data = queries.rule(db.session(), key)

    def act() -> None:
        services.update_rules(
            db.session(),
            {key: form[field_of_rule(key)].data for key in RULES},
            seen=form.moment_seen(),
            actor=actor,
            now=clock.now(),
        )

    return _edited(form, act, title=_("規則"), current=lambda city: dict(city.rules))


@staff.route("/city/lists", methods=["GET", "POST"])
@gate.requires(Permission.CITY_WRITE)
def edit_lists() -> ResponseReturnValue:
    """Change the city's lists."""
    actor = gate.authorize(Permission.CITY_WRITE)
    form = ListsForm()
    stored = queries.get_city(db.session())
    if not form.is_submitted():
        form.seen.data = _version(stored)
        for name, text in _lists_text(stored).items():
            form[name].data = text

    def act() -> None:
        services.update_lists(
            db.session(), form.values(), seen=form.moment_seen(), actor=actor, now=clock.now()
        )

    return _edited(form, act, title=_("一覧"), current=_lists_text)


def _lists_text(city: City | None) -> dict[str, object]:
    stored = city.lists if city is not None else {}
    return {
        "eligibility": "\n".join(lists.eligibility(stored)),
        "categories": lists.categories_text(lists.categories(stored)),
        "areas": "\n".join(areas.areas(stored)),
    }


def _edited(
    form: SeenForm,
    act: Callable[[], None],
    *,
    title: str,
    current: Callable[[City], dict[str, object]],
) -> ResponseReturnValue:
    """Carry out, or show the form again; after a conflict with what the other one stored."""
    theirs: dict[str, object] = {}

    def act_unless_changed() -> None:
        try:
            act()
        except StateConflict:
            transaction.discard()
            now_stored = queries.get_city(db.session())
            theirs.update(current(now_stored) if now_stored else {})
            # Whoever sends the form again has seen the other version beside the own.
            form.seen.data = _version(now_stored)
            raise

    if form.validate_on_submit() and carried_out(form, act_unless_changed):
        flash(_("保存しました。"), "success")
        return redirect(url_for(".city"), 303)
    page = render_template(
        "administration/city_edit.html",
        form=form,
        title=title,
        subject="",
        intro="",
        button=_("保存する"),
        kind="primary",
        trail=[(_("自治体の設定"), url_for(".city"))],
        back=url_for(".city"),
        theirs=[
            (form[name].label.text, form[name].data, text)
            for name, text in theirs.items()
            if name in form
        ],
    )
    status = 409 if theirs else 422 if request.method == "POST" else 200
    return page, status


def _version(city: City | None) -> str:
    return city.updated_at.isoformat() if city is not None else ""


def _contact_text(city: City) -> str:
    return "\n".join(f"{line['label']}：{line['value']}" for line in city.contact)
