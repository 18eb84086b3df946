"""Japanese words for the states of the yearly report, and the day whose names it shows."""

from datetime import date

from participation.core import fiscal_year
from participation.reports.models import (
    EditionState,
    EntryKind,
    EntryState,
    GuidelineState,
    ImportState,
)

KIND = {
    EntryKind.RESULT: "取り組み実績",
    EntryKind.PLAN: "取り組み予定",
}

# For buttons and narrow places.
SHORT_KIND = {
    EntryKind.RESULT: "実績",
    EntryKind.PLAN: "予定",
}

STATE = {
    EntryState.DRAFT: "入力中",
    EntryState.SUBMITTED: "課内確認",
    EntryState.APPROVED: "提出済",
    EntryState.CONFIRMED: "確認済",
    EntryState.RETURNED: "差戻し",
    EntryState.WITHDRAWN: "取下げ",
}

# Tones of components/status.html: chip.
STATE_TONE = {
    EntryState.DRAFT: "neutral",
    EntryState.SUBMITTED: "info",
    EntryState.APPROVED: "info",
    EntryState.CONFIRMED: "success",
    EntryState.RETURNED: "warning",
    EntryState.WITHDRAWN: "neutral",
}

# Acts in an entry's history (EntryEvent.act).
ACT = {
    "created": "作成",
    "copied": "前年度の予定から転記して作成",
    "derived": "活動の記録から作成",
    "imported": "ファイルから取り込み",
    "declared_nothing": "「該当なし」と回答",
    "edited": "内容を変更",
    "moved": "並び順を変更",
    "submitted": "課内確認へ提出",
    "pulled_back": "提出を取り消し",
    "withdrawn": "取下げ",
    "restored": "取下げから復元",
    "approved": "課長が確認",
    "returned": "差戻し",
    "confirmed": "とりまとめ担当が確認",
}

GUIDELINE_STATE = {
    GuidelineState.DRAFT: "編集中",
    GuidelineState.ENACTED: "施行",
}

IMPORT_STATE = {
    ImportState.READING: "読み取り中",
    ImportState.READY: "取り込み前の確認待ち",
    ImportState.REFUSED: "取り込めない行あり",
    ImportState.STORED: "取り込み済み",
    ImportState.DISCARDED: "取りやめ",
}

IMPORT_STATE_TONE = {
    ImportState.READING: "info",
    ImportState.READY: "warning",
    ImportState.REFUSED: "error",
    ImportState.STORED: "success",
    ImportState.DISCARDED: "neutral",
}

EDITION_STATE = {
    EditionState.DRAFT: "準備中",
    EditionState.BUILDING: "作成中",
    EditionState.BUILT: "公開前の確認待ち",
    EditionState.FAILED: "作成できませんでした",
    EditionState.PUBLISHED: "公開中",
    EditionState.DISCARDED: "取りやめ",
}

EDITION_STATE_TONE = {
    EditionState.DRAFT: "neutral",
    EditionState.BUILDING: "info",
    EditionState.BUILT: "warning",
    EditionState.FAILED: "error",
    EditionState.PUBLISHED: "success",
    EditionState.DISCARDED: "neutral",
}

NOTHING = "該当なし"


def column_label(kind: EntryKind, year: int) -> str:
    """Return 令和5年度の取り組み実績."""
    return f"{fiscal_year.label(year)}の{KIND[kind]}"


def act_label(act: str) -> str:
    """Return the words for an act in the history; an act of another module shows its own name."""
    return ACT.get(act, act)


def display_day(year: int, today: date) -> date:
    """Return the day whose department names stand beside the entries of fiscal year ``year``.

    The last day of that year, so that a year is told in the names it ended with (a department
    renamed in October has its new name in that year's results); while the year is still running
    or to come, today. The same day is used on staff pages and when an edition is frozen.

    Args:
        year: the entry's fiscal year.
        today: the calendar day in Japan.

    """
    return min(fiscal_year.last_day(year), today)
