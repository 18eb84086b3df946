"""The municipal event list (イベント一覧 of the recommended data sets): 32 columns as a table.

The columns stand in the standard's order (domain.md 7); each says where its value comes from, so
that a successor of the standard is another table and no other code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from participation.core import clock
from participation.core.occasions import EventDetails, Occasion
from participation.sheets.write_csv import CsvResult, write_csv

Encoding = Literal["utf-8-sig", "cp932"]
_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class Row:
    """What a line of the list is made from."""

    occasion: Occasion
    event: EventDetails
    city_code: str  # 全国地方公共団体コード with its check digit
    prefecture: str
    city: str
    department: str
    department_telephone: str
    site_url: str

    @property
    def starts(self) -> datetime:
        """When it begins, in Japan."""
        return clock.local(self.occasion.starts_at or _missing(self.occasion))

    @property
    def ends(self) -> datetime:
        """When it ends, in Japan."""
        return clock.local(self.occasion.ends_at or _missing(self.occasion))

    @property
    def closes(self) -> datetime | None:
        """When registration ends, in Japan."""
        closes_at = self.occasion.closes_at
        return None if closes_at is None else clock.local(closes_at)


Column = Callable[[Row], str]


def _nothing(row: Row) -> str:
    """Return nothing: the system does not know it."""
    del row
    return ""


def _day(moment: datetime) -> str:
    return f"{_within(moment):%Y-%m-%d}"


def _time(moment: datetime) -> str:
    return f"{_within(moment):%H:%M}"


def _within(moment: datetime) -> datetime:
    # The list's times run from 00:00 to 23:59: what ends at 24:00 ends on the day it ends.
    midnight = (moment.hour, moment.minute) == (0, 0)
    return moment - _MOMENT if midnight else moment


COLUMNS: Mapping[str, Column] = {
    "都道府県コード又は市区町村コード": lambda row: row.city_code,
    "NO": lambda row: row.event.number,
    "都道府県名": lambda row: row.prefecture,
    "市区町村名": lambda row: row.city,
    "イベント名": lambda row: row.occasion.title,
    "イベント名_カナ": lambda row: row.event.title_kana,
    "イベント名_英語": _nothing,
    "開始日": lambda row: f"{row.starts:%Y-%m-%d}",
    "終了日": lambda row: _day(row.ends),
    "開始時間": lambda row: f"{row.starts:%H:%M}",
    "終了時間": lambda row: _time(row.ends),
    "開始日時特記事項": lambda row: row.event.remarks_on_time,
    "説明": lambda row: row.event.description,
    "料金(基本)": lambda row: row.event.fee,
    "料金(詳細)": lambda row: row.event.fee_note,
    "連絡先名称": lambda row: " ".join(filter(None, (row.department, row.event.contact_name))),
    "連絡先電話番号": lambda row: row.event.telephone or row.department_telephone,
    "連絡先内線番号": _nothing,
    "主催者": lambda row: row.event.organiser or row.city,
    "場所名称": lambda row: row.event.place,
    "住所": lambda row: row.event.address,
    "方書": _nothing,
    "緯度": lambda row: row.event.latitude,
    "経度": lambda row: row.event.longitude,
    "アクセス方法": lambda row: row.event.access,
    "駐車場情報": _nothing,
    "定員": lambda row: row.event.capacity,
    "参加申込終了日": lambda row: _day(row.closes) if row.closes else "",
    "参加申込終了時間": lambda row: _time(row.closes) if row.closes else "",
    "参加申込方法": lambda row: row.event.how_to_register,
    "URL": lambda row: row.site_url + row.occasion.url,
    "備考": lambda row: row.event.remarks,
}


def event_list(rows: Iterable[Row], *, encoding: Encoding) -> CsvResult:
    """Return the list as a file: CRLF, no formulas; ``replaced`` names what CP932 lacks."""
    return write_csv(tuple(COLUMNS), map(_cells, rows), encoding=encoding)


def _cells(row: Row) -> Sequence[str]:
    return [value(row) for value in COLUMNS.values()]


def _missing(one: Occasion) -> datetime:
    raise ValueError(f"an event without hours: {one.ref} {one.part}")
