"""The Atom feed of the news (RFC 4287): built as a tree, so that no text can break out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

from participation.core.text import clean_input
from participation.news.models import NewsItem

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
# Of a feed in which nothing has been told yet.
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Frame:
    """What a feed says of itself."""

    title: str
    author: str
    site: str  # https://host, for ids: without a path
    page: str  # whole address of the page for people
    own: str  # whole address of the feed
    arguments: Mapping[str, str]  # what it is narrowed to


@dataclass(frozen=True)
class Told:
    """One news as a feed says it."""

    item: NewsItem
    title: str
    department: str
    kind_label: str
    address: str


def feed_id(frame: Frame) -> str:
    """Return what names the feed for ever, by its filter: ``tag:host,2026:news?area=…``."""
    query = urlencode(sorted(frame.arguments.items()))
    return f"{_tag(frame.site)}:news{'?' + query if query else ''}"


def entry_id(site: str, number: int) -> str:
    """Return what names one news for ever, in every feed that has it."""
    return f"{_tag(site)}:news/{number}"


def atom(frame: Frame, told: Sequence[Told]) -> bytes:
    """Return the feed; the newest news first."""
    feed = ET.Element(_name("feed"), {f"{{{_XML}}}lang": "ja"})
    _add(feed, "id", feed_id(frame))
    _add(feed, "title", frame.title)
    newest = max((one.item.at for one in told), default=_BEGINNING)
    _add(feed, "updated", _moment(newest))
    _add(_add(feed, "author"), "name", frame.author)
    _add(feed, "link", rel="self", type=MEDIA_TYPE, href=frame.own)
    _add(feed, "link", rel="alternate", type="text/html", href=frame.page)
    for one in told:
        entry = _add(feed, "entry")
        _add(entry, "id", entry_id(frame.site, one.item.id))
        _add(entry, "title", one.title)
        _add(entry, "updated", _moment(one.item.at))
        _add(entry, "published", _moment(one.item.at))
        _add(_add(entry, "author"), "name", one.department or frame.author)
        _add(entry, "link", rel="alternate", type="text/html", href=one.address)
        _add(entry, "category", term=one.item.kind, label=one.kind_label)
        if one.item.text:
            _add(entry, "summary", one.item.text, type="text")
    ET.register_namespace("", _ATOM)
    xml: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return xml


def _tag(site: str) -> str:
    # The year says since when the name is ours (RFC 4151); it never changes.
    return f"tag:{urlsplit(site).hostname or 'localhost'},{_BEGINNING.year}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    cleaned = {key: clean_input(value) for key, value in attributes.items()}
    element = ET.SubElement(parent, _name(name), cleaned)
    if text:
        element.text = clean_input(text)
    return element


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"
