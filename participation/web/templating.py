"""What every template may use: filters for dates, hashed asset addresses, the navigation."""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from flask import Flask, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from participation.core import clock, fiscal_year, wareki
from participation.core.markup import clean_markup
from participation.policy import holds
from participation.web import language
from participation.web.feature import Feature

_KILOBYTE, _MEGABYTE = 1_000, 1_000_000

STATIC = Path(__file__).resolve().parents[1] / "static"


@cache
def _fingerprint(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def asset(path: str) -> str:
    """Return the address of a static file with the hash of its content, cacheable for ever."""
    return url_for("static", filename=path, v=_fingerprint(path))


def wareki_filter(day: date | datetime | None) -> str:
    """令和8年11月22日（日）; 22 November 2026 for readers of English.

    2026年（令和8年）11月22日（日） for readers of easy Japanese.
    """
    if day is None:
        return ""
    day = clock.local_date(day) if isinstance(day, datetime) else day
    if _in_english():
        return format_date(day, "d MMMM y", "en")
    return wareki.format_western_date(day) if language.is_easy() else wareki.format_date(day)


def local_datetime_filter(moment: datetime | None) -> str:
    """令和8年11月22日（日）14:05; 22 November 2026 14:05 for readers of English."""
    if moment is None:
        return ""
    local = clock.local(moment)
    return f"{wareki_filter(local.date())}{' ' if _in_english() else ''}{local:%H:%M}"


def file_size_filter(size: int) -> str:
    """Return a size in bytes as people read it, the same in every language: 12 KB, 3.4 MB."""
    if size < _MEGABYTE:
        return f"{max(1, round(size / _KILOBYTE)):,} KB"
    return f"{size / _MEGABYTE:,.1f} MB"


def fiscal_year_filter(year: int) -> str:
    """令和5年度; FY2023 for readers of English, 2023年度（令和5年度） of easy Japanese."""
    if _in_english():
        return f"FY{year}"
    label = fiscal_year.label(year)
    return f"{year}年度（{label}）" if language.is_easy() else label


def translated(label: str) -> str:
    """Return a word of labels.py, or the sentence of a rule, in the reader's language.

    For what is not a literal ``_('…')``: in a template that one takes its text for markup, so a
    text that came from a person would not be escaped.
    """
    # The empty text is the entry of a catalogue's own description.
    return str(_(label)) if label else ""


def cleaned_markup(html: str) -> Markup:
    """Return a stored text's markup as markup, cleaned once more on its way out.

    The only place where a text becomes markup (docs/decisions/0012). Cleaning is what makes it so:
    whatever a template gives it, nothing comes out that could run, load or lead astray.
    """
    return Markup(clean_markup(html))  # noqa: S704


def _in_english() -> bool:
    return str(get_locale()) == "en"


def staff_navigation(features: tuple[Feature, ...]) -> list[dict[str, Any]]:
    """Return the links that the signed-in person may follow, in order."""
    if not current_user.is_authenticated:
        return []
    links = sorted(
        (link for feature in features for link in feature.navigation),
        key=lambda link: link.position,
    )
    entries = [
        {"label": _(link.label), "url": url_for(link.endpoint), "current": ""}
        for link in links
        if holds(current_user.actor, link.permission)
    ]
    here = _entry_of(request.script_root + request.path, [entry["url"] for entry in entries])
    for entry in entries:
        if entry["url"] == here:
            entry["current"] = "page" if here == request.script_root + request.path else "true"
    return entries


def _entry_of(path: str, addresses: list[str]) -> str:
    """Return the address in the menu that ``path`` is, or lies below; the first one is the home."""
    if path in addresses:
        return path
    above = [one for one in addresses[1:] if path.startswith(one.rstrip("/") + "/")]
    return max(above, key=len, default="")


def init_app(app: Flask, features: tuple[Feature, ...]) -> None:
    """Add the filters and globals to the app's Jinja environment."""
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.globals["language"] = language
    app.jinja_env.filters["wareki"] = wareki_filter
    app.jinja_env.filters["local_datetime"] = local_datetime_filter
    # In place of Jinja's own, which speaks English.
    app.jinja_env.filters["filesizeformat"] = file_size_filter
    app.jinja_env.filters["fiscal_year"] = fiscal_year_filter
    app.jinja_env.filters["translated"] = translated
    app.jinja_env.filters["cleaned_markup"] = cleaned_markup

    @app.context_processor
    def _navigation() -> dict[str, Any]:
        return {"staff_navigation": staff_navigation(features) if request else []}
