"""Where to go on to: only ever a path of this site, whatever a request says."""

import re
from urllib.parse import urlsplit

_LONGEST = 2000
# Browsers read a backslash as a slash and drop control characters: "/\\evil" leaves the site.
_UNFIT = re.compile(r"[\x00-\x20\\\x7f]")


def local_path(target: str | None, default: str) -> str:
    """Return ``target`` when it is a path (with query) of this site, else ``default``."""
    if not target or len(target) > _LONGEST or _UNFIT.search(target):
        return default
    if not target.startswith("/") or target.startswith("//"):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target
