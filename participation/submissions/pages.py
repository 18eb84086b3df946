"""What a feature tells the receipt page about the thing that was sent."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ReceiptDetail:
    """A part of the receipt page, drawn by the feature that the receipt belongs to."""

    template: str  # included below the number
    context: dict[str, Any] = field(default_factory=dict)
    thanks: str = ""  # the first sentence after sending; empty: for an opinion
