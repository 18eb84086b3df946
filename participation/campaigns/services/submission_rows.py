"""Rows of a file of submissions: each cell checked, each fault named, nothing stored here.

Rows with the same 通番 are one submission with several opinions. No fault repeats what a cell
says about a person: those columns are named without their value.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from participation.campaigns.services.desk import LONGEST_PLACE, LONGEST_TEXT
from participation.core.errors import InvalidInput
from participation.core.text import clean_input, compare_key
from participation.core.wareki import parse_date
from participation.sheets.checking import KEPT_PROBLEMS, Memo, Problem, picker
from participation.sheets.columns import match_columns
from participation.sheets.table import BadRow, Row, Table
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.submissions.sender_fields import LONGEST

# The first name of each is the one that our own sample file has.
COLUMNS: Mapping[str, Sequence[str]] = {
    "number": ("通番", "番号", "No", "No.", "整理番号"),
    "arrived_on": ("到達日", "受付日", "受信日", "提出日"),
    "postmark_on": ("消印日",),
    "channel": ("提出方法", "提出手段", "方法"),
    "eligibility": ("区分", "提出者の区分", "対象者の区分"),
    "organisation": ("団体名", "法人名", "団体・法人名"),
    "representative": ("代表者氏名", "代表者", "代表者名"),
    "name": ("氏名", "名前", "お名前"),
    "kana": ("ふりがな", "フリガナ", "カナ"),
    "address": ("住所", "所在地"),
    "phone": ("電話番号", "電話", "連絡先"),
    "email": ("メールアドレス", "メール", "Eメール", "email"),
    "place": ("該当箇所", "該当ページ", "ページ", "箇所"),
    "text": ("意見", "ご意見", "意見の内容", "意見内容"),
    "reason": ("理由", "意見の理由"),
}
NEEDED = ("arrived_on", "channel", "text")
OPTIONAL = tuple(name for name in COLUMNS if name not in NEEDED)
PERSONAL = ("organisation", "representative", "name", "kana", "address", "phone", "email")
_SHOWN_VALUE = 60
_FIRST_PERSONAL = list(COLUMNS).index(PERSONAL[0])
_AFTER_PERSONAL = _FIRST_PERSONAL + len(PERSONAL)
_LONGEST_OF_ALL = min(LONGEST[key] for key in PERSONAL)
_TIME_OF_DAY = re.compile(r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")

# How people name the channels; our own labels are understood as well.
_CHANNELS = {
    Channel.WEB: ("web", "ウェブ", "電子申請", "フォーム", "入力フォーム", "ホームページ"),
    Channel.EMAIL: ("メール", "電子メール", "eメール", "email"),
    Channel.POST: ("郵送", "郵便", "封書", "はがき"),
    Channel.FAX: ("fax", "ファックス", "ファクス", "ファクシミリ"),
    Channel.COUNTER: ("持参", "窓口", "持参・窓口", "閲覧場所", "意見箱", "直接"),
}
_CHANNEL_OF = {
    compare_key(word).casefold(): channel
    for channel, words in _CHANNELS.items()
    for word in (*words, CHANNEL_LABELS[channel])
}


@dataclass(slots=True)
class FileOpinion:
    """One opinion of the file; lighter than ``NewOpinion``, since there may be 200,000."""

    text: str
    place: str
    reason: str


@dataclass(frozen=True, eq=False)
class Circumstances:
    """What a row says about the sending itself; one object for all rows that say the same."""

    channel: Channel
    arrived_on: date
    postmark_on: date | None = None
    eligibility_id: int | None = None


@dataclass(slots=True)
class FileSubmission:
    """One submission of the file; ``line`` is that of its first row."""

    line: int
    sent: Circumstances
    # Of PERSONAL, in that order, "" where nothing was said: half the room of a dict.
    people: tuple[str, ...] = field(repr=False)
    opinions: list[FileOpinion] = field(repr=False)

    @property
    def name(self) -> str:
        """Whose it is: a person, else an organisation, else who stands for one; "" is anonymous."""
        organisation, representative, name = self.people[:3]
        return name or organisation or representative


@dataclass
class Findings:
    """What was found in a file: the good submissions, and what is wrong with rows."""

    submissions: list[FileSubmission] = field(default_factory=list)
    rows: int = 0
    bad_rows: int = 0
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Note the problems of one row; the first ``KEPT_PROBLEMS`` of all are kept."""
        self.bad_rows += 1
        self.problems += problems[: max(0, KEPT_PROBLEMS - len(self.problems))]


