"""What each section of a workshop's editing is: its form, what stands in it, how it is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wtforms import StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.city import queries as city
from participation.city.areas_form import AreasForm
from participation.city.lists import lines_of
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.submissions.sender_fields import FIELDS, sender_fields
from participation.workshops.forms import sections as forms
from participation.workshops.forms.sections import EXTRA
from participation.workshops.models import SignUp, Workshop
from participation.workshops.services import editing
from participation.workshops.services.editing import ELIGIBILITY, FIRST_TIME
from participation.workshops.services.extra_fields import PREFIX
from participation.workshops.views.related import choices, chosen, label_of


@dataclass(frozen=True)
class SectionPage:
    """One section of the editing."""

    make: Callable[[Workshop], Any]
    fill: Callable[[Any, Workshop], None]
    store: Callable[[Any, Workshop, Actor, datetime], bool]


def _store_fields(
    form: Any,
    workshop: Workshop,
    *,
    section: str,
    values: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> bool:
    return editing.edit_fields(
        db.session(),
        workshop,
        section,
        values,
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


def _texts(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: form[name].data or "" if isinstance(form[name], StringField) else form[name].data
        for name in names
    }


def _make_content(workshop: Workshop) -> forms.ContentForm:
    form = forms.ContentForm()
    session = db.session()
    kinds = [kind for kind in city.kinds(session) if kind.active and kind.key != workshop.kind]
    # Its own kind too, hidden or gone though it may be.
    form.kind.choices = [
        SelectChoice(kind.key, kind.label)
        for kind in (city.kind_of(session, workshop.kind), *kinds)
    ]
    form.suggestions = [one.label for one in choices(session, clock.now())]
    return form


def _fill_content(form: Any, workshop: Workshop) -> None:
    for column in editing.SECTIONS["content"][0]:
        form[column].data = getattr(workshop, column)
    form.related.data = (
        label_of(db.session(), workshop.related, clock.now()) if workshop.related else ""
    )


def _store_content(form: Any, workshop: Workshop, actor: Actor, now: datetime) -> bool:
    values = _texts(form, editing.SECTIONS["content"][0])
    values["related"] = _related(form.related.data or "", workshop, now)
    return _store_fields(form, workshop, section="content", values=values, actor=actor, now=now)


def _related(typed: str, workshop: Workshop, now: datetime) -> str:
    session = db.session()
    # What was chosen before stays although residents cannot see it any more.
    if workshop.related and typed.strip() == label_of(session, workshop.related, now):
        return workshop.related
    found = chosen(session, typed, now, field="related")
    return "" if found is None else found.reference


def _make_extra(workshop: Workshop) -> Any:
    return forms.extra_form(city.kind_of(db.session(), workshop.kind).fields_on("page"))()


def _fill_extra(form: Any, workshop: Workshop) -> None:
    for field in form:
        if field.short_name.startswith(EXTRA):
            field.data = workshop.extra.get(field.short_name.removeprefix(EXTRA), "")


def _store_extra(form: Any, workshop: Workshop, actor: Actor, now: datetime) -> bool:
    values = {
        field.short_name.removeprefix(EXTRA): field.data or ""
        for field in form
        if field.short_name.startswith(EXTRA)
    }
    try:
        return editing.edit_extra(
            db.session(), workshop, values, version=form.version_seen(), actor=actor, now=now
        )
    except InvalidInput as error:
        name = (error.field or "").removeprefix(PREFIX)
        raise InvalidInput(str(error), field=EXTRA + name) from error


def _make_areas(workshop: Workshop) -> AreasForm:
    form = AreasForm()
    form.offer(db.session(), f"workshop:{workshop.id}")
    return form


def _fill_areas(form: Any, workshop: Workshop) -> None:
    form.show(db.session(), f"workshop:{workshop.id}")


def _store_areas(form: Any, workshop: Workshop, actor: Actor, now: datetime) -> bool:
    return editing.edit_areas(
        db.session(),
        workshop,
        form.areas.data or [],
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


def _fill_registering(form: Any, workshop: Workshop) -> None:
    for column in editing.SECTIONS["registering"][0]:
        if column != "sender_fields":
            value = getattr(workshop, column)
            form[column].data = getattr(value, "value", value)
    asked = {one.key: one.required for one in sender_fields(workshop.sender_fields)}
    for key in FIELDS:
        needed = asked.get(key)
        form[f"field_{key}"].data = "no" if needed is None else "required" if needed else "optional"


def _store_registering(form: Any, workshop: Workshop, actor: Actor, now: datetime) -> bool:
    names = tuple(one for one in editing.SECTIONS["registering"][0] if one != "sender_fields")
    answers = {key: form[f"field_{key}"].data for key in FIELDS}
    values = _texts(form, names) | {
        "sign_up": SignUp(form.sign_up.data),
        "sender_fields": [
            {"key": key, "required": answer == "required"}
            for key, answer in answers.items()
            if answer != "no"
        ],
    }
    return _store_fields(form, workshop, section="registering", values=values, actor=actor, now=now)


def _fill_eligibility(form: Any, workshop: Workshop) -> None:
    form.lines.data = "\n".join(one.label for one in workshop.eligibilities)


def _store_eligibility(form: Any, workshop: Workshop, actor: Actor, now: datetime) -> bool:
    return editing.edit_eligibility(
        db.session(),
        workshop,
        lines_of(form.lines.data or ""),
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


def _make_priority(workshop: Workshop) -> forms.PriorityForm:
    form = forms.PriorityForm()
    form.offer([(one.id, one.label) for one in workshop.eligibilities])
    return form


def _fill_priority(form: Any, workshop: Workshop) -> None:
    names = [rule["rule"] for rule in workshop.priority]
    form.first.data = names[0] if names else ""
    form.second.data = names[1] if len(names) > 1 else ""
    form.ids.data = [number for rule in workshop.priority for number in rule.get("ids", ())]


def _store_priority(form: Any, workshop: Workshop, actor: Actor, now: datetime) -> bool:
    rules: list[dict[str, Any]] = []
    for name in (form.first.data, form.second.data):
        if name == FIRST_TIME:
            rules.append({"rule": name})
        elif name == ELIGIBILITY:
            rules.append({"rule": name, "ids": sorted(form.ids.data or [])})
    return _store_fields(
        form, workshop, section="priority", values={"priority": rules}, actor=actor, now=now
    )


def _fill_contact(form: Any, workshop: Workshop) -> None:
    for column in editing.SECTIONS["contact"][0]:
        form[column].data = getattr(workshop, column)


def _store_contact(form: Any, workshop: Workshop, actor: Actor, now: datetime) -> bool:
    values = _texts(form, editing.SECTIONS["contact"][0])
    return _store_fields(form, workshop, section="contact", values=values, actor=actor, now=now)


# In the order of the overview.
PAGES: dict[str, SectionPage] = {
    "content": SectionPage(_make_content, _fill_content, _store_content),
    "extra": SectionPage(_make_extra, _fill_extra, _store_extra),
    "areas": SectionPage(_make_areas, _fill_areas, _store_areas),
    "registering": SectionPage(
        lambda _workshop: forms.registering_form()(), _fill_registering, _store_registering
    ),
    "eligibility": SectionPage(
        lambda _workshop: forms.EligibilityForm(), _fill_eligibility, _store_eligibility
    ),
    "priority": SectionPage(_make_priority, _fill_priority, _store_priority),
    "contact": SectionPage(lambda _workshop: forms.ContactForm(), _fill_contact, _store_contact),
}
