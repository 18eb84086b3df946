"""Cutting a text in Markdown into the passages that residents comment on.

The Markdown is that of ``core.markdown``; all work is bounded in time, whatever the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from participation.campaigns.models import PassageKind
from participation.core.errors import InvalidInput
from participation.core.markdown import make_parser
from participation.core.markup import clean_markup

LONGEST_SOURCE = 500_000  # characters; a book of 300 pages has about 300,000
MOST_PASSAGES = 3_000
MOST_LINES = 20_000
_HEADING_IN_LABEL = 40
_LONGEST_LABEL = 300
_DEEPEST_HEADING = 5  # h6: the page's own heading is h1
_DEEPEST_LIST = 6
# Lists and quotations in one another. The parser drops without a word what lies deeper than it is
# told, so it is told more than we take.
_DEEPEST_NESTING = 20
_PARSED_NESTING = 2 * _DEEPEST_NESTING + 10


_NESTS_OPEN = frozenset({"bullet_list_open", "ordered_list_open", "blockquote_open"})
_NESTS_CLOSE = frozenset({"bullet_list_close", "ordered_list_close", "blockquote_close"})


@dataclass(frozen=True)
class ReadPassage:
    """One passage as read from a text; its anchor depends on the version before."""

    kind: PassageKind
    level: int  # of a heading 1–5, of a list item its depth from 1; else 0
    label: str  # 第2章 現状 第3段落
    text: str
    html: str  # cleaned


@dataclass
class _Found:
    kind: PassageKind
    level: int
    text: str
    html: str


@dataclass
class _Item:
    """A list item being read."""

    depth: int
    marker: str
    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    begun: bool = False  # its own words are a passage already; what follows is a paragraph


def read_passages(source: str) -> list[ReadPassage]:
    """Return the passages of a text in Markdown, in reading order.

    Raises:
        InvalidInput: the text is too long, nested too deeply, or is cut in too many passages.

    """
    if len(source) > LONGEST_SOURCE:
        raise InvalidInput(
            f"本文が長すぎます（{len(source):,}文字）。{LONGEST_SOURCE:,}文字以内にしてください。"
            "章ごとに資料を分ける方法もあります。",
            field="source",
        )
    if source.count("\n") >= MOST_LINES:
        raise InvalidInput(
            f"本文の行が多すぎます。{MOST_LINES:,}行以内にしてください。"
            "章ごとに資料を分ける方法もあります。",
            field="source",
        )
    found = list(_Reader().read(source))
    if len(found) > MOST_PASSAGES:
        raise InvalidInput(
            f"段落が多すぎます（{len(found):,}個）。{MOST_PASSAGES:,}個以内にしてください。"
            "章ごとに資料を分ける方法もあります。",
            field="source",
        )
    return _labelled(_levelled(found))


class _Reader:
    def __init__(self) -> None:
        self._parser = make_parser(_PARSED_NESTING)
        self._env: dict[str, Any] = {}
        self._items: list[_Item] = []
        self._lists: list[int | None] = []  # the next number of each open list; None: bullets
        self._quotes = 0

    def read(self, source: str) -> Iterator[_Found]:
        tokens = self._parser.parse(source, self._env)
        _check_nesting(tokens)
        position = 0
        while position < len(tokens):
            token = tokens[position]
            match token.type:
                case "table_open":
                    end = _closing(tokens, position)
                    yield from self._table(tokens[position : end + 1])
                    position = end
                case "inline":
                    yield from self._inline(token, tokens[position - 1])
                case "bullet_list_open" | "ordered_list_open":
                    yield from self._item_begun()
                    ordered = token.type == "ordered_list_open"
                    self._lists.append(int(token.attrs.get("start", 1)) if ordered else None)
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                case "list_item_open":
                    self._items.append(_Item(len(self._lists), self._marker()))
                case "list_item_close":
                    yield from self._item_begun()
                    self._items.pop()
                case "blockquote_open":
                    self._quotes += 1
                case "blockquote_close":
                    self._quotes -= 1
            position += 1

    def _marker(self) -> str:
        number = self._lists[-1]
        if number is None:
            return ""
        self._lists[-1] = number + 1
        return f"{number}."

    def _inline(self, token: Token, opening: Token) -> Iterator[_Found]:
        text = _text(token.children or [])
        if not text.strip():
            return
        html = self._parser.renderer.render([token], self._parser.options, self._env).strip()
        if self._items and not self._items[-1].begun:
            self._items[-1].texts.append(text)
            self._items[-1].htmls.append(html)
        elif opening.type == "heading_open" and not self._items and not self._quotes:
            level = int(opening.tag[1:])
            # Line breaks and links of a heading would stand in the contents list as well.
            yield _Found(PassageKind.HEADING, level, " ".join(text.split()), html)
        elif self._quotes:
            html = clean_markup(f"<blockquote><p>{html}</p></blockquote>")
            yield _Found(PassageKind.PARAGRAPH, 0, text, html)
        else:
            yield _Found(PassageKind.PARAGRAPH, 0, text, clean_markup(f"<p>{html}</p>"))

    def _item_begun(self) -> Iterator[_Found]:
        """Give the words that the innermost list item has so far, once."""
        if not self._items or self._items[-1].begun:
            return
        item = self._items[-1]
        item.begun = True
        if not item.texts:
            return
        marker = f'<span class="marker">{item.marker}</span> ' if item.marker else ""
        html = marker + "<br>".join(item.htmls)
        yield _Found(
            PassageKind.LIST_ITEM,
            min(item.depth, _DEEPEST_LIST),
            "\n".join(item.texts),
            clean_markup(html),
        )

    def _table(self, tokens: list[Token]) -> Iterator[_Found]:
        yield from self._item_begun()
        lines: list[list[str]] = []
        for token in tokens:
            if token.type == "tr_open":
                lines.append([])
            elif token.type == "inline":
                lines[-1].append(" ".join(_text(token.children or []).split()))
            elif token.type == "th_open":
                token.attrs["scope"] = "col"
        text = "\n".join("\t".join(cells) for cells in lines)
        if text.strip():
            html = self._parser.renderer.render(tokens, self._parser.options, self._env)
            yield _Found(PassageKind.TABLE, 0, text, clean_markup(html.strip()))


def _check_nesting(tokens: Sequence[Token]) -> None:
    """Raise InvalidInput where lists or quotations lie deeper than residents could follow."""
    depth = 0
    for token in tokens:
        if token.type in _NESTS_OPEN:
            depth += 1
            if depth > _DEEPEST_NESTING:
                line = token.map[0] + 1 if token.map else 1
                raise InvalidInput(
                    f"本文の{line:,}行目の箇条書きや引用が深すぎます。"
                    f"{_DEEPEST_NESTING}段以内になるように、字下げや「>」を減らしてください。",
                    field="source",
                )
        elif token.type in _NESTS_CLOSE:
            depth -= 1


def _closing(tokens: list[Token], position: int) -> int:
    level = tokens[position].level
    name = tokens[position].type.replace("_open", "_close")
    while tokens[position].type != name or tokens[position].level != level:
        position += 1
    return position


def _text(children: list[Token]) -> str:
    words = []
    for child in children:
        if child.type in {"softbreak", "hardbreak"}:
            words.append("\n")
        elif child.type in {"text", "text_special", "code_inline"}:
            words.append(child.content)
    return "".join(words)


def _levelled(found: list[_Found]) -> list[_Found]:
    """Have the headings' levels begin at 1 and go down by one step, so that none is skipped."""
    above: list[int] = []
    for passage in found:
        if passage.kind is not PassageKind.HEADING:
            continue
        while above and above[-1] >= passage.level:
            above.pop()
        above.append(passage.level)
        passage.level = min(len(above), _DEEPEST_HEADING)
        tag = f"h{passage.level + 1}"
        passage.html = clean_markup(f"<{tag}>{passage.html}</{tag}>")
    return found


