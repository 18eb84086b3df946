"""Which language a page speaks: what the reader chose here, else what the browser asks for.

やさしい日本語 is Japanese with a catalogue of its own (``easy.po``): where that has no entry, the
plain Japanese stands (docs/decisions/0021).
"""

from urllib.parse import quote

from babel.support import NullTranslations
from flask import current_app, has_request_context, request, session
from flask_babel import Babel, Domain, get_domain, get_locale

# In the order in which they are offered, each named in itself.
LANGUAGES = {"ja": "日本語", "easy": "やさしい日本語", "en": "English"}
DEFAULT = "ja"
EASY = "easy"
_BY_THE_BROWSER = ("ja", "en")


def choose() -> str:
    """Return the language of this request, one of ``LANGUAGES``; Japanese outside of one.

    Easy Japanese is only ever chosen by a person; staff pages have none.
    """
    if not has_request_context():
        return DEFAULT
    chosen = session.get("locale")
    if chosen == EASY:
        return DEFAULT if "staff" in request.blueprints else EASY
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(_BY_THE_BROWSER, DEFAULT) or DEFAULT


def locale() -> str:
    """Return the locale of this request: ja for easy Japanese too."""
    chosen = choose()
    return DEFAULT if chosen == EASY else chosen


def is_easy() -> bool:
    """Whether this page speaks easy Japanese (asked for every date: nothing is read again)."""
    return EASY in get_domain().domain


def tag(code: str) -> str:
    """Return the language tag (BCP 47) of one of ``LANGUAGES``, for lang and hreflang."""
    return DEFAULT if code == EASY else code


def place() -> str:
    """Return the address of this page, with its query, to come back to in another language.

    For a page that answers a form, the address under which the form is found; where there is
    none, the nearest one above it.
    """
    path = request.path
    adapter = current_app.create_url_adapter(request)
    while adapter is not None and path != "/" and not adapter.test(path, "GET"):
        path = path.rstrip("/").rpartition("/")[0] + "/"
    query = request.query_string.decode("ascii", "replace") if path == request.path else ""
    return quote(request.script_root + path, safe="/") + (f"?{query}" if query else "")


class _EasyDomain(Domain):  # type: ignore[misc]
    """The easy texts; for a letter in English that is written meanwhile, the usual ones."""

    def get_translations(self) -> NullTranslations:
        """Return the texts of this request, or of the locale that is forced within it."""
        found: NullTranslations = (
            super().get_translations()
            if str(get_locale()) == DEFAULT
            else _PLAIN.get_translations()
        )
        return found


_PLAIN, _EASY = Domain(), _EasyDomain(domain=EASY)


class Languages(Babel):  # type: ignore[misc]
    """Flask-Babel with a second catalogue of Japanese; what is not in it stays as it is."""

    @property
    def domain_instance(self) -> Domain:
        """The catalogue of this request; asked for once in each."""
        return _EASY if choose() == EASY else _PLAIN
