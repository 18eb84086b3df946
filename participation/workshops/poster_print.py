"""The poster of a workshop (チラシ): one A4 sheet to hang up, with a code that leads to its page.

Made from the workshop alone, so that no paper says another day than the page.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from participation.core import clock
from participation.core.wareki import format_date
from participation.pdf.page_count import page_count
from participation.pdf.qr_code import code_of
from participation.pdf.renderer import render
from participation.pdf.templating import fill_in, stylesheet
from participation.workshops.labels import METHOD_LABELS
from participation.workshops.letter_words import contact_lines
from participation.workshops.models import (
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.needs import offered_needs
from participation.workshops.wording import moment_words

# Of the design below: another number prints every poster anew.
_DESIGN = 1
_MOST_DAYS = 8  # more than fit beside the rest stand on the page that the code leads to
_LONG_TITLE, _LONGER_TITLE = 18, 36  # characters
_DENSITIES = range(5)  # how small the type gets until all stands on one sheet; poster.css
_MOST_KINDS = 2  # days with seats of their own numbers are told on the page
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PosterDay:
    """One meeting: large date, hours, where."""

    heading: str
    date: str  # 11月22日
    weekday: str  # 日
    year: str  # 令和8年
    hours: str
    places: tuple[str, ...]
    is_off: bool


@dataclass(frozen=True)
class Poster:
    """The words of one poster."""

    municipality: str
    kind: str
    title: str
    size: str  # of the title: "", "long" or "longer"
    summary: str
    days: tuple[PosterDay, ...]
    more_days: int
    facts: tuple[tuple[str, str], ...]
    signing_up: tuple[str, ...]
    online: bool  # one registers on the page
    contact: tuple[str, ...]
    address: str  # of the workshop's page
    stop: str  # 延期 or 中止, said across the sheet
    design: int = _DESIGN

    def digest(self) -> str:
        """Return the SHA-256 of the words: equal words need no new print."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def poster_of(
    workshop: Workshop,
    pools: Sequence[SeatPool],
    *,
    municipality: str,
    department: str,
    kind: str,
    address: str,
) -> Poster:
    """Return the words of a workshop's poster.

    Args:
        workshop: with its days.
        pools: its seats.
        municipality: 見本市.
        department: the name of its department of today.
        kind: the label of its kind, タウンミーティング.
        address: of the workshop's page on this site.

    """
    days = tuple(_day(day) for day in workshop.days)
    length = len(workshop.title)
    return Poster(
        municipality=municipality,
        kind=kind,
        title=workshop.title,
        size="longer" if length > _LONGER_TITLE else "long" if length > _LONG_TITLE else "",
        summary=workshop.summary.strip(),
        days=days[:_MOST_DAYS],
        more_days=max(len(days) - _MOST_DAYS, 0),
        facts=_facts(workshop, pools),
        signing_up=_signing_up(workshop, pools),
        online=workshop.sign_up is not SignUp.NONE,
        contact=contact_lines(workshop, department=department),
        address=address,
        stop={WorkshopState.CANCELLED: "中止", WorkshopState.POSTPONED: "延期"}.get(
            workshop.state, ""
        ),
    )


def poster_pdf(poster: Poster, *, created: datetime) -> bytes:
    """Return the poster as PDF/UA-1; the same words and moment give the same bytes.

    Raises:
        RenderError: the document could not be made.

    """
    code = code_of(poster.address)
    identifier = f"poster {poster.digest()}"
    for density in _DENSITIES:
        html = fill_in("workshops/pdf/poster.html", poster=poster, code=code, density=density)
        pdf = render(
            html,
            stylesheet=stylesheet("workshops/pdf/poster.css"),
            identifier=identifier,
            created=created,
            expected_pages=1,
        )
        if page_count(pdf) == 1:
            break
    return pdf


def _day(day: WorkshopDay) -> PosterDay:
    starts, ends = clock.local(day.starts_at), clock.local(day.ends_at)
    words = format_date(starts.date(), weekday=False)
    year, _, rest = words.partition("年")
    until = f"{ends:%H:%M}"
    if ends.date() != starts.date():
        midnight = (ends.hour, ends.minute) == (0, 0) and ends.date() - starts.date() == _ONE_DAY
        until = "24:00" if midnight else f"{format_date(ends.date())}{until}"
    places = []
    if day.at_venue:
        places.append("　".join(part for part in (day.venue or "会場は未定", day.address) if part))
    if day.online:
        places.append("オンラインでも参加できます" if day.at_venue else "オンライン開催")
    return PosterDay(
        heading=day.heading,
        date=rest,
        weekday="月火水木金土日"[starts.weekday()],
        year=f"{year}年",
        hours=f"{starts.hour}:{starts:%M}〜{until}",
        places=tuple(places),
        is_off=bool(day.stop_reason),
    )


def _facts(workshop: Workshop, pools: Sequence[SeatPool]) -> tuple[tuple[str, str], ...]:
    needs = "・".join(label for _key, label in offered_needs(workshop.needs))
    childcare = any(pool.kind is SeatKind.CHILDCARE for pool in pools)
    help_words = "、".join(filter(None, ["託児（申込みが必要です）" if childcare else "", needs]))
    facts = (
        ("対象", workshop.target),
        ("定員", _capacity(workshop, pools)),
        ("参加費", workshop.fee or "無料"),
        ("持ち物", workshop.belongings),
        ("託児・配慮", help_words),
        ("主催", workshop.organiser),
    )
    return tuple((term, words) for term, words in facts if words)


def _capacity(workshop: Workshop, pools: Sequence[SeatPool]) -> str:
    if workshop.sign_up is SignUp.NONE:
        return ""
    seats = [pool for pool in pools if pool.kind is not SeatKind.CHILDCARE]
    words = {
        (pool.kind, pool.capacity, pool.method): (
            f"{'オンライン' if pool.kind is SeatKind.ONLINE else '会場'}"
            + (f"{pool.capacity}人" if pool.capacity is not None else "の定員なし")
            + f"（{METHOD_LABELS[pool.method]}）"
        )
        for pool in seats
    }
    each = "各回 " if any(pool.day_id is not None for pool in seats) and len(seats) > 1 else ""
    return each + "、".join(words.values()) if words and len(words) <= _MOST_KINDS else ""


def _signing_up(workshop: Workshop, pools: Sequence[SeatPool]) -> tuple[str, ...]:
    if workshop.sign_up is SignUp.NONE:
        return ("申込みはいりません。当日、会場へお越しください。",)
    seats = [pool for pool in pools if pool.kind is not SeatKind.CHILDCARE]
    lines = []
    if seats and all(pool.method is SeatMethod.INVITED for pool in seats):
        lines.append("無作為に選び、案内をお送りした方が対象です。")
    if seats:
        opens, closes = min(p.opens_at for p in seats), max(p.closes_at for p in seats)
        lines.append(f"{moment_words(opens)}から{moment_words(closes)}まで")
    lines += [line for line in workshop.how_else.strip().splitlines() if line.strip()]
    return tuple(lines)
