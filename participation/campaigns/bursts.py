"""When unusually much came in: a rule on numbers only, which names no cause.

An hour (or a day) stands out when at least ``LEAST`` submissions came by one channel and that is at
least ``TIMES`` times the median of the hours (days) in which anything came by this channel.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from participation.submissions.models import Channel

LEAST = 20
TIMES = 5


@dataclass(frozen=True)
class Slot:
    """What came by one channel in one hour or on one day."""

    begins: datetime  # Japanese clock
    channel: Channel
    submissions: int


@dataclass(frozen=True)
class Burst:
    """A slot that stands out."""

    slot: Slot
    usual: float  # the median of the channel


def find_bursts(slots: Iterable[Slot]) -> list[Burst]:
    """Return the slots that stand out, in the order of time."""
    by_channel: defaultdict[Channel, list[Slot]] = defaultdict(list)
    for slot in slots:
        by_channel[slot.channel].append(slot)
    found = [burst for own in by_channel.values() for burst in _of_one_channel(own)]
    return sorted(found, key=lambda burst: (burst.slot.begins, burst.slot.channel.value))


def _of_one_channel(slots: Sequence[Slot]) -> list[Burst]:
    usual = median(slot.submissions for slot in slots)
    return [Burst(slot, usual) for slot in slots if slot.submissions >= max(LEAST, TIMES * usual)]
