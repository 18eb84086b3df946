"""The names at the door: one look at a list or a code is one audit event, not one for each tap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core.actors import Actor
from participation.core.text import compare_key
from participation.submissions.models import Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.childcare import children_of, months_on, months_words
from participation.workshops.models import Workshop
from participation.workshops.needs import need_labels
from participation.workshops.services.disclosing import SHOWN, open_senders

# Whoever opened a name within a working day has seen it: opening it again says nothing new.
ONE_LOOK = timedelta(hours=8)
_IDS_A_QUERY = 500
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


@dataclass(frozen=True)
class Person:
    """Who stands behind an application, as the door needs it."""

    name: str = field(default="", repr=False)
    kana: str = field(default="", repr=False)
    organisation: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    needs: tuple[str, ...] = field(default=(), repr=False)
    needs_note: str = field(default="", repr=False)
    children: tuple[str, ...] = field(default=(), repr=False)  # name and age on the day

    @property
    def sort_key(self) -> tuple[bool, str, str]:
        """By the reading, katakana as hiragana; who has none by the name, and after the others."""
        return (not self.kana, reading(self.kana), compare_key(self.name))


def reading(text: str) -> str:
    """Return a reading for comparing: width and blanks folded, katakana as hiragana."""
    return compare_key(text).translate(_HIRAGANA).replace(" ", "").casefold()


def open_names(
    session: Session,
    workshop: Workshop,
    receipt_ids: Sequence[int],
    day: date,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> dict[int, Person]:
    """Return who sent some receipts; whom the actor sees for the first time goes on record.

    Args:
        session: the session of the act; the caller commits before anything is shown.
        workshop: whose registrations; the caller has checked SENDER_DISCLOSE over it.
        receipt_ids: of what.
        day: the day for which the ages of the children are told.
        reason: why, for the audit log.
        actor: who looks.
        now: when.

    Returns:
        By receipt; an erased sender is a person without a name.

    """
    seen = _seen_lately(session, workshop, actor=actor, now=now)
    fresh = [one for one in receipt_ids if one not in seen]
    found: dict[int, Mapping[str, str]] = {}
    if fresh:
        found = open_senders(
            session, workshop, fresh, action=SHOWN, reason=reason, actor=actor, now=now
        )
    known = sorted(set(receipt_ids) & seen)
    for start in range(0, len(known), _IDS_A_QUERY):
        for sender in session.scalars(
            select(Sender).where(Sender.receipt_id.in_(known[start : start + _IDS_A_QUERY]))
        ):
            found[sender.receipt_id] = contents_of(session, sender)
    return {one: person_of(found.get(one, {}), day) for one in receipt_ids}


def person_of(contents: Mapping[str, str], day: date) -> Person:
    """Return the person in a sender's contents, as of a day."""
    try:
        children = tuple(
            f"{child.name}（{months_words(months_on(child.born, day))}）"
            for child in children_of(contents)
        )
    except ValueError:
        children = ()
    return Person(
        name=contents.get("name") or contents.get("representative", ""),
        kana=contents.get("kana", ""),
        organisation=contents.get("organisation", ""),
        phone=contents.get("phone", ""),
        needs=need_labels(contents.get("needs", "")),
        needs_note=contents.get("needs_note", ""),
        children=children,
    )


def _seen_lately(
    session: Session, workshop: Workshop, *, actor: Actor, now: datetime
) -> frozenset[int]:
    events = session.scalars(
        select(AuditEvent).where(
            AuditEvent.subject == f"workshop:{workshop.id}",
            AuditEvent.action == SHOWN,
            AuditEvent.actor_id == actor.staff_id,
            AuditEvent.occurred_at > now - ONE_LOOK,
        )
    )
    return frozenset(one for event in events for one in (event.after or {}).get("receipts", ()))
