"""What other features publish, as a workshop's pages link it: through their occasions."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock, fiscal_year
from participation.core.errors import InvalidInput, NotFound
from participation.core.occasions import Occasion, OccasionFilter, OccasionSource
from participation.web.feature import Feature
from participation.workshops.views.occasions import NAME

# What events are linked to; a picker offers these.
CAMPAIGN = "campaign"
_BACK, _AHEAD = timedelta(days=3_700), timedelta(days=1_100)
_MOST = 1_000
_NAMED = 5
# As a label ends, or the number alone.
_NUMBER = re.compile(r"(?:.*\[)?([1-9][0-9]{0,8})\]?", re.ASCII | re.DOTALL)
_REFERENCE = re.compile(r"([a-z]{1,30}):([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """A public thing as a picker offers it: its title, year and number."""

    reference: str
    label: str


@dataclass(frozen=True)
class Related:
    """A public thing: what it is called, and where it is."""

    title: str
    url: str
    first_day: date | None = None


def public_thing(session: Session, reference: str, now: datetime) -> Related | None:
    """Return what residents can see under ``reference`` (campaign:12); None if there is nothing."""
    found = _REFERENCE.fullmatch(reference)
    if found is None or found[1] == NAME:
        return None
    source = _source(found[1])
    if source is None:
        return None
    try:
        parts = source.parts(session, int(found[2]), now)
    except NotFound:
        return None
    url = _address(reference)
    if not url:
        return None
    if not parts:
        return Related(str(_("関係する募集")), url)
    return Related(parts[0].title, url, parts[0].first_day)


def _address(reference: str) -> str:
    features: tuple[Feature, ...] = current_app.extensions["features"]
    kind = reference.partition(":")[0]
    for feature in features:
        if kind in feature.addresses:
            return feature.addresses[kind](reference, "")
    return ""


def choices(session: Session, now: datetime) -> Sequence[Choice]:
    """Return the campaigns of some years that residents can see, the newest first."""
    source = _source(CAMPAIGN)
    if source is None:
        return ()
    everything, today = OccasionFilter(), clock.local_date(now)
    found = {
        one.ref: one
        for one in (
            *source.coming(session, everything, now, _MOST),
            *source.on_days(session, today - _BACK, today + _AHEAD, everything, now),
        )
    }
    newest = sorted(found.values(), key=_newest, reverse=True)[:_MOST]
    return [Choice(one.ref, _label(one.ref, one.title, one.first_day)) for one in newest]


def label_of(session: Session, reference: str, now: datetime) -> str:
    """Return what a picker shows for what was chosen before; the number alone once it is gone."""
    thing = public_thing(session, reference, now)
    if thing is None:
        return reference.partition(":")[2]
    return _label(reference, thing.title, thing.first_day)


def chosen(session: Session, text: str, now: datetime, *, field: str) -> Choice | None:
    """Return which campaign a text means, its label being the title; None for an empty text.

    A line of the list, a number, or words of which each is in one line alone: 公園 2026.

    Args:
        session: any session.
        text: as typed or picked.
        now: when.
        field: the control, for the error.

    Raises:
        InvalidInput: it means none that residents can see, or several.

    """
    plain = _plain(text)
    if not plain:
        return None
    if number := _NUMBER.fullmatch(plain):
        reference = f"{CAMPAIGN}:{number[1]}"
        thing = public_thing(session, reference, now)
        if thing is not None:
            return Choice(reference, thing.title)
    words = plain.split()
    fitting = [
        one for one in choices(session, now) if all(word in _plain(one.label) for word in words)
    ]
    if len(fitting) > 1:
        names = "、".join(f"「{one.label}」" for one in fitting[:_NAMED])
        raise InvalidInput(
            f"「{text.strip()}」にあてはまる意見募集が{len(fitting)}件あります。"
            f"1つに決まるように入力してください：{names}",
            field=field,
        )
    thing = public_thing(session, fitting[0].reference, now) if fitting else None
    if thing is None:
        raise InvalidInput(
            f"「{text.strip()}」にあてはまる、公表している意見募集はありません。"
            "題名の一部や年度を入力し直し、候補から選んでください。",
            field=field,
        )
    return Choice(fitting[0].reference, thing.title)


def _source(name: str) -> OccasionSource | None:
    sources: tuple[OccasionSource, ...] = current_app.extensions["occasion_sources"]
    return next((one for one in sources if one.name == name), None)


def _newest(one: Occasion) -> tuple[bool, str, int]:
    number = int(one.ref.partition(":")[2])
    return one.first_day is None, one.first_day.isoformat() if one.first_day else "", number


def _label(reference: str, title: str, day: date | None) -> str:
    year = "" if day is None else fiscal_year.western_label(fiscal_year.fiscal_year_of(day))
    return f"{title}{f'（{year}）' if year else ''}［{reference.partition(':')[2]}］"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
