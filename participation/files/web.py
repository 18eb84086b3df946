"""Sending a stored file so that nothing in it can run in the name of the site."""

import re
from urllib.parse import quote

from flask import Response, request

from participation.db.extension import db
from participation.files.models import StoredFile
from participation.files.services import stream

# Types that a browser shows by a viewer of its own and that cannot run a script of ours.
_SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/webp"})
_UNUSUAL = re.compile(r"[^A-Za-z0-9 ._()-]")


def send(stored: StoredFile, *, inline: bool = False) -> Response:
    """Return the answer that hands out ``stored``; the caller has checked who asks.

    Args:
        stored: the file.
        inline: show it in the browser rather than save it; only PDF and pictures ever are.

    Raises:
        FileUnavailable: the content is missing.

    """
    response = Response(mimetype=stored.media_type)
    response.set_etag(stored.sha256)
    response.headers["Content-Disposition"] = _disposition(
        stored.name, inline=inline and stored.media_type in _SHOWN_INLINE
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if response.make_conditional(request).status_code != 304:  # noqa: PLR2004
        response.response = stream(db.session(), stored)
        response.content_length = stored.size
    return response


def send_bytes(data: bytes, *, name: str, media_type: str) -> Response:
    """Return the answer that hands out bytes made for this request, under the same rules."""
    response = Response(data, mimetype=media_type)
    response.headers["Content-Disposition"] = _disposition(name, inline=False)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _disposition(name: str, *, inline: bool) -> str:
    """Return the header of RFC 6266: a plain name for old clients, the real one by RFC 5987."""
    kind = "inline" if inline else "attachment"
    plain = _UNUSUAL.sub("_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
