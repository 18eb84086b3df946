"""What the worker does every now and then, beside the jobs that somebody asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Sweep:
    """A recurring duty. Running it twice, or in two workers at once, must do no harm."""

    name: str
    every: timedelta
    # Called with the moment in the context of the app; commits by itself, returns how much it did.
    run: Callable[[datetime], int]
