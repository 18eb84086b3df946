"""An application as it comes in, from the web or typed at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from participation.submissions.models import Channel


@dataclass(frozen=True)
class Wish:
    """Seats of one pool: people, or children."""

    pool_id: int
    seats: int


@dataclass(frozen=True)
class NewApplication:
    """One form to be stored. Required fields and lengths were checked before."""

    workshop_id: int
    channel: Channel
    received_at: datetime
    wishes: tuple[Wish, ...]
    party: int  # people, oneself included
    # Field key → value; also needs, needs_note, children, extra.<key>.
    sender: Mapping[str, str] = field(repr=False)
    idempotency_key: str = field(repr=False)
    eligibility_id: int | None = None
    first_time: bool = False
    invitation_code: str = field(default="", repr=False)
    typed_by: int | None = None
    network_key: str | None = None
    mail_to: str = field(default="", repr=False)  # the copy of the receipt
    secret: str | None = field(default=None, repr=False)
    language: str = "ja"  # of the form; its letters speak it
