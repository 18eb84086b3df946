"""What each section of a campaign's editing is: its form, what stands in it, how it is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.campaigns.forms import campaigns as forms
from participation.campaigns.models import (
    AnonymousPolicy,
    Campaign,
    CountingRule,
    DeadlineRule,
    SubjectType,
)
from participation.campaigns.services import editing
from participation.campaigns.services.channels import ChannelTerms, edit_channels
from participation.campaigns.services.places import PlaceTerms, edit_places
from participation.campaigns.wording import RULES_OF_CHANNEL, WHOLE_DAY
from participation.city import queries as city
from participation.city.areas_form import AreasForm
from participation.city.lists import lines_of
from participation.core.actors import Actor
from participation.db.extension import db
from participation.submissions.models import Channel
from participation.submissions.sender_fields import FIELDS, sender_fields

_BLANK_ROWS = 3
_DEFAULT_GRACE = 7


@dataclass(frozen=True)
class SectionPage:
    """One section of the editing."""

    make: Callable[[Campaign], Any]
    fill: Callable[[Any, Campaign], None]
    store: Callable[[Any, Campaign, Actor, datetime], bool]


def _fields_section(
    name: str, make: Callable[[], Any], read: dict[str, Callable[[Any], Any]]
) -> SectionPage:
    """Return a section whose fields are columns; ``read`` turns a field's data into the value."""
    columns = editing.SECTIONS[name][0]

    def fill(form: Any, campaign: Campaign) -> None:
        for column in columns:
            value = getattr(campaign, column)
            form[column].data = getattr(value, "value", value)

    def store(form: Any, campaign: Campaign, actor: Actor, now: datetime) -> bool:
        values = {column: read.get(column, _as_typed)(form[column].data) for column in columns}
        for column in columns:
            if isinstance(form[column], StringField) and values[column] is None:
                values[column] = ""
        return editing.edit_fields(
            db.session(),
            campaign,
            name,
            values,
            version=form.version_seen(),
            actor=actor,
            now=now,
        )

    return SectionPage(lambda _campaign: make(), fill, store)


def _as_typed(data: Any) -> Any:
    return data


def _fill_sender(form: Any, campaign: Campaign) -> None:
    asked = {one.key: one.required for one in sender_fields(campaign.sender_fields)}
    for key in FIELDS:
        required = asked.get(key)
        form[f"field_{key}"].data = (
            "no" if required is None else "required" if required else "optional"
        )
    form.accepts_attachments.data = campaign.accepts_attachments
    form.anonymous_policy.data = campaign.anonymous_policy.value
    form.retention_days.data = campaign.retention_days


