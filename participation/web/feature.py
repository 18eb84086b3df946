"""What a feature is made of; FEATURES in features.py lists them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import click
from flask import Blueprint, Flask
from sqlalchemy.orm import Session

from participation.core.activities import ActivitySource
from participation.core.occasions import OccasionSource
from participation.jobs.runner import JobRunner
from participation.policy import Permission


@dataclass(frozen=True)
class NavigationLink:
    """A link in the staff navigation, shown to whoever holds ``permission``."""

    label: str  # Japanese; translated where it is shown
    endpoint: str
    permission: Permission
    position: int = 50


@dataclass(frozen=True)
class WaitingTask:
    """A line on the staff home: what waits for the person today."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Feature:
    """One feature: blueprints, command group, job runners, and its lines on shared pages."""

    name: str
    public: tuple[Blueprint, ...] = ()
    staff: tuple[Blueprint, ...] = ()  # registered below the staff blueprint: sign-in needed
    cli: tuple[click.Group, ...] = ()
    jobs: dict[str, JobRunner] = field(default_factory=dict)
    # Run by the worker every few minutes, each in a transaction of its own: (session, now).
    sweeps: tuple[Callable[[Session, datetime], object], ...] = ()
    # The same every minute, for what a clock moves.
    every_minute: tuple[Callable[[Session, datetime], object], ...] = ()
    navigation: tuple[NavigationLink, ...] = ()
    # (session, actor, now) -> list[WaitingTask]
    waiting: Callable[..., list[WaitingTask]] | None = None
    # How this feature speaks to the yearly report; app.py hands all sources to it.
    source: ActivitySource | None = None
    # What a receipt shows of the thing it is for, by the kind in ``Receipt.subject``:
    # {"campaign": (session, receipt, now) -> submissions.pages.ReceiptDetail}.
    receipts: dict[str, Callable[..., Any]] = field(default_factory=dict)
    # How this feature forgets and hands out what it holds about senders, by the same kind:
    # {"campaign": submissions.holders.Holder}.
    holders: dict[str, Any] = field(default_factory=dict)
    # What residents can take part in: home, calendar, feeds and open data read it.
    occasions: OccasionSource | None = None
    # The path of a public thing, by the kind in its reference: {"workshop": (reference, place) ->
    # path}; ``place`` is a part of it as db.search.PublicDocument has it, "" the whole.
    addresses: dict[str, Callable[[str, str], str]] = field(default_factory=dict)
    # What such a place is called beside the title, in the reader's language: 意見12と市の考え方.
    place_words: dict[str, Callable[[str], str]] = field(default_factory=dict)
    setup: Callable[[Flask], None] | None = None