def read_rows(
    table: Table,
    bad_rows: Sequence[BadRow],
    *,
    today: date,
    eligibilities: Mapping[str, int],
) -> Findings:
    """Check every row of ``table``.

    Args:
        table: a sheet, opened with ``on_bad_row=bad_rows.append``.
        bad_rows: the list that the sheet puts its broken rows into.
        today: nothing can have arrived after it.
        eligibilities: label of each class of people who may submit -> its id.

    Raises:
        InvalidInput: a column is missing, or the file breaks off in the middle.

    """
    found = match_columns(table.header, COLUMNS, optional=OPTIONAL)
    titles = {name: table.header[index] for name, index in found.items()}
    reader = _Reader(titles, today, eligibilities)
    reader.take(table.rows, picker(found, COLUMNS))
    findings = reader.findings
    findings.rows += len(bad_rows)
    for bad in bad_rows:
        findings.refuse([Problem(bad.line, bad.column or "", "", bad.reason)])
    findings.problems.sort(key=lambda problem: problem.row or 0)
    return findings


class _Reader:
    """Checks the rows of one file."""

    def __init__(
        self, titles: Mapping[str, str], today: date, eligibilities: Mapping[str, int]
    ) -> None:
        self.titles = titles
        self.findings = Findings()
        # None of them refers back to the reader: in a circle with it, everything found would stay
        # until the collector had walked over it all.
        self.days: Memo[str, date | str] = Memo(partial(_day, today))
        self.channels: Memo[str, Channel | str] = Memo(_channel)
        self.classes: Memo[str, int | str | None] = Memo(partial(_eligibility, eligibilities))
        self.circumstances: Memo[tuple[str, ...], Circumstances | None] = Memo(
            partial(_circumstances, self.days, self.channels, self.classes)
        )
        self.heads: dict[str, FileSubmission] = {}
        self.broken: set[str] = set()  # 通番 whose first row is bad

    def take(self, rows: Iterable[Row], pick: Callable[[Sequence[str]], tuple[str, ...]]) -> None:
        """Check each row, its cells picked in the order of COLUMNS; keep it or its problems."""
        keep, heads = self.findings.submissions.append, self.heads
        circumstances = self.circumstances
        count = 0
        for line, cells in rows:
            count += 1
            picked = pick(cells)
            if not "".join(picked).isprintable():
                picked = tuple(map(clean_input, picked))
            number = picked[0]
            place, text, reason = picked[_AFTER_PERSONAL:]
            opinion = FileOpinion(text, place, reason)
            if number and number in heads:
                self._join(line, heads[number], picked, opinion)
                continue
            sent = circumstances[picked[1:_FIRST_PERSONAL]]
            people = tuple(map(str.strip, picked[_FIRST_PERSONAL:_AFTER_PERSONAL]))
            if (
                sent is None
                or max(map(len, people)) > _LONGEST_OF_ALL
                or self._bad_opinion(opinion)
                or number in self.broken
            ):
                problems = self._problems(line, picked, opinion)
                if problems or sent is None:
                    self.findings.refuse(problems)
                    if number:
                        self.broken.add(number)
                    continue
            submission = FileSubmission(line, sent, people, [opinion])
            if number:
                heads[number] = submission
            keep(submission)
        self.findings.rows += count

    def _join(
        self, line: int, first: FileSubmission, picked: tuple[str, ...], opinion: FileOpinion
    ) -> None:
        """Add one more opinion to a submission that began in an earlier row.

        Its other cells repeat what the first row says, in whatever words, or are blank.
        """
        cells = dict(zip(COLUMNS, picked, strict=True))
        repeated: dict[str, tuple[Mapping[str, Any], Any]] = {
            "arrived_on": (self.days, first.sent.arrived_on),
            "postmark_on": (self.days, first.sent.postmark_on),
            "channel": (self.channels, first.sent.channel),
            "eligibility": (self.classes, first.sent.eligibility_id),
        }
        differs = [
            name
            for name, (meaning, value) in repeated.items()
            if cells[name].strip() and meaning[cells[name]] != value
        ]
        differs += [
            key
            for key, value in zip(PERSONAL, first.people, strict=True)
            if cells[key].strip() not in ("", value)
        ]
        problems = [
            Problem(
                line,
                self.titles.get(name, ""),
                "",
                f"同じ通番の{first.line:,}行目と違います。同じにするか、空欄にしてください。",
            )
            for name in differs
        ]
        problems += self._opinion_problems(line, opinion)
        if problems:
            self.findings.refuse(problems)
        else:
            first.opinions.append(opinion)

    @staticmethod
    def _bad_opinion(opinion: FileOpinion) -> bool:
        return (
            not opinion.text.strip()
            or len(opinion.text) > LONGEST_TEXT
            or len(opinion.reason) > LONGEST_TEXT
            or len(opinion.place) > LONGEST_PLACE
        )

    def _problems(self, line: int, picked: tuple[str, ...], opinion: FileOpinion) -> list[Problem]:
        """Name everything that is wrong with a row, not only the first thing."""
        cells = dict(zip(COLUMNS, picked, strict=True))
        answers = {
            "arrived_on": self.days[cells["arrived_on"]],
            "channel": self.channels[cells["channel"]],
            "eligibility": self.classes[cells["eligibility"]],
        }
        problems = [
            Problem(line, self.titles.get(name, ""), cells[name][:_SHOWN_VALUE], answer)
            for name, answer in answers.items()
            if isinstance(answer, str)
        ]
        if cells["postmark_on"]:
            problems += self._postmark_problems(line, cells["postmark_on"], answers)
        problems += [
            Problem(
                line,
                self.titles.get(key, ""),
                "",
                f"{length:,}文字です。{LONGEST[key]}文字以内にしてください。",
            )
            for key in PERSONAL
            if (length := len(cells[key].strip())) > LONGEST[key]
        ]
        problems += self._opinion_problems(line, opinion)
        if cells["number"] in self.broken and not problems:
            reason = "同じ通番のはじめの行に直すところがあります。"
            problems.append(Problem(line, self.titles["number"], cells["number"], reason))
        return problems

    def _postmark_problems(
        self, line: int, cell: str, answers: Mapping[str, object]
    ) -> list[Problem]:
        posted, day = self.days[cell], answers["arrived_on"]
        reason = ""
        if isinstance(posted, str):
            reason = posted
        elif answers["channel"] is not Channel.POST:
            reason = "消印日は、提出方法が郵送のときだけ書いてください。"
        elif isinstance(day, date) and posted > day:
            reason = "消印日が到達日より後になっています。"
        if not reason:
            return []
        return [Problem(line, self.titles["postmark_on"], cell[:_SHOWN_VALUE], reason)]

    def _opinion_problems(self, line: int, opinion: FileOpinion) -> list[Problem]:
        problems = []
        if not opinion.text.strip():
            problems.append(Problem(line, self.titles["text"], "", "意見が空です。"))
        limits = (
            ("text", opinion.text, LONGEST_TEXT),
            ("reason", opinion.reason, LONGEST_TEXT),
            ("place", opinion.place, LONGEST_PLACE),
        )
        for name, value, most in limits:
            if len(value) > most:
                reason = f"{len(value):,}文字です。{most:,}文字以内にしてください。"
                problems.append(Problem(line, self.titles.get(name, ""), "", reason))
        return problems


