"""Feeds of the news for feed readers, narrowed as the calendar is."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from participation.city.context import city_view
from participation.core import clock
from participation.db.extension import db
from participation.mail.links import site_url
from participation.news.labels import EVENT_LABELS
from participation.news.models import NewsItem
from participation.news.queries import latest
from participation.portal.addresses import path_of, whole
from participation.portal.blueprints import public
from participation.portal.feeds import MEDIA_TYPE, Frame, Told, atom
from participation.portal.views.narrowing import Narrowing, narrowing
from participation.web import gate
from participation.web.language import DEFAULT
from participation.web.templating import translated

_MOST = 50


@public.get("/feeds/")
@gate.public
def feeds() -> ResponseReturnValue:
    """List the feeds: of everything, by kind, area and department."""
    session = db.session()
    found = narrowing(session, clock.local_date(clock.now()))
    return render_template(
        "portal/feeds.html",
        narrowed=found,
        address=whole(url_for(".news_feed", **found.arguments)),
        groups=[
            (
                _("種類ごと"),
                "",
                [
                    (label, {"kind": value})
                    for group in found.groups
                    for value, label in group.kinds
                ],
            ),
            (_("分野ごと"), "ja", [(area, {"area": area}) for area in found.areas]),
            (
                _("担当課ごと"),
                "ja",
                [(name, {"department": number}) for number, name in found.departments],
            ),
        ],
    )


@public.get("/feeds/news.atom")
@gate.public
def news_feed() -> ResponseReturnValue:
    """Hand out the newest news that the filter lets through; the same bytes to everybody."""
    session = db.session()
    with force_locale(DEFAULT):
        found = narrowing(session, clock.local_date(clock.now()))
        items = latest(session, found.wanted, limit=_MOST)
        labels = {value: label for group in found.groups for value, label in group.kinds}
        body = atom(_frame(found), [_told(item, found, labels) for item in items])
    response = Response(body, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response.add_etag()
    return response.make_conditional(request)


def _frame(found: Narrowing) -> Frame:
    city = city_view().name
    title = _("%(city)sの市民参加のお知らせ", city=city)
    words = found.words
    return Frame(
        title=f"{title}（{'、'.join(words)}）" if words else title,
        author=city or title,
        site=site_url(db.session()),
        page=whole(url_for(".home")),
        own=whole(url_for(".news_feed", **found.arguments)),
        arguments=found.arguments,
    )


def _told(item: NewsItem, found: Narrowing, labels: dict[str, str]) -> Told:
    return Told(
        item,
        title=f"{item.title}：{translated(EVENT_LABELS[item.event])}",
        department=found.department_name(item.department_id, clock.local_date(item.at)),
        kind_label=labels.get(item.kind, labels.get(item.kind.partition(".")[0], item.kind)),
        address=whole(path_of(item.reference)),
    )
