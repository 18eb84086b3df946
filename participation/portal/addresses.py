"""The addresses of public things, as their features know them."""

from collections.abc import Callable

from flask import current_app, request

from participation.core.settings import Settings
from participation.web.feature import Feature


def path_of(reference: str, place: str = "") -> str:
    """Return the path of a public thing or of a place in it; the home page for an unknown one.

    Args:
        reference: ``campaign:12``.
        place: as ``db.search.PublicDocument`` has it; ``""`` is the whole.

    """
    features: tuple[Feature, ...] = current_app.extensions["features"]
    kind = reference.partition(":")[0]
    for feature in features:
        address: Callable[[str, str], str] | None = feature.addresses.get(kind)
        if address is not None:
            return address(reference, place)
    return "/"


def whole(path: str) -> str:
    """Return a path of this site with the site's own address; never that of the Host header."""
    settings: Settings = current_app.extensions["settings"]
    # Paths begin with where the site is mounted, and so does its address end.
    return settings.base_url.removesuffix(request.script_root) + path
