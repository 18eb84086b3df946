"""The letters to followers, in their language; links begin with the site's own address."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

from flask import url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.city.context import city_view
from participation.core import clock
from participation.departments.queries import names
from participation.news.labels import EVENT_LABELS
from participation.news.models import NewsItem
from participation.portal.addresses import path_of, whole
from participation.portal.models import Rhythm
from participation.portal.services.digests import Compose, DigestWords, Reader
from participation.portal.services.following import Words
from participation.web.language import DEFAULT
from participation.web.templating import translated, wareki_filter

LETTER_LANGUAGES = {"ja": "日本語", "en": "English"}
_INDENT = "  "


def confirmation(language: str) -> Callable[[str], Words]:
    """Return what writes the letter that asks to confirm, for ``services.following.ask``."""

    def write(token: str) -> Words:
        with force_locale(known_language(language)):
            city = city_view().name
            link = whole(url_for("portal.confirm_follow", token=token))
            lines = [
                _(
                    "%(city)sの市民参加のお知らせメールに、このアドレスの登録がありました。",
                    city=city,
                ),
                "",
                _("登録するには、7日以内に次のページを開いて、ボタンを押してください。"),
                link,
                "",
                _("心当たりがないときは、何もしないでください。登録されず、7日後に消えます。"),
            ]
            return Words(_one_line(_("お知らせメールの登録の確認")), "\n".join(map(str, lines)))

    return write


def digest(session: Session) -> Compose:
    """Return what writes the letter for a window, for ``services.digests.tell``.

    Within a request, or what stands for one (``sweeps``). Asks for each department's name of a day
    once, however many followers are told.
    """
    known: dict[tuple[int, date], str] = {}

    def name_of(item: NewsItem) -> str:
        if item.department_id is None:
            return city_view().name
        place = item.department_id, clock.local_date(item.at)
        if place not in known:
            known[place] = names(session, [place[0]], place[1])[place[0]]
        return known[place]

    def compose(reader: Reader, items: Sequence[NewsItem]) -> DigestWords:
        with force_locale(known_language(reader.language)):
            city = city_view().name
            lines = [_("%(city)sの市民参加のお知らせです。", city=city), ""]
            for name, some in _by_department(items, name_of):
                lines += [f"■ {name}", ""]
                for item in some:
                    lines += [*_item(item), ""]
            leave = whole(url_for("portal.leave", token=reader.token))
            change = whole(url_for("portal.follow_settings", token=reader.token))
            lines += ["－" * 20, _("配信を止める"), leave, "", _("知らせる内容を変える"), change]
            subject = ngettext(
                "%(city)s 市民参加のお知らせ（%(num)s件）",
                "%(city)s 市民参加のお知らせ（%(num)s件）",
                len(items),
                city=city,
            )
            body = "\n".join(map(str, lines))
            return DigestWords(_one_line(subject), body, leave)

    return compose


def known_language(language: str) -> str:
    """Return a language that letters are written in."""
    return language if language in LETTER_LANGUAGES else DEFAULT


def rhythm_of(value: str | None) -> Rhythm:
    """Return the rhythm that was chosen; daily when it is none."""
    return Rhythm(value) if value in {one.value for one in Rhythm} else Rhythm.DAILY


def _by_department(
    items: Sequence[NewsItem], name_of: Callable[[NewsItem], str]
) -> list[tuple[str, list[NewsItem]]]:
    """Group by department, in the order of the first news of each; the whole city comes last."""
    first: dict[int | None, int] = {}
    for item in items:
        first.setdefault(item.department_id, item.id)

    def place(item: NewsItem) -> tuple[bool, int]:
        return item.department_id is None, first[item.department_id]

    found = []
    for _place, group in groupby(sorted(items, key=lambda one: (place(one), one.id)), place):
        some = list(group)
        found.append((name_of(some[-1]), some))
    return found


def _item(item: NewsItem) -> list[str]:
    lines = [
        f"・{_one_line(item.title)}",
        f"{_INDENT}{translated(EVENT_LABELS[item.event])}（{wareki_filter(item.at)}）",
    ]
    lines += [_INDENT + line for line in item.text.splitlines() if line.strip()]
    return [*lines, _INDENT + whole(path_of(item.reference))]


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
