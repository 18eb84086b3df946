"""Texts in passages: what is read, what hostile text can do (nothing), what anchors keep."""

import contextlib
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participation.campaigns.documents.anchors import assign_anchors
from participation.campaigns.documents.passages import LONGEST_SOURCE, MOST_LINES, read_passages
from participation.campaigns.documents.pasted import to_markdown
from participation.campaigns.models import PassageKind
from participation.core.errors import InvalidInput
from participation.core.markup import clean_markup

PLAN = """# 緑の基本計画（案）

はじめに述べる。

## 第2章 緑の現状

本市の緑は減っている。

公園は**12か所**ある。

- 街区公園
  - 遊具のあるもの
- 近隣公園

3. 三つ目
4. 四つ目

|項目|値|
|---|---:|
|公園|12|

### 1 公園

一人当たりの面積は[国の目標](https://example.jp/mokuhyo?a=1&b=2)より小さい。
"""
H, P, L, T = (
    PassageKind.HEADING,
    PassageKind.PARAGRAPH,
    PassageKind.LIST_ITEM,
    PassageKind.TABLE,
)


def test_a_plan_is_cut_in_passages_with_places_for_people():
    read = read_passages(PLAN)
    assert [(one.kind, one.level, one.label) for one in read] == [
        (H, 1, "緑の基本計画（案）"),
        (P, 0, "冒頭 第1段落"),
        (H, 2, "第2章 緑の現状"),
        (P, 0, "第2章 緑の現状 第1段落"),
        (P, 0, "第2章 緑の現状 第2段落"),
        (L, 1, "第2章 緑の現状 箇条書き1"),
        (L, 2, "第2章 緑の現状 箇条書き2"),
        (L, 1, "第2章 緑の現状 箇条書き3"),
        (L, 1, "第2章 緑の現状 箇条書き4"),
        (L, 1, "第2章 緑の現状 箇条書き5"),
        (T, 0, "第2章 緑の現状 表1"),
        (H, 3, "第2章 緑の現状 1 公園"),
        (P, 0, "第2章 緑の現状 1 公園 第1段落"),
    ]
    assert read[4].text == "公園は12か所ある。"
    assert read[4].html == "<p>公園は<strong>12か所</strong>ある。</p>"
    assert read[8].html == '<span class="marker">3.</span> 三つ目'
    assert read[10].text == "項目\t値\n公園\t12"
    assert '<th scope="col">項目</th>' in read[10].html
    assert 'href="https://example.jp/mokuhyo?a=1&amp;b=2"' in read[-1].html


def test_headings_never_skip_a_level():
    levels = [one.level for one in read_passages("#### 一\n\n###### 二\n\n## 三\n\n##### 四")]
    assert levels == [1, 2, 1, 2]


