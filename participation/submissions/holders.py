"""What a feature knows about the senders of what it received, and how it forgets them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Holder:
    """One kind of receipt (``campaign`` of ``campaign:12``) in the hands of its feature."""

    # Takes the ids of receipts whose senders are being erased: drop or replace whatever could
    # still tell who they were.
    forget: Callable[[Session, Sequence[int]], None]
    # Takes the id of a receipt: everything that was sent with it, as JSON values.
    export: Callable[[Session, int], dict[str, Any]]


def holders() -> Mapping[str, Holder]:
    """Return the holders of this app's features by the kind in ``Receipt.subject``."""
    found: dict[str, Holder] = {}
    for feature in current_app.extensions["features"]:
        found.update(feature.holders)
    return found
