"""Markdown as people of a department write it: one parser for all texts, and short texts as markup.

CommonMark with tables, without raw HTML, pictures, code blocks and reference links: what a text of
ours needs and nothing that could do something. All work is bounded in time, whatever the text:
nesting is limited, and a paragraph that is longer than any person writes is taken as plain text.
"""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from participation.core.markup import clean_markup

# Finding the ends of emphasis and links takes time with the square of a paragraph's length.
_LONGEST_MARKED_UP = 1_500
_NESTING = 20
_DEEPEST_HEADING = 6


def make_parser(nesting: int) -> MarkdownIt:
    """Return a parser that drops what is nested deeper than ``nesting`` levels."""
    options = {"html": False, "breaks": True, "maxNesting": nesting}
    parser = MarkdownIt("commonmark", options).enable("table")
    parser.disable(["code", "fence", "html_block", "html_inline", "image", "lheading", "reference"])
    parser.core.ruler.at("inline", _bounded_inline)
    return parser


def to_markup(source: str, *, top: int = 3) -> str:
    """Return a short text in Markdown as cleaned markup.

    Args:
        source: the text, at most some ten thousand characters.
        top: the level that its highest heading gets on the page; none is skipped below it.

    """
    parser = make_parser(_NESTING)
    tokens = parser.parse(source)
    _put_headings_below(tokens, top)
    for token in tokens:
        if token.type == "th_open":
            token.attrs["scope"] = "col"
    return clean_markup(parser.renderer.render(tokens, parser.options, {}))


def to_text(source: str) -> str:
    """Return the words of a short text in Markdown, a line for each paragraph."""
    lines = []
    for token in make_parser(_NESTING).parse(source):
        if token.type == "inline":
            words = [
                " " if one.type.endswith("break") else one.content for one in token.children or ()
            ]
            lines.append("".join(words).strip())
    return "\n".join(line for line in lines if line)


def _put_headings_below(tokens: Sequence[Token], top: int) -> None:
    above: list[int] = []
    for number, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        level = int(token.tag[1:])
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        token.tag = tokens[number + 2].tag = f"h{min(top + len(above) - 1, _DEEPEST_HEADING)}"


def _bounded_inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(token.content) <= _LONGEST_MARKED_UP:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
        else:
            token.children = _plain(token.content)


def _plain(content: str) -> list[Token]:
    children: list[Token] = []
    for line in content.split("\n"):
        if children:
            children.append(Token("softbreak", "br", 0))
        children.append(Token("text", "", 0, content=line.strip(" \t")))
    return children