def test_an_empty_text_has_no_passages():
    assert read_passages("\n \n---\n#\n-\n") == []


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": '<img src=x onerror="alert(1)">',
    "javascript link": "[押す](javascript:alert(1))",
    "mixed case": "[押す](JaVaScRiPt:alert(1))",
    "entity": "[押す](&#106;avascript:alert(1))",
    "tab": "[押す](java\tscript:alert(1))",
    "data link": "[押す](data:text/html;base64,PHNjcmlwdD4=)",
    "vbscript": "[押す](vbscript:msgbox)",
    "file": "[押す](file:///etc/passwd)",
    "image": "![絵](https://evil.example/x.png)",
    "image javascript": "![絵](javascript:alert(1))",
    "reference": "[押す][a]\n\n[a]: javascript:alert(1)",
    "autolink": "<javascript:alert(1)>",
    "attribute": '[押す](https://example.jp/"onmouseover="alert(1))',
    "title": '[押す](https://example.jp "x\\" onclick=alert(1) y=\\"")',
    "relative": "[押す](/staff/sign-out)",
    "no scheme": "[押す](//evil.example/)",
    "svg": "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "style": "<style>*{display:none}</style>",
    "iframe": "<iframe src='https://evil.example'></iframe>",
    "form": "<form action='https://evil.example'><input name=password></form>",
    "comment": "<!-- --><script>alert(1)</script>",
    "code": "`<script>alert(1)</script>`",
    "table": "|a|<img src=x onerror=alert(1)>|\n|-|-|\n|b|[x](javascript:alert(1))|",
    "list": "- <script>alert(1)</script>\n  - [x](javascript:alert(1))",
    "heading": "# [x](javascript:alert(1)) <script>alert(1)</script>",
    "quote": "> <script>alert(1)</script>",
    "broken": "<<script>script>alert(1)<</script>/script>",
    "id": '<p id="main">x</p>',
}
TAGS = {"a", "blockquote", "br", "code", "em", "span", "strong", "p", "table", "thead", "tbody"}
TAGS |= {"tr", "th", "td", *(f"h{level}" for level in range(2, 7))}


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def check_inert(html: str) -> None:
    parser = Tags()
    parser.feed(html)
    parser.close()
    for tag, attributes in parser.found:
        assert tag in TAGS, html
        assert attributes.keys() <= {"href", "rel", "scope", "class"}, html
        address = attributes.get("href") or "https:"
        assert re.match(r"(https?|mailto):", address, re.IGNORECASE), html


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_inert(name: str):
    read = read_passages(HOSTILE[name])
    for passage in read:
        check_inert(passage.html)
        assert clean_markup(passage.html) == passage.html


@given(st.text(alphabet="<>[]()!\"'`*_#|-\\&;:/ \n\tajsrcipt=onxあ１．・", max_size=300))
@settings(max_examples=300)
def test_no_text_gets_out_of_the_list_of_tags(source: str):
    with contextlib.suppress(InvalidInput):  # a text of quotation marks is too deep
        for passage in read_passages(source):
            check_inert(passage.html)


