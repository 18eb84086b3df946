"""Spreadsheets of answers and of opinions for staff; nothing in them says who sent what.

The columns of the answers carry the names that the import knows (services/answer_import.py).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO, Literal

from participation.campaigns.queries.exports import ExportedOpinion
from participation.campaigns.queries.groups import GroupLine
from participation.core import clock, wareki
from participation.sheets.write_csv import CsvResult, write_csv, write_csv_into
from participation.sheets.write_xlsx import Sheet, continued, write_xlsx, write_xlsx_into
from participation.submissions.labels import CHANNEL_LABELS

Encoding = Literal["utf-8-sig", "cp932"]
Row = tuple[str | int, ...]

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv"
# By the name of the format in an address.
FORMATS = ("xlsx", "csv", "csv-cp932")
ENCODINGS: dict[str, Encoding] = {"csv": "utf-8-sig", "csv-cp932": "cp932"}

ANSWER_HEADER = (
    "番号",
    "項目",
    "要旨",
    "市の考え方",
    "区分",
    "担当係",
    "版",
    "件数",
    "人数",
    "作成済み",
)
_ANSWER_WIDTHS = (8, 24, 60, 60, 8, 16, 6, 8, 8, 10)
OPINION_HEADER = (
    "受付番号",
    "意見の番号",
    "提出方法",
    "到達日",
    "該当箇所",
    "意見（公開する文）",
    "理由（公開する文）",
    "グループ",
    "区分",
    "担当係",
    "数え方",
    "対象外",
    "似た意見の数",
)
_OPINION_WIDTHS = (16, 10, 12, 18, 24, 70, 40, 10, 8, 16, 12, 8, 12)
_YES = "○"


def answer_row(line: GroupLine) -> Row:
    """Return the cells of one group under ``ANSWER_HEADER``."""
    group = line.group
    return (
        group.number,
        group.heading,
        group.summary,
        group.view,
        line.category.code if line.category else "",
        group.assigned_to,
        group.version,
        line.count.opinions,
        line.count.persons,
        _YES if group.ready else "",
    )


def answers_xlsx(
    lines: Iterable[GroupLine], categories: Iterable[tuple[str, str]], *, created: datetime
) -> bytes:
    """Return the answers as a workbook, with the 対応区分 on a second sheet."""
    return write_xlsx(
        [
            Sheet("回答", ANSWER_HEADER, map(answer_row, lines), _ANSWER_WIDTHS),
            Sheet("区分の説明", ("区分", "説明"), categories, (8, 60)),
        ],
        title="意見の要旨と市の考え方",
        created=created,
    )


def answers_csv(lines: Iterable[GroupLine], *, encoding: Encoding) -> CsvResult:
    """Return the answers as CSV; with CP932 also the characters that it lacks."""
    return write_csv(ANSWER_HEADER, map(answer_row, lines), encoding=encoding)


def opinion_row(opinion: ExportedOpinion) -> Row:
    """Return the cells of one opinion under ``OPINION_HEADER``."""
    return (
        opinion.receipt_number,
        opinion.number,
        CHANNEL_LABELS[opinion.channel],
        wareki.format_date(opinion.arrived_on),
        opinion.place,
        opinion.text,
        opinion.reason,
        opinion.group_number if opinion.group_number is not None else "",
        opinion.category_code,
        opinion.assigned_to,
        opinion.standing,
        _YES if opinion.out_of_scope else "",
        opinion.alike,
    )


def opinions_name(campaign_id: int, file_format: str, *, now: datetime) -> str:
    """Return the name under which a file of opinions is saved."""
    ending = "xlsx" if file_format == "xlsx" else "csv"
    return f"意見_{campaign_id}_{clock.local(now):%Y%m%d}.{ending}"


def media_type(file_format: str) -> str:
    """Return the media type of one of ``FORMATS``."""
    return XLSX_TYPE if file_format == "xlsx" else CSV_TYPE


def write_opinions(
    target: BinaryIO, opinions: Iterable[ExportedOpinion], file_format: str, *, created: datetime
) -> tuple[str, ...]:
    """Write opinions one by one, however many they are.

    A workbook goes on in a second sheet where one has no more rows.

    Args:
        target: where to.
        opinions: in the order in which they shall stand.
        file_format: one of ``FORMATS``.
        created: when (aware).

    Returns:
        The characters that the format lacks; 〓 stands for each.

    """
    rows = map(opinion_row, opinions)
    if file_format in ENCODINGS:
        return write_csv_into(target, OPINION_HEADER, rows, encoding=ENCODINGS[file_format])
    sheets = continued(Sheet("意見", OPINION_HEADER, rows, _OPINION_WIDTHS))
    write_xlsx_into(target, sheets, title="提出された意見", created=created)
    return ()