def _labelled(found: Sequence[_Found]) -> list[ReadPassage]:
    titles = [one for one in found if one.kind is PassageKind.HEADING and one.level == 1]
    # A single heading on top of all is the document's title and says nothing about a place.
    whole = titles[0] if len(titles) == 1 and titles[0] is found[0] and len(found) > 1 else None
    path: list[tuple[int, str]] = []
    numbers: dict[PassageKind, int] = {}
    read = []
    for passage in found:
        if passage.kind is PassageKind.HEADING:
            numbers.clear()
            path = [step for step in path if step[0] < passage.level]
            path.append((passage.level, _shortened(passage.text)))
            ending = ""
        else:
            numbers[passage.kind] = number = numbers.get(passage.kind, 0) + 1
            ending = _ENDINGS[passage.kind].format(number)
        steps = [words for level, words in path if whole is None or level > 1]
        if whole is passage:
            steps = [_shortened(passage.text)]
        place = " ".join(steps) or ("冒頭" if ending else "")
        label = f"{place[: _LONGEST_LABEL - 12]} {ending}".strip()
        read.append(ReadPassage(passage.kind, passage.level, label, passage.text, passage.html))
    return read


_ENDINGS = {
    PassageKind.PARAGRAPH: "第{}段落",
    PassageKind.LIST_ITEM: "箇条書き{}",
    PassageKind.TABLE: "表{}",
}


def _shortened(words: str) -> str:
    return words if len(words) <= _HEADING_IN_LABEL else f"{words[: _HEADING_IN_LABEL - 1]}…"
