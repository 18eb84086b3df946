"""What is asked of a form that comes in a flood, or from a program: to solve or to wait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from participation.privacy.crypto import Keyring
from participation.submissions import pressure
from participation.submissions.patience import has_waited
from participation.submissions.services.challenges import SpentChallenge, check_solution


class MarkedForm(Protocol):
    """What every public form carries along beside what is typed."""

    @property
    def key(self) -> str:
        """One form, one receipt."""

    @property
    def trap(self) -> str:
        """What stands in a field that people don't see."""

    @property
    def solution(self) -> str:
        """The proof of work, where one was asked for."""

    @property
    def waited(self) -> str:
        """The mark of ``patience.start_waiting``."""


@dataclass(frozen=True)
class Pressed:
    """What is known of the flood that a form came in, if any."""

    network: str | None
    solution: SpentChallenge | None
    trapped: bool
    busy: bool  # more than usual came from this network, and the form waited


def under_pressure(
    keys: Keyring, form: MarkedForm, network: str | None, now: datetime
) -> Pressed | None:
    """Count the form; None when it has to solve or to wait first. Nobody is refused."""
    below = pressure.count(pressure.SENDS, network)
    solution = check_solution(keys, form.key, form.solution, now)
    trapped = bool(form.trap)
    if (not below or trapped) and solution is None:
        if not has_waited(keys, form.key, form.waited, now):
            return None
        return Pressed(network, None, trapped, busy=not below)
    return Pressed(network, solution, trapped, busy=False)
