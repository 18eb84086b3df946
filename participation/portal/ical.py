"""Occasions as an iCalendar file (RFC 5545): the same content gives the same bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from participation.core.occasions import STOPPED, Occasion

MEDIA_TYPE = "text/calendar"
# How often a calendar program should ask again.
_REFRESH = timedelta(hours=1)
_END = b"END:VCALENDAR"
# Events of which the lines are kept, about a kilobyte each.
_REMEMBERED = 8_000
_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_FIRST_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Subscription:
    """What a calendar is called and where it comes from."""

    name: str
    site_url: str  # https://sanka.example.jp, without a slash at its end


def calendar_file(
    occasions: Iterable[Occasion],
    about: Subscription,
    areas: Mapping[str, tuple[str, ...]] = _NONE,
) -> bytes:
    """Return the file of ``occasions``; those without a day are left out.

    Times are in UTC, which every program shows in its reader's zone and which needs no table of
    zones. A period is whole days, its end exclusive as RFC 5545 has it, and leaves its reader's
    time free.

    Args:
        occasions: in the order in which they stand in the file.
        about: what the calendar is called.
        areas: the areas of interest of each thing, by its reference.

    """
    calendar = Calendar()
    calendar.add("prodid", "-//Resident participation//Calendar//JA")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", about.name)
    calendar.add("x-wr-calname", about.name)
    calendar.add("x-wr-timezone", "Asia/Tokyo")
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    head, end, nothing = bytes(calendar.to_ical()).partition(_END)
    events = (
        _event_lines(one, areas.get(one.ref, ()), about.site_url)
        for one in occasions
        if one.first_day is not None and one.last_day is not None
    )
    return b"".join((head, *events, end, nothing))


def uid(one: Occasion, site_url: str) -> str:
    """Return the identity of an occasion: the same for ever, whatever is edited."""
    name = "-".join(filter(None, (one.ref, one.part))).replace(":", "-")
    return f"{name}@{urlsplit(site_url).hostname or 'localhost'}"


@lru_cache(maxsize=_REMEMBERED)
def _event_lines(one: Occasion, areas: tuple[str, ...], site_url: str) -> bytes:
    """Return an event as it stands in the file; writing one anew takes most of a file's time."""
    event = Event()
    address = site_url + one.url
    stopped = one.state in STOPPED
    changed = (one.updated_at or _FIRST_EVER).astimezone(UTC).replace(microsecond=0)
    event.add("uid", uid(one, site_url))
    # Without a METHOD, DTSTAMP is the moment of the last revision (RFC 5545 3.8.7.2).
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", one.version)
    event.add("summary", f"【{one.state_label}】{one.title}" if stopped else one.title)
    if one.starts_at is not None and one.ends_at is not None:
        event.add("dtstart", one.starts_at.astimezone(UTC))
        event.add("dtend", one.ends_at.astimezone(UTC))
    elif one.first_day is not None and one.last_day is not None:
        event.add("dtstart", one.first_day)
        event.add("dtend", one.last_day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if stopped else "CONFIRMED")
    if one.place:
        event.add("location", one.place)
    event.add("categories", [one.kind_label, *areas])
    # Some programs show no URL but that in the description.
    event.add("description", "\n\n".join(filter(None, (one.text, f"{one.when}", address))))
    event.add("url", address)
    return bytes(event.to_ical())
