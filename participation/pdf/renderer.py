"""HTML in, PDF/UA-1 out: nothing is fetched, and the same input gives the same bytes.

WeasyPrint is imported inside the functions: it costs over a second, and only the worker and the
command line ever typeset anything.
"""

import gc
import hashlib
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from participation.pdf import fonts
from participation.pdf.errors import RenderError

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

# Told (done, total, label): pages laid out of about so many, then the writing.
Progress = Callable[[int, int, str], None]

_VARIANT = "pdf/ua-1"
_WRITING_STEPS = 3
_PAGES_AT_LEAST, _TIMES_EXPECTED = 200, 5  # how long a document may become
_PAGE_DONE = re.compile(r"Creating layout - Page (\d+)")
_NO_GLYPH = ".notdef glyph"  # a mere warning to WeasyPrint
# One document at a time in a process: the garbage collector's settings and WeasyPrint's loggers
# belong to the process, and two threads would share one interpreter anyway.
_ONE_AT_A_TIME = threading.Lock()


def render(
    html: str,
    *,
    stylesheet: str,
    identifier: bytes | str,
    created: datetime,
    progress: Progress | None = None,
    expected_pages: int = 1,
) -> bytes:
    """Return ``html``, set with ``stylesheet``, as a tagged PDF/UA-1 document.

    The arguments alone decide the bytes: not the clock, the time zone, the machine's fonts or the
    hash seed. ``identifier`` tells one document from another (a digest of what it was made from)
    and becomes the PDF's ID. ``created`` (aware) is written into the document. ``html`` must name
    its language and title. Only ``stylesheet`` and the two bundled typefaces are used; any other
    address asked for ends the rendering. ``expected_pages`` is a guess: ``progress`` is measured by
    it, and a document of five times as many (and more than 200) pages is given up.

    Raises:
        RenderError: an address was asked for; a character has no glyph (fill templates in with
            ``templating.fill_in``, which replaces those); or the result would not be PDF/UA.
        ValueError: ``created`` has no time zone.

    """
    if created.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be written into a document")
    if lacking := fonts.missing_glyphs(html):
        signs = "、".join(glyph.code_point for glyph in lacking[:10])
        raise RenderError(f"書体にない文字が含まれています: {signs}")
    from participation.pdf import finishing

    identity = identifier.encode() if isinstance(identifier, str) else identifier
    with _ONE_AT_A_TIME, _patient_collector(), _watch(progress, expected_pages) as tell:
        raw = _typeset(html, stylesheet, hashlib.sha256(identity).hexdigest()[:32], tell)
        tell("PDFを仕上げています", 2)
        done = finishing.finish(raw, created=created)
        tell("PDFができました", 3)
    return done


def _typeset(html: str, stylesheet: str, identity: str, tell: Callable[[str, int], None]) -> bytes:
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    from participation.pdf import structure

    structure.speed_up()
    fetcher = _closed_fetcher()
    configuration = fonts.closed_configuration()
    try:
        sheet = weasyprint.CSS(string=stylesheet, font_config=configuration, url_fetcher=fetcher)
        document = weasyprint.HTML(string=html, url_fetcher=fetcher).render(
            font_config=configuration, stylesheets=[sheet], pdf_variant=_VARIANT
        )
        tell("PDFに書き出しています", 1)
        written: bytes = document.write_pdf(
            finisher=structure.repair, pdf_variant=_VARIANT, pdf_identifier=identity.encode()
        )
    except FatalURLFetchingError as error:
        raise RenderError(str(error)) from error
    return written


def _closed_fetcher() -> "URLFetcher":
    """Return a fetcher that ends the rendering whatever it is asked for."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]
        """Never opens anything, not even ``data:``."""

        def fetch(self, url: str, _headers: Any = None) -> NoReturn:
            # The fatal kind: others are swallowed, and the page would come out without the part.
            raise FatalURLFetchingError(f"文書の外のものは読み込みません: {url[:200]}")

    return ClosedFetcher()


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Collect garbage seldom: a document is millions of objects that all stay until its end."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Listener(logging.Handler):
    """Turns WeasyPrint's log lines into progress, and keeps its errors."""

    def __init__(self, on_page: Callable[[int], None]) -> None:
        super().__init__(logging.INFO)
        self.on_page = on_page
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR or _NO_GLYPH in record.getMessage():
            self.errors.append(record.getMessage())
        elif found := _PAGE_DONE.search(record.getMessage()):
            self.on_page(int(found[1]))


@contextmanager
def _watch(progress: Progress | None, expected: int) -> Iterator[Callable[[str, int], None]]:
    """Listen to WeasyPrint; yield a function that tells a step of the writing.

    Raises:
        RenderError: inside, when there is no end of pages: some content that must not be cut and
            fits on no page makes WeasyPrint try for ever. On leaving, when it logged an error (a
            picture without a text alternative, a sign without a glyph): the result would not be
            PDF/UA.

    """
    pages = 0
    most = max(_PAGES_AT_LEAST, expected * _TIMES_EXPECTED)

    def on_page(page: int) -> None:
        nonlocal pages
        pages = page
        if page > most:
            raise RenderError(f"組版が{most}ページを超えても終わりません。")
        if progress:
            total = max(expected, page) + _WRITING_STEPS
            progress(page, total, f"組版しています（{page}ページ目）")

    def tell(label: str, step: int) -> None:
        if progress:
            progress(pages + step, pages + _WRITING_STEPS, label)

    listener = _Listener(on_page)
    loggers = [logging.getLogger(name) for name in ("weasyprint", "weasyprint.progress")]
    chatty = loggers[1]
    before = (chatty.level, chatty.propagate)
    for logger in loggers:
        logger.addHandler(listener)
    chatty.setLevel(logging.INFO)
    chatty.propagate = False
    try:
        yield tell
    finally:
        chatty.setLevel(before[0])
        chatty.propagate = before[1]
        for logger in loggers:
            logger.removeHandler(listener)
    if listener.errors:
        raise RenderError("; ".join(listener.errors[:3]))
