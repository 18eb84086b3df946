"""The draw: from a list and a secret to an order that everybody can repeat.

The procedure has a name, which every draw keeps; docs/lottery.md describes it for who repeats a
draw, docs/decisions/0018-lottery.md says why it is so. A changed procedure gets a new name.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

METHOD = "sha256-1"
HEADER = ("受付番号", "人数", "優先順")
# What would need quotes in a CSV, and so would have two forms.
_UNFIT = frozenset(',"\r\n')


@dataclass(frozen=True)
class Entry:
    """One line of the list: who takes part in the draw."""

    number: str  # 受付番号
    seats: int
    tier: int  # 0 comes first


@dataclass(frozen=True)
class Drawn:
    """What became of an entry."""

    entry: Entry
    ticket: str
    rank: int  # from 1
    won: bool


def commitment_of(seed: str) -> str:
    """Return what is published of the secret before anybody registers: its SHA-256."""
    return hashlib.sha256(seed.encode()).hexdigest()


def ticket_of(seed: str, number: str) -> str:
    """Return the lot of a receipt number: SHA-256 of ``seed:number``, hexadecimal."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def draw(entries: Iterable[Entry], *, seed: str, seats: int) -> list[Drawn]:
    """Draw, and return all entries in their order.

    By tier, then by ticket. Whoever comes and fits into what is left wins. A party too large for
    the rest is passed over and the next that fits gets the seats, so that no seat stays empty that
    somebody on the list could take.

    Args:
        entries: the list, in any order.
        seed: the secret.
        seats: how many there are to be drawn.

    """
    lots = sorted(
        (entry.tier, ticket_of(seed, entry.number), entry.number, entry) for entry in entries
    )
    left = seats
    drawn = []
    for rank, (_tier, ticket, _number, entry) in enumerate(lots, start=1):
        won = entry.seats <= left
        if won:
            left -= entry.seats
        drawn.append(Drawn(entry, ticket, rank, won))
    return drawn


def list_text(entries: Iterable[Entry]) -> str:
    """Return the list in its one form: CSV by receipt number, LF at each line's end.

    Raises:
        ValueError: a number that does not fit into it.

    """
    rows: list[Sequence[str]] = [HEADER]
    for entry in sorted(entries, key=lambda one: one.number):
        if not entry.number or _UNFIT & set(entry.number):
            raise ValueError(f"no receipt number: {entry.number!r}")
        rows.append((entry.number, str(entry.seats), str(entry.tier + 1)))
    return "".join(",".join(row) + "\n" for row in rows)


def list_sha256(entries: Iterable[Entry]) -> str:
    """Return the SHA-256 of the list as ``list_text`` writes it, in UTF-8."""
    return hashlib.sha256(list_text(entries).encode()).hexdigest()