def _circumstances(
    days: Memo[str, date | str],
    channels: Memo[str, Channel | str],
    classes: Memo[str, int | str | None],
    cells: tuple[str, ...],
) -> Circumstances | None:
    """Return what the cells say (day, postmark, channel, class), or None if there is a fault."""
    arrived, postmark, method, kind = cells
    day, channel, eligibility = days[arrived], channels[method], classes[kind]
    posted = days[postmark] if postmark else None
    if isinstance(day, str) or isinstance(channel, str) or isinstance(eligibility, str):
        return None
    if isinstance(posted, str) or (posted and (posted > day or channel is not Channel.POST)):
        return None
    return Circumstances(channel, day, posted, eligibility)


def _day(today: date, cell: str) -> date | str:
    if not cell.strip():
        return "日付が空です。"
    try:
        day = parse_date(_TIME_OF_DAY.sub("", cell.strip()))
    except InvalidInput as error:
        return str(error)
    return "今日より後の日付です。" if day > today else day


def _channel(cell: str) -> Channel | str:
    key = compare_key(cell).casefold()
    if not key:
        return "提出方法が空です。"
    words = "、".join(CHANNEL_LABELS.values())
    return _CHANNEL_OF.get(key, f"この提出方法は分かりません。{words}のどれかにしてください。")


def _eligibility(eligibilities: Mapping[str, int], cell: str) -> int | str | None:
    key = compare_key(cell).casefold()
    if not key:
        return None
    ids = {compare_key(label).casefold(): row_id for label, row_id in eligibilities.items()}
    words = "、".join(f"「{label}」" for label in eligibilities) or "空欄"
    return ids.get(key, f"この募集にない区分です。{words}のどれかにするか、空欄にしてください。")
