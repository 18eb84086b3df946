"""Registrations as a spreadsheet: with the names of who registered, or without."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from participation.core import clock
from participation.sheets.write_csv import CsvResult, write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx
from participation.submissions.sender_fields import SenderField
from participation.workshops.childcare import children_of
from participation.workshops.labels import CHANNEL_LABELS, STATUS_LABELS
from participation.workshops.needs import need_labels
from participation.workshops.queries.registration_lists import BoardLine
from participation.workshops.services.extra_fields import PREFIX

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv"
TITLE = "申込みの一覧"
ERASED = "（消去済み）"
Senders = Mapping[int, Mapping[str, str]]  # by receipt
Encoding = Literal["utf-8-sig", "cp932"]
ENCODINGS: dict[str, Encoding] = {"csv": "utf-8-sig", "csv-cp932": "cp932"}
_PLAIN = (
    "受付番号",
    "申込みの方法",
    "受付日時",
    "申込枠",
    "人数",
    "状態",
    "参加できる方の区分",
    "はじめての参加",
    "メール",
)
_WIDTHS = (18, 14, 18, 40, 8, 16, 24, 14, 8)


@dataclass(frozen=True)
class Columns:
    """What the columns need to know of the event."""

    pools: Mapping[int, str]  # words by id
    eligibilities: Mapping[int, str]
    fields: tuple[SenderField, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()  # key and label of the kind's fields on the form

    @property
    def plain(self) -> tuple[str, ...]:
        """The header without anything that names somebody."""
        return _PLAIN

    @property
    def named(self) -> tuple[str, ...]:
        """The header with who registered."""
        return (
            *_PLAIN,
            *(field.label for field in self.fields),
            "配慮",
            "配慮の内容",
            "お子さん（託児）",
            *(label for _key, label in self.extra),
        )


def plain_row(line: BoardLine, columns: Columns) -> list[str | int]:
    """Return a row without anything that names somebody."""
    return [
        line.number,
        CHANNEL_LABELS[line.channel],
        clock.local(line.received_at).strftime("%Y-%m-%d %H:%M"),
        columns.pools.get(line.pool_id, ""),
        line.seats,
        STATUS_LABELS[line.status],
        columns.eligibilities.get(line.eligibility_id or 0, ""),
        "はい" if line.first_time else "",
        "あり" if line.has_mail else "なし",
    ]


def named_cells(sender: Mapping[str, str] | None, columns: Columns) -> list[str]:
    """Return the cells about the person; of an erased sender the first says so."""
    width = len(columns.named) - len(columns.plain)
    if sender is None:
        return [ERASED, *[""] * (width - 1)]
    return [
        *(sender.get(field.key, "") for field in columns.fields),
        "、".join(need_labels(sender.get("needs", ""))),
        sender.get("needs_note", ""),
        "、".join(f"{child.name}（{child.born.isoformat()}生）" for child in children_of(sender)),
        *(sender.get(f"{PREFIX}{key}", "") for key, _label in columns.extra),
    ]


def rows(
    lines: Iterable[BoardLine],
    columns: Columns,
    senders: Senders | None,
) -> Iterator[Sequence[str | int]]:
    """Yield the rows; with ``senders`` (by receipt) those with names."""
    for line in lines:
        row = plain_row(line, columns)
        if senders is not None:
            row += named_cells(senders.get(line.receipt_id), columns)
        yield row


def as_xlsx(
    found: Iterable[Sequence[str | int]], header: Sequence[str], *, created: datetime
) -> bytes:
    """Return the rows as a workbook."""
    widths = (*_WIDTHS, *[24] * (len(header) - len(_WIDTHS)))
    sheet = Sheet("申込み", tuple(header), found, widths)
    return write_xlsx([sheet], title=TITLE, created=created)


def as_csv(
    found: Iterable[Sequence[str | int]],
    header: Sequence[str],
    *,
    encoding: Encoding,
) -> CsvResult:
    """Return the rows as CSV; texts that look like formulas are made harmless."""
    return write_csv(header, found, encoding=encoding)
