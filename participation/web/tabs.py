"""The row of tabs above the staff pages of one thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from participation.core.actors import Actor
from participation.policy import Permission, holds


@dataclass(frozen=True)
class Tab:
    """One tab of a thing's pages."""

    label: str  # Japanese; translated where it is shown
    url: str
    current: bool


def tabs_for(
    actor: Actor,
    rows: Sequence[tuple[str, str, Permission]],
    *,
    blueprint: str,
    current: str,
    **arguments: Any,
) -> list[Tab]:
    """Return the tabs that ``actor`` may open.

    Args:
        actor: whose rights decide.
        rows: label, endpoint without its blueprint, right; in the order of the work.
        blueprint: of all the endpoints, ``staff.campaigns``.
        current: the endpoint (without its blueprint) of the tab that the page lies under.
        arguments: of the endpoints' addresses.

    """
    return [
        Tab(label, url_for(f"{blueprint}.{name}", **arguments), name == current)
        for label, name, permission in rows
        if holds(actor, permission) and f"{blueprint}.{name}" in current_app.view_functions
    ]
