"""The year's lists of campaigns: 実施予定 (what is planned) and 実施状況 (what was held).

The numbers of a campaign are those of its published result, frozen there, so that a list, the
result's page and its files never differ. A campaign without a published result shows none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from participation.campaigns.labels import (
    OUTCOME_LABELS,
    PROCEDURE_LABELS,
    STATE_LABELS,
    SUBJECT_LABELS,
    YEARLY_LABELS,
)
from participation.campaigns.models import Campaign, CampaignState, NoticeKind, YearlyList
from participation.campaigns.phases import phase
from participation.campaigns.result_snapshot import Frame
from participation.campaigns.wording import PROCEDURE_WORDS
from participation.core import clock, fiscal_year, wareki
from participation.core.deadlines import days_inclusive
from participation.sheets.write_csv import CsvResult, write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx

Cell = str | int


_BEGUN = frozenset(
    {
        CampaignState.OPEN,
        CampaignState.CLOSED,
        CampaignState.REVIEWING,
        CampaignState.PUBLISHED,
    }
)


@dataclass(frozen=True)
class YearlyCampaign:
    """A campaign with what its line needs."""

    campaign: Campaign
    department: str
    published_at: date | None = None  # of its first result
    frame: Frame | None = None  # of its latest published result


@dataclass(frozen=True)
class YearlyTable:
    """One list as a table, and how the columns are set."""

    year: int
    kind: YearlyList
    day: date  # as of
    municipality: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ids: tuple[int, ...]  # campaigns, one a row

    @property
    def title(self) -> str:
        """令和8年度 意見募集（パブリックコメント・縦覧）の実施状況."""
        name = "意見募集（パブリックコメント・縦覧）"
        return f"{fiscal_year.label(self.year)} {name}の{YEARLY_LABELS[self.kind]}"


def yearly_table(
    kind: YearlyList,
    year: int,
    campaigns: Sequence[YearlyCampaign],
    *,
    municipality: str,
    now: datetime,
    day: date,
) -> YearlyTable:
    """Return a list of a year as a table.

    Args:
        kind: which list.
        year: the fiscal year.
        campaigns: every announced campaign of the year, in order.
        municipality: the city's name.
        now: decides which have begun.
        day: the day that the list is as of.

    """
    if kind is YearlyList.PLANNED:
        header, rows = _PLANNED, [_planned(one, now) for one in campaigns]
        shown = list(campaigns)
    else:
        shown = [one for one in campaigns if _was_held(one.campaign, now)]
        codes = _codes(shown)
        header = (*_HELD, *(f"区分{code}（件）" for code in codes), *_HELD_END)
        rows = [_held(one, codes, now) for one in shown]
    return YearlyTable(
        year,
        kind,
        day,
        municipality,
        ("番号", *header),
        tuple((number, *row) for number, row in enumerate(rows, start=1)),
        tuple(one.campaign.id for one in shown),
    )


def yearly_csv(table: YearlyTable, *, cp932: bool) -> CsvResult:
    """Return the table as CSV: UTF-8 with BOM, or CP932 with 〓 for what that lacks."""
    return write_csv(table.header, table.rows, encoding="cp932" if cp932 else "utf-8-sig")


def yearly_xlsx(table: YearlyTable, *, created: datetime) -> bytes:
    """Return the table as a workbook: the list, and what it is."""
    about: list[tuple[Cell, ...]] = [
        ("表題", table.title),
        ("自治体名", table.municipality),
        ("時点", wareki.format_date(table.day)),
        ("年度（西暦）", table.year),
    ]
    widths = tuple(max(10, min(44, 2 * len(name) + 2)) for name in table.header)
    wide = tuple(
        44 if name in _WIDE else width for name, width in zip(table.header, widths, strict=True)
    )
    return write_xlsx(
        [
            Sheet(YEARLY_LABELS[table.kind], table.header, table.rows, wide),
            Sheet("この一覧について", ("項目", "内容"), about, (16, 60)),
        ],
        title=table.title,
        created=created,
    )


_WIDE = frozenset({"件名", "計画などの名称", "期間", "短い期間の理由"})
_PLANNED: tuple[str, ...] = (
    "手続",
    "件名",
    "担当課",
    "期間",
    "日数",
    "状態",
    "予告日",
    "案の種類",
    "計画などの名称",
    "段階",
)
_HELD: tuple[str, ...] = (
    "手続",
    "件名",
    "担当課",
    "期間",
    "日数",
    "公表日",
    "結果公表日",
    "提出数（通）",
    "提出者（人）",
    "意見（件）",
)
_HELD_END = ("修正", "案の結果", "短い期間の理由", "状態")


def _planned(one: YearlyCampaign, now: datetime) -> tuple[Cell, ...]:
    campaign = one.campaign
    return (
        PROCEDURE_LABELS[campaign.procedure],
        campaign.title,
        one.department,
        _period(campaign),
        _days(campaign),
        _state(campaign, now),
        _day(campaign.announced_on),
        SUBJECT_LABELS[campaign.subject_type],
        campaign.plan_name,
        campaign.plan_stage,
    )


def _held(one: YearlyCampaign, codes: Sequence[str], now: datetime) -> tuple[Cell, ...]:
    campaign, frame = one.campaign, one.frame
    by_code = {each.code: each.opinions for each in frame.categories} if frame else {}
    numbers: tuple[Cell, ...] = (
        (frame.tally.submissions, frame.tally.persons, frame.tally.opinions)
        if frame
        else ("", "", "")
    )
    return (
        PROCEDURE_LABELS[campaign.procedure],
        campaign.title,
        one.department,
        _period(campaign),
        _days(campaign),
        _day(campaign.opens_on),
        _day(one.published_at),
        *numbers,
        *(by_code.get(code, 0) if frame else "" for code in codes),
        _amended(frame),
        _outcome(campaign),
        campaign.short_reason,
        _state(campaign, now),
    )


def _state(campaign: Campaign, now: datetime) -> str:
    state = phase(campaign, now)
    if state is CampaignState.OPEN:
        return PROCEDURE_WORDS[campaign.procedure]["open"]
    return STATE_LABELS[state]


def _was_held(campaign: Campaign, now: datetime) -> bool:
    """Whether opinions were asked for, also of one that was cancelled after it had begun."""
    if campaign.state is CampaignState.CANCELLED and campaign.opens_on is not None:
        return any(
            notice.kind is NoticeKind.CANCELLED and clock.local_date(notice.at) >= campaign.opens_on
            for notice in campaign.notices
        )
    return phase(campaign, now) in _BEGUN


def _codes(campaigns: Iterable[YearlyCampaign]) -> list[str]:
    """Return every 対応区分 of the year's results; the sets differ between campaigns."""
    found: dict[str, None] = {}
    for one in campaigns:
        for each in one.frame.categories if one.frame else ():
            found.setdefault(each.code, None)
    return sorted(found)


def _amended(frame: Frame | None) -> Cell:
    if frame is None:
        return ""
    return f"あり（{len(frame.changes)}か所）" if frame.changes else "なし"


def _outcome(campaign: Campaign) -> str:
    return OUTCOME_LABELS[campaign.outcome] if campaign.outcome else ""


def _period(campaign: Campaign) -> str:
    if campaign.opens_on is None or campaign.closes_on is None:
        return campaign.planned_period
    return f"{wareki.format_date(campaign.opens_on)}～{wareki.format_date(campaign.closes_on)}"


def _days(campaign: Campaign) -> Cell:
    if campaign.opens_on is None or campaign.closes_on is None:
        return ""
    return days_inclusive(campaign.opens_on, campaign.closes_on)


def _day(day: date | None) -> str:
    return wareki.format_date(day) if day else ""
