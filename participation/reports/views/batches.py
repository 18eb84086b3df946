"""Choosing many entries on a page, and telling what became of each."""

from collections import Counter

from flask import flash, request
from flask_babel import gettext as _

from participation.reports.services.batches import BatchResult


def posted_selection() -> list[tuple[int, int]]:
    """Return the posted ``entry`` fields, each ``id:version``; what is no pair is left out."""
    pairs = []
    for value in request.form.getlist("entry"):
        entry_id, _colon, version = value.partition(":")
        # Longer figures are no ids, and more than a database's integer holds.
        if _is_id(entry_id) and _is_id(version):
            pairs.append((int(entry_id), int(version)))
    return pairs


def flash_result(result: BatchResult, verb: str) -> None:
    """Say how many entries took the step, and for each reason how many were left out."""
    if result.done:
        flash(_("%(count)d件：%(verb)s。", count=len(result.done), verb=verb), "success")
    for reason, count in Counter(skipped.reason for skipped in result.skipped).items():
        flash(_("%(count)d件は見送りました：%(reason)s", count=count, reason=reason), "warning")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9  # noqa: PLR2004
