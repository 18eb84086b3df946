"""Pages of a list by keyset: the next page costs the same as the first, at any size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list."""

    items: Sequence[T]
    next_url: str | None
    previous_url: str | None
    total: int | None = None


def keyset_page(rows: Sequence[T], size: int, *, key: str = "id") -> Page[T]:
    """Cut ``rows`` (up to ``size + 1`` of them, newest first) to a page.

    The next page is asked for with ``?before=<key of the last row>``; the query of the caller must
    honour it. "Back" is the first page: a list that grows at its head has no stable page before.
    """
    shown = rows[:size]
    arguments: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict()}
    before = arguments.pop("before", None)
    endpoint = request.endpoint or ""
    next_url = (
        url_for(endpoint, **arguments, before=getattr(shown[-1], key)) if len(rows) > size else None
    )
    return Page(shown, next_url, url_for(endpoint, **arguments) if before else None)