LONG = {
    "one line": "あ" * LONGEST_SOURCE,
    "stars": "*a **a " * (LONGEST_SOURCE // 7),
    "brackets": "[" * LONGEST_SOURCE,
    "open links": "[a](" * (LONGEST_SOURCE // 4),
    "open links in paragraphs": ("[a](" * 370 + "\n\n") * (LONGEST_SOURCE // 1482),
    "brackets in paragraphs": ("[" * 1490 + "\n\n") * (LONGEST_SOURCE // 1492),
    "quotes": "> " * (LONGEST_SOURCE // 2),
    "lists": "- " * (LONGEST_SOURCE // 2),
    "ever deeper": "".join(f"{'  ' * (depth % 200)}- a\n" for depth in range(1_500)),
    "pipes": "|" * LONGEST_SOURCE,
    "table": "a|b\n-|-\n" + "x|y|z|a|b|c|d|e\n" * (MOST_LINES - 3),
    "backticks": "".join("`" * length + " " for length in range(1, 900)),
    "entities": "&#x1F600;" * (LONGEST_SOURCE // 9),
    "angles": "<a@" * (LONGEST_SOURCE // 3),
    "lines": "a\n" * (MOST_LINES - 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_no_text_takes_long(name: str):
    started = time.process_time()
    with contextlib.suppress(InvalidInput):  # some are too deep
        for passage in read_passages(LONG[name]):
            check_inert(passage.html[:1_000])
    assert time.process_time() - started < 20


def test_too_long_a_text_is_refused_at_once():
    with pytest.raises(InvalidInput, match="長すぎます"):
        read_passages("あ" * 1_000_000)
    with pytest.raises(InvalidInput, match="段落が多すぎます"):
        read_passages("a\n\n" * 3_001)
    with pytest.raises(InvalidInput, match="行が多すぎます"):
        read_passages("a\n" * MOST_LINES)


PARAGRAPHS = st.lists(
    st.text(alphabet="公園緑道市民計画のをに、。12", min_size=1, max_size=12), max_size=12
)


@given(PARAGRAPHS, st.data())
def test_an_edit_elsewhere_moves_no_anchor(texts: list[str], data: st.DataObject):
    before = assign_anchors(texts)
    assert len(set(before)) == len(texts)
    place = data.draw(st.integers(0, len(texts)))
    new = "これまでになかった文"
    assert assign_anchors([*texts[:place], new, *texts[place:]]) == [
        *before[:place],
        assign_anchors([new])[0],
        *before[place:],
    ]


def test_anchors_do_not_see_width_or_blanks():
    assert assign_anchors(["公園 １２か所"]) == assign_anchors(["公園12か所"])
    assert all(len(anchor) <= 20 for anchor in assign_anchors(["同じ"] * 3_000))


def test_inherited_anchors_are_not_given_twice():
    own = assign_anchors(["公園"])[0]
    assert assign_anchors(["別の文", "公園"], {0: own}) == [own, f"{own}-2"]


WORD = """緑の基本計画（案）
第１章　計画の目的
１　背景
　本市の緑は、昭和60年から令和5年までに12.5%減りました。
（1）公園
・街区公園　12か所
●広場
　○遊具あり
（2） 注意：*印の項目は、令和6年度の[速報値]です。
1.5倍に増えました
第2章 緑の現状 ……………… 5
第2章　緑の現状
年度\t公園\t面積
R4\t12\t3.4
R5\t13\t3.6
2　これからの目標は、次のとおりとする。
"""


def test_pasted_text_gets_headings_lists_and_tables():
    read = read_passages(to_markdown(WORD))
    assert [(one.kind, one.level, one.text) for one in read] == [
        (P, 0, "緑の基本計画（案）"),
        (H, 1, "第１章 計画の目的"),
        (H, 2, "１ 背景"),
        (P, 0, "本市の緑は、昭和60年から令和5年までに12.5%減りました。"),
        (H, 3, "（1）公園"),
        (L, 1, "街区公園　12か所"),
        (L, 1, "広場"),
        (L, 2, "遊具あり"),
        (P, 0, "（2） 注意：*印の項目は、令和6年度の[速報値]です。"),
        (P, 0, "1.5倍に増えました"),
        (P, 0, "第2章 緑の現状 ……………… 5"),
        (H, 1, "第2章 緑の現状"),
        (T, 0, "年度\t公園\t面積\nR4\t12\t3.4\nR5\t13\t3.6"),
        (P, 0, "2　これからの目標は、次のとおりとする。"),
    ]


def _letters(text: str) -> str:
    return "".join(text.split())


@given(
    st.lists(
        st.text(alphabet="公園*_[]`#>|+~<&;12.)(（）１第章・●○-\\\t 　。a", max_size=20), max_size=8
    )
)
@settings(max_examples=300)
def test_no_character_of_a_pasted_text_is_lost(lines: list[str]):
    signs = "・･●○◎◇◆□■▪•◦‣➢✓*-–#|"
    source = "\n".join(lines)
    read = "".join(one.text for one in read_passages(to_markdown(source)))
    kept = [sign for sign in _letters(source) if sign not in signs]
    assert [sign for sign in _letters(read) if sign not in signs] == kept


@pytest.mark.parametrize(
    "line", [lambda depth: "  " * depth + f"- {depth + 1}段目", lambda depth: ">" * (depth + 1)]
)
def test_what_lies_too_deep_is_told_and_never_dropped(line):
    def text(depth):
        lines = [line(number) for number in range(depth)]
        lines[-1] += " 終わりの言葉"
        return "\n".join(lines)

    assert read_passages(text(20))[-1].text.endswith("終わりの言葉")
    for depth in (21, 60, 400):
        with pytest.raises(InvalidInput) as told:
            read_passages(text(depth))
        assert told.value.field == "source"
        assert "21行目" in str(told.value)
