"""The one list of markup that a text of ours may carry, and the cleaning that enforces it.

See docs/decisions/0012.
"""

import nh3

_TAGS = {
    *("a", "br", "code", "em", "span", "strong"),
    *("blockquote", "h2", "h3", "h4", "h5", "h6", "p"),
    *("li", "ol", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
# "*" takes away the two that are allowed everywhere by default (lang, title).
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}, "th": {"scope"}}
_CLASSES = {"span": {"marker"}}
_SCHEMES = {"http", "https", "mailto"}

_cleaner = nh3.Cleaner(
    tags=_TAGS,
    # Their text would be nonsense without them; of other unknown tags the text stays.
    clean_content_tags={"script", "style"},
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel="noopener noreferrer",
)


def clean_markup(html: str) -> str:
    """Return ``html`` with nothing left in it but the tags that a text needs.

    No script, style, picture, form or frame, no attribute but the address of a link (http, https
    and mailto, whole addresses only) and the scope of a table's heading. Cleaning twice changes
    nothing more.
    """
    return _cleaner.clean(html)
