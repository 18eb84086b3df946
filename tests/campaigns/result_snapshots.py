"""Frozen results made by hand, for tests of what is made from them."""

from typing import Any

from participation.campaigns.result_snapshot import (
    Answer,
    CategoryTally,
    Change,
    ChannelTally,
    Frame,
    PublicText,
    Snapshot,
    Tally,
)


def make_frame(**more: Any) -> Frame:
    """A frame with something in every field."""
    return Frame(
        **{
            "title": "自転車等駐車場整備計画（案）",
            "municipality": "伊勢原市",
            "department": "市民協働課",
            "contact": (("担当", "市民協働課"), ("電話", "0463-00-1009")),
            "procedure": "comment",
            "legal_basis": "自転車法 第7条",
            "announced_on": "2026-01-01",
            "opens_on": "2026-01-10",
            "closes_on": "2026-02-10",
            "extended_from": "",
            "places": ("市役所1階ロビー", "市立図書館"),
            "number": 1,
            "correction": "",
            "introduction": "ありがとうございました。",
            "outcome": "amended",
            "outcome_note": "記述を加えました。",
            "tally": Tally(5, 4, 6, late=1),
            "channels": (
                ChannelTally("web", 3, (("2026-01-12", 2), ("2026-02-10", 1))),
                ChannelTally("fax", 2, (("2026-01-20", 2),)),
            ),
            "categories": (
                CategoryTally("A", "反映", 1, 4),
                CategoryTally("B", "記載済み", 1, 2),
                CategoryTally("F", "対象外", 0, 0, out_of_scope=True),
            ),
            "changes": (Change(1, "12ページ", "前の文", "後の文", "修正の訳", (1,)),),
            **more,
        }
    )


def make_answer(number: int = 1, **more: Any) -> Answer:
    """One answered group."""
    return Answer(
        **{
            "number": number,
            "heading": "第1章 現状",
            "summary": f"{number}番目の要旨",
            "view": f"{number}番目の考え方",
            "category": "A",
            "category_label": "反映",
            "opinions": 3,
            "amendments": (1,) if number == 1 else (),
            "texts": (PublicText("1章", f"{number}番目の意見", "訳", 2),),
            **more,
        }
    )


def make_snapshot(*answers: Answer, **more: Any) -> Snapshot:
    """A whole result."""
    return Snapshot(make_frame(**more), answers or (make_answer(1), make_answer(2)))
