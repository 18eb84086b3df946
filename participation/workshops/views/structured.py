"""An event as schema.org data (JSON-LD) for search engines and assistants; names nobody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from participation.core import clock
from participation.workshops.models import (
    Workshop,
    WorkshopDay,
    WorkshopNoticeKind,
    WorkshopState,
)
from participation.workshops.queries.form_offers import FormOffer, Room

_SCHEMA = "https://schema.org"
_AVAILABILITY = {
    Room.PLENTY: "InStock",
    Room.FEW: "LimitedAvailability",
    Room.WAITLIST: "SoldOut",
    Room.FULL: "SoldOut",
    Room.LOTTERY: "InStock",
    Room.DRAWN: "SoldOut",
}


def event_data(
    workshop: Workshop,
    offer: FormOffer,
    *,
    organiser: str,
    city: Mapping[str, str],
    url: str,
    register_url: str,
) -> dict[str, Any]:
    """Return a workshop as a schema.org Event, with a part for each day if it has several.

    Args:
        workshop: one that residents may see.
        offer: its seats, as the form shows them.
        organiser: who holds it.
        city: name and prefecture, for the addresses.
        url: the whole address of its page.
        register_url: the whole address of its form; empty without one.

    """
    days = [day for day in workshop.days if not day.stop_reason] or list(workshop.days)
    data: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Event",
        "name": workshop.title,
        "url": url,
        "inLanguage": "ja",
        "eventStatus": _SCHEMA + "/" + _status(workshop),
        "isAccessibleForFree": not workshop.fee,
        "organizer": {"@type": "Organization", "name": organiser},
    }
    if workshop.summary:
        data["description"] = workshop.summary
    if days:
        data |= _when(days[0].starts_at, max(day.ends_at for day in days))
        data |= _where(days, city, url)
    if workshop.target:
        data["audience"] = {"@type": "Audience", "audienceType": workshop.target}
    offers = _offers(workshop, offer, register_url)
    if offers:
        data["offers"] = offers
    if len(workshop.days) > 1:
        data["subEvent"] = [_part(workshop, day, city, url) for day in workshop.days]
    return data


def _part(
    workshop: Workshop, day: WorkshopDay, city: Mapping[str, str], url: str
) -> dict[str, Any]:
    stopped = workshop.state is WorkshopState.CANCELLED or bool(day.stop_reason)
    return {
        "@type": "Event",
        "name": f"{workshop.title} {day.heading}".strip(),
        "url": f"{url}#day-{day.id}",
        "eventStatus": f"{_SCHEMA}/{'EventCancelled' if stopped else _status(workshop)}",
        **_when(day.starts_at, day.ends_at),
        **_where([day], city, url),
    }


def _status(workshop: Workshop) -> str:
    if workshop.state is WorkshopState.CANCELLED:
        return "EventCancelled"
    if workshop.state is WorkshopState.POSTPONED:
        return "EventPostponed"
    moved = any(one.kind is WorkshopNoticeKind.RESUMED for one in workshop.notices)
    return "EventRescheduled" if moved else "EventScheduled"


def _when(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {
        "startDate": clock.local(starts_at).isoformat(timespec="minutes"),
        "endDate": clock.local(ends_at).isoformat(timespec="minutes"),
    }


def _where(days: Sequence[WorkshopDay], city: Mapping[str, str], url: str) -> dict[str, Any]:
    at_venue, online = any(day.at_venue for day in days), any(day.online for day in days)
    mode = "Mixed" if at_venue and online else "Online" if online else "Offline"
    places: list[dict[str, Any]] = []
    for day in days:
        place = _place(day, city)
        if day.at_venue and place not in places:
            places.append(place)
    if online:
        # How to join is told to who holds a seat; the page says how to get one.
        places.append({"@type": "VirtualLocation", "url": url})
    return {
        "eventAttendanceMode": f"{_SCHEMA}/{mode}EventAttendanceMode",
        "location": places if len(places) != 1 else places[0],
    }


def _place(day: WorkshopDay, city: Mapping[str, str]) -> dict[str, Any]:
    address = {"@type": "PostalAddress", "addressCountry": "JP"}
    if city.get("prefecture"):
        address["addressRegion"] = city["prefecture"]
    if day.address:
        address["streetAddress"] = day.address
    if city.get("name"):
        address["addressLocality"] = city["name"]
    place: dict[str, Any] = {
        "@type": "Place",
        "name": day.venue or day.address,
        "address": address,
    }
    if day.latitude and day.longitude:
        place["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": day.latitude,
            "longitude": day.longitude,
        }
    return place


def _offers(workshop: Workshop, offer: FormOffer, register_url: str) -> list[dict[str, Any]]:
    if workshop.state is not WorkshopState.ANNOUNCED or not register_url:
        return []
    found = []
    for group in offer.groups:
        for pool in group.pools:
            one: dict[str, Any] = {
                "@type": "Offer",
                "url": register_url,
                "availability": f"{_SCHEMA}/{_AVAILABILITY[pool.room]}",
                "validFrom": clock.local(pool.opens_at).isoformat(timespec="minutes"),
                "validThrough": clock.local(pool.closes_at).isoformat(timespec="minutes"),
            }
            if not workshop.fee:
                one |= {"price": "0", "priceCurrency": "JPY"}
            found.append(one)
    return found
