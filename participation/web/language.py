"""Which language a page speaks: what the reader chose here, else what the browser asks for."""

from flask import has_request_context, request, session

LANGUAGES = {"ja": "日本語", "en": "English"}
DEFAULT = "ja"


def choose() -> str:
    """Return the locale of this request; Japanese outside of one."""
    if not has_request_context():
        return DEFAULT
    chosen = session.get("locale")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES), DEFAULT) or DEFAULT
