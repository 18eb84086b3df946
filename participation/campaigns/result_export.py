"""Spreadsheets of a result, made from its frozen words: no personal data ever reaches them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from participation.campaigns import result_words
from participation.campaigns.result_snapshot import Snapshot
from participation.sheets.write_csv import CsvResult, write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel

# Excel's longest cell in UTF-16 units, and a length that is below it whatever the characters.
_LONGEST, _SAFE = 32_767, 16_000

Encoding = Literal["utf-8-sig", "cp932"]
Row = tuple[str | int, ...]

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv"

ANSWERS = (
    "番号",
    "章・項目",
    "意見の要旨",
    "市の考え方",
    "対応区分",
    "対応区分の説明",
    "件数",
    "修正の番号",
)
_ANSWER_WIDTHS = (8, 24, 60, 60, 10, 24, 8, 12)
_TEXTS = ("番号", "該当箇所", "意見", "理由", "同じ文の意見の数")
_CHANGES = ("修正の番号", "箇所", "修正前", "修正後", "修正の理由", "意見の番号")


def result_csv(snapshot: Snapshot, *, encoding: Encoding) -> CsvResult:
    """Return the answers as CSV, one line a group."""
    return write_csv(ANSWERS, _answers(snapshot), encoding=encoding)


def _cell(text: str) -> str:
    """Return ``text`` as one cell of a workbook can hold it: one opinion must not stop them all."""
    if len(text) <= _SAFE or len(text.encode("utf-16-le", "surrogatepass")) <= 2 * _LONGEST:
        return text
    return f"{text[:_SAFE]}…（長いため省略しました。全文は結果のページにあります。）"


def result_xlsx(snapshot: Snapshot, *, created: datetime) -> bytes:
    """Return the result as a workbook: answers, the opinions' words, changes, numbers."""
    frame = snapshot.frame
    texts: Iterator[Row] = (
        (answer.number, _cell(text.place), _cell(text.text), _cell(text.reason), text.times)
        for answer in snapshot.answers
        for text in answer.texts
    )
    changes: list[Row] = [
        (
            change.number,
            change.place,
            _cell(change.before),
            _cell(change.after),
            _cell(change.reason),
            _numbers(change.groups),
        )
        for change in frame.changes
    ]
    return write_xlsx(
        [
            Sheet(
                "意見と市の考え方",
                ANSWERS,
                (
                    tuple(_cell(cell) if isinstance(cell, str) else cell for cell in row)
                    for row in _answers(snapshot)
                ),
                _ANSWER_WIDTHS,
            ),
            Sheet("意見の原文", _TEXTS, texts, (8, 30, 80, 50, 16)),
            Sheet("修正", _CHANGES, changes, (10, 30, 60, 60, 40, 14)),
            Sheet("件数", ("項目", "数", "単位"), _tally(snapshot), (44, 10, 8)),
            Sheet("この資料について", ("事項", "内容"), _about(snapshot), (18, 80)),
        ],
        title=result_words.title(frame),
        created=created,
    )


def _answers(snapshot: Snapshot) -> Iterator[Row]:
    for answer in snapshot.answers:
        yield (
            answer.number,
            answer.heading,
            answer.summary,
            answer.view,
            answer.category,
            answer.category_label,
            answer.opinions,
            _numbers(answer.amendments),
        )


def _numbers(numbers: tuple[int, ...]) -> str:
    return "、".join(map(str, numbers))


def _tally(snapshot: Snapshot) -> Iterator[Row]:
    frame = snapshot.frame
    tally = frame.tally
    yield ("提出された意見書", tally.submissions, "通")
    yield ("提出した人", tally.persons, "人")
    yield ("意見", tally.opinions, "件")
    for channel in frame.channels:
        yield (f"提出方法：{CHANNEL_LABELS[Channel(channel.channel)]}", channel.submissions, "通")
    for category in frame.categories:
        yield (f"対応区分：{category.code} {category.label}", category.opinions, "件")
    yield from (
        ("募集期間の後に届いたもの", tally.late, "通"),
        ("ほかの手続に回したもの", tally.rerouted, "通"),
        ("対象外の意見書", tally.out_of_scope_submissions, "通"),
        ("対象外の意見", tally.out_of_scope_opinions, "件"),
        ("参考として受け取ったもの", tally.reference, "通"),
    )


def _about(snapshot: Snapshot) -> list[Row]:
    frame = snapshot.frame
    about: list[Row] = [
        ("表題", result_words.title(frame)),
        ("自治体名", frame.municipality),
        ("募集期間", result_words.period(frame)),
        ("結果", result_words.outcome_label(frame)),
        ("理由など", frame.outcome_note),
        *frame.contact,
    ]
    if frame.number > 1:
        about += [("版", frame.number), ("訂正の理由", frame.correction)]
    return about
