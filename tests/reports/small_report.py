"""A made-up report of a few lines, for what does not need the real one."""

from participation.reports.snapshot import (
    CategoryRow,
    Column,
    ItemRow,
    Legend,
    SectionNode,
    Snapshot,
    Statement,
)

LABELS = (
    ("result", 2021, "令和3年度の取り組み実績"),
    ("result", 2022, "令和4年度の取り組み実績"),
    ("result", 2023, "令和5年度の取り組み実績"),
    ("plan", 2024, "令和6年度の取り組み予定"),
)
ONE = (CategoryRow("Ⅱ", "担当課で進める。"),)
TWO = (*ONE, CategoryRow("Ⅲ", "各課で行う。"))


def small_snapshot(
    *,
    columns: int = 3,
    depth: int = 1,
    text: str = "市民会議を３回開催した。",
    department: str = "見本課",
    entries: int = 2,
    categories: tuple[CategoryRow, ...] = TWO,
) -> Snapshot:
    """Return a report of one section with three items, the last without entries.

    The first item has ``entries`` statements a column and ``categories``; ``depth`` headings
    stand above the table.
    """
    filled = tuple(
        tuple(Statement(f"{text}{column}-{n}" if n else text, department) for n in range(entries))
        for column in range(columns)
    )
    items = (
        ItemRow("1-1", "市民会議", "適切なテーマを選び、活用", categories, filled),
        ItemRow("1-2", "意識調査", "方法を検討", ONE, tuple(cell[:1] for cell in filled)),
        ItemRow("1-3", "電子会議室", "開設し、運営", ONE, ((),) * columns),
    )
    node = SectionNode(depth, "◎", "いちばん下の見出し", items)
    for level in range(depth - 1, 0, -1):
        node = SectionNode(level, str(level), f"見出し{level}", (), (node,))
    return Snapshot(
        title="『見本市市民参加指針』の進捗状況",
        municipality="見本市",
        fiscal_year=2024,
        number=1,
        columns=tuple(Column(*label) for label in LABELS[-columns:]),
        headers=("基本的な取り組み", "「指針の記載内容」", "区分", "対応方針"),
        legend_title="「区分」欄の説明",
        legend=(Legend("Ⅱ", "担当課で進める。"), Legend("Ⅲ", "各課で行う。")),
        sections=(node,),
    )
