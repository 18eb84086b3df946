"""A plan as a PDF of some pages, with page numbers and a running head."""

from datetime import UTC, datetime
from functools import cache

from participation.pdf.renderer import render

_PARAGRAPH = (
    "本市の緑は市民の暮らしに潤いを与え、災害のときには避難の場所となり、"
    "生き物のすみかともなる大切な財産であるが、宅地の開発や担い手の不足により年々減り続けている。"
    "このため、市と市民と事業者が力を合わせて、守り育てる仕組みをつくることとする。"
)


@cache
def plan_pdf() -> bytes:
    """Three pages of a plan."""
    body = "".join(
        f"<h2>第{'１２３'[number]}章　{title}</h2><p>{_PARAGRAPH}</p><h3>（1）取組</h3>"
        f"<p>・公園{number + 3}か所</p><p>・街路樹</p><p class='end'>緑の基本計画（案）</p>"
        for number, title in enumerate(("目的", "現状", "施策"))
    )
    html = (
        f"<html lang='ja'><head><title>緑の基本計画（案）</title></head><body>{body}</body></html>"
    )
    style = (
        "@page { size: A4; margin: 20mm; @bottom-center { content: counter(page); } }"
        "body { font-family: 'Noto Sans CJK JP'; font-size: 11pt; }"
        ".end { break-after: page; }"
    )
    return render(
        html,
        stylesheet=style,
        identifier="plan",
        created=datetime(2024, 4, 1, tzinfo=UTC),
        progress=None,
        expected_pages=3,
    )