def _store_sender(form: Any, campaign: Campaign, actor: Actor, now: datetime) -> bool:
    answers = {key: form[f"field_{key}"].data for key in FIELDS}
    values = {
        "sender_fields": [
            {"key": key, "required": answer == "required"}
            for key, answer in answers.items()
            if answer != "no"
        ],
        "accepts_attachments": bool(form.accepts_attachments.data),
        "anonymous_policy": AnonymousPolicy(form.anonymous_policy.data),
        "retention_days": form.retention_days.data,
    }
    return editing.edit_fields(
        db.session(),
        campaign,
        "sender",
        values,
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


def _fill_eligibility(form: Any, campaign: Campaign) -> None:
    form.lines.data = "\n".join(one.label for one in campaign.eligibilities)


def _store_eligibility(form: Any, campaign: Campaign, actor: Actor, now: datetime) -> bool:
    return editing.edit_eligibility(
        db.session(),
        campaign,
        lines_of(form.lines.data or ""),
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


def _fill_channels(form: Any, campaign: Campaign) -> None:
    stored = {one.channel: one for one in campaign.channels}
    for channel in Channel:
        part, one = form[channel.value], stored.get(channel)
        part["used"].data = one is not None
        part["rule"].data = (one.rule if one else RULES_OF_CHANNEL[channel][0]).value
        part["closing_time"].data = one.closing_time if one else WHOLE_DAY
        if "grace_days" in part.form:
            part["grace_days"].data = one.grace_days if one else _DEFAULT_GRACE
        if "destination" in part.form:
            part["destination"].data = one.destination if one else ""


def _store_channels(form: Any, campaign: Campaign, actor: Actor, now: datetime) -> bool:
    terms = []
    for channel in Channel:
        data = form[channel.value].data
        if data["used"]:
            terms.append(
                ChannelTerms(
                    channel,
                    DeadlineRule(data["rule"]),
                    data["closing_time"] or WHOLE_DAY,
                    data.get("destination") or "",
                    data.get("grace_days") or 0,
                )
            )
    return edit_channels(
        db.session(),
        campaign,
        terms,
        notice=form.notice.data or "",
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


def _make_places(_campaign: Campaign) -> forms.PlacesForm:
    form = forms.PlacesForm()
    form.add.choices = [
        SelectChoice(place.id, place.name) for place in city.places(db.session(), active_only=True)
    ]
    _number_rows(form)
    return form


def _fill_places(form: Any, campaign: Campaign) -> None:
    for one in campaign.places:
        form.rows.append_entry(
            {
                "name": one.name,
                "address": one.address,
                "hours": one.hours,
                "opens_on": one.opens_on,
                "closes_on": one.closes_on,
            }
        )
    for _index in range(_BLANK_ROWS):
        form.rows.append_entry({})
    _number_rows(form)
    names = {one.name for one in campaign.places}
    form.add.choices = [one for one in form.add.choices if one.label not in names]


def _number_rows(form: Any) -> None:
    for number, row in enumerate(form.rows, start=1):
        row.label.text = _("閲覧場所 %(number)s", number=number)


def _store_places(form: Any, campaign: Campaign, actor: Actor, now: datetime) -> bool:
    terms = [
        PlaceTerms(
            row["name"],
            row["address"] or "",
            row["hours"] or "",
            row["opens_on"],
            row["closes_on"],
        )
        for row in form.typed()
    ]
    chosen = set(form.add.data or [])
    terms += [
        PlaceTerms(place.name, place.address, place.hours)
        for place in city.places(db.session(), active_only=True)
        if place.id in chosen
    ]
    return edit_places(
        db.session(),
        campaign,
        terms,
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


def _make_areas(campaign: Campaign) -> AreasForm:
    form = AreasForm()
    form.offer(db.session(), f"campaign:{campaign.id}")
    return form


def _fill_areas(form: Any, campaign: Campaign) -> None:
    form.show(db.session(), f"campaign:{campaign.id}")


def _store_areas(form: Any, campaign: Campaign, actor: Actor, now: datetime) -> bool:
    return editing.edit_areas(
        db.session(),
        campaign,
        form.areas.data or [],
        version=form.version_seen(),
        actor=actor,
        now=now,
    )


_CHANNELS_FORM = forms.channels_form()
_SENDER_FORM = forms.sender_form()
# In the order of the overview.
PAGES: dict[str, SectionPage] = {
    "basics": _fields_section("basics", forms.BasicsForm, {"subject_type": SubjectType}),
    "period": _fields_section("period", forms.PeriodForm, {}),
    "channels": SectionPage(lambda _campaign: _CHANNELS_FORM(), _fill_channels, _store_channels),
    "eligibility": SectionPage(
        lambda _campaign: forms.EligibilityForm(), _fill_eligibility, _store_eligibility
    ),
    "places": SectionPage(_make_places, _fill_places, _store_places),
    "contact": _fields_section("contact", forms.ContactForm, {}),
    "areas": SectionPage(_make_areas, _fill_areas, _store_areas),
    "sender": SectionPage(lambda _campaign: _SENDER_FORM(), _fill_sender, _store_sender),
    "counting": _fields_section("counting", forms.CountingForm, {"counting_rule": CountingRule}),
    "result": _fields_section("result", forms.ResultForm, {}),
}
