"""The published reports as the residents' front door shows them: what was decided."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import NotFound
from participation.core.occasions import Occasion, OccasionFilter, OccasionState
from participation.reports.models import Edition
from participation.reports.queries.editions import latest_publications, latest_published
from participation.reports.search import ITEM, TURN
from participation.web.templating import fiscal_year_filter, wareki_filter

NAME = "edition"


class EditionOccasions:
    """Reports; one query a call. They take place on no day: nobody takes part in them."""

    name = NAME

    def kinds(self, session: Session) -> Sequence[tuple[str, str]]:
        """Return the one kind."""
        del session
        return [(NAME, str(_("市民参加の進捗状況")))]

    def on_days(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return nothing."""
        del session, first, last, wanted, now
        return ()

    closing = on_days

    def open_now(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return nothing."""
        del session, wanted, now, limit
        return ()

    coming = open_now

    def decided(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return the published reports, of each year the latest edition."""
        del now
        # A report is of the whole city and of everything it does.
        narrowed = wanted.department_id is not None or wanted.area is not None
        if narrowed or not wanted.wants(NAME):
            return ()
        return [_occasion(edition) for edition in latest_publications(session, limit)]

    def parts(self, session: Session, number: int, now: datetime) -> Sequence[Occasion]:
        """Return nothing, for a year that has a report."""
        del now
        if latest_published(session, number) is None:
            raise NotFound("お探しの版は見つかりませんでした。報告書の一覧からお選びください。")
        return ()


def address_of(reference: str, place: str) -> str:
    """Return the path of a report.

    Args:
        reference: ``edition:2024``, by the fiscal year.
        place: the number of an edition; ``""`` is the latest; or an item of that, see search.py.

    """
    year = int(reference.partition(":")[2])
    if place.startswith(ITEM):
        code = place.removeprefix(ITEM).rpartition(TURN)[0]
        return url_for("reports_public.latest", year=year, item=code)
    if place:
        return url_for("reports_public.edition", year=year, number=int(place))
    return url_for("reports_public.latest", year=year)


def _occasion(edition: Edition) -> Occasion:
    day = clock.local_date(edition.published_at) if edition.published_at else None
    return Occasion(
        ref=f"{NAME}:{edition.fiscal_year}",
        part="",
        kind=NAME,
        kind_label=str(_("市民参加の進捗状況")),
        title=str(
            _("市民参加の進捗状況（%(year)s版）", year=fiscal_year_filter(edition.fiscal_year))
        ),
        department_id=None,
        state=OccasionState.DECIDED,
        state_label=str(_("公表")),
        url=url_for("reports_public.latest", year=edition.fiscal_year),
        when=str(_("%(day)sに公表しました。", day=wareki_filter(day))),
        decided_on=day,
        updated_at=edition.published_at,
        version=edition.number,
    )
