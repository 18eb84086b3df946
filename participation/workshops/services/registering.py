"""Registering: a seat, a place on the waitlist or a clear refusal, in one transaction.

Everything that can be computed without the database (encryption, hashes, numbers) is made before
any lock is held (``prepare``); what only the locked pools know is decided in ``seat_decisions``.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from participation.audit import Event, record_many
from participation.core.actors import Actor
from participation.core.errors import DomainError, StateConflict
from participation.core.speech import Speech
from participation.mail import services as mail
from participation.privacy.crypto import Keyring, keyring
from participation.submissions.models import Channel
from participation.submissions.services.receipts import (
    NewReceipt,
    PreparedReceipt,
    StoredReceipt,
    find_by_keys,
    prepare_receipt,
    store_receipts,
)
from participation.workshops.labels import LAST_OF_ALL, STATUS_LABELS
from participation.workshops.models import (
    Application,
    Registration,
    RegistrationStatus,
    SeatKind,
    WorkshopInvitation,
)
from participation.workshops.services.applying import NewApplication
from participation.workshops.services.invitation_codes import code_hash
from participation.workshops.services.links import link_of, link_token, lookup_link, token_hash
from participation.workshops.services.persons import person_key
from participation.workshops.services.seat_decisions import Claim, Facts, decide, load_facts
from participation.workshops.services.seat_letters import Line, receipt_letter
from participation.workshops.wording import pool_words

_IDS_A_QUERY = 500
_APPLICATIONS: Any = Application.__table__
_INSERT_APPLICATIONS = insert(_APPLICATIONS).returning(
    _APPLICATIONS.c.receipt_id, _APPLICATIONS.c.id
)
_INSERT_REGISTRATIONS = insert(cast("Any", Registration.__table__))


@dataclass(frozen=True)
class StoredApplication:
    """An application that stands in the database once the caller has committed."""

    application_id: int
    receipt_id: int
    number: str
    again: bool  # this form had been stored before: nothing new was
    statuses: tuple[tuple[int, RegistrationStatus], ...]  # (pool, what it is worth now)


@dataclass(frozen=True)
class Prepared:
    """The rows of an application, all but what the locked pools decide."""

    new: NewApplication
    receipt: PreparedReceipt
    row: dict[str, Any]
    person_key: str | None
    code_hash: str | None

    @property
    def number(self) -> str:
        """The receipt's number, should this be the first time that its form comes."""
        return str(self.receipt.row["number"])


def prepare(keys: Keyring, new: NewApplication) -> Prepared:
    """Return the rows of an application: encrypted, hashed, ready to be inserted."""
    sender = sent_sender(new)
    receipt = prepare_receipt(
        keys,
        NewReceipt(
            subject=f"workshop:{new.workshop_id}",
            channel=new.channel,
            received_at=new.received_at,
            idempotency_key=new.idempotency_key,
            secret=new.secret,
            sender=sender,
        ),
    )
    return Prepared(
        new=new,
        receipt=receipt,
        row={
            "workshop_id": new.workshop_id,
            "channel": new.channel,
            "received_at": new.received_at,
            "party": new.party,
            "eligibility_id": new.eligibility_id,
            "first_time": new.first_time,
            "has_mail": bool(sender.get("email")),
            "link_hash": token_hash(keys, link_token(keys, str(receipt.row["number"]))),
            "door_code": secrets.token_hex(16),
            "network_key": new.network_key,
            "typed_by": new.typed_by,
            "language": new.language,
        },
        person_key=person_key(keys, new.workshop_id, sender),
        code_hash=code_hash(keys, new.invitation_code) if new.invitation_code.strip() else None,
    )


def sent_sender(new: NewApplication) -> dict[str, str]:
    """Return what goes into the sender's row; a way to write back is kept with the rest."""
    sender = {key: value for key, value in new.sender.items() if value}
    if new.mail_to:
        sender.setdefault("email", new.mail_to)
    return sender


def store_applications(
    session: Session, applications: Sequence[NewApplication], *, actor: Actor, now: datetime
) -> list[StoredApplication | DomainError]:
    """Register: for each of ``applications`` seats, the waitlist, or why there is neither.

    A few statements for any number. The same idempotency key twice, now or ever, is one
    application.

    Args:
        session: the session of the act; the caller commits, or rolls back when it does not want
            what was stored.
        applications: what came in.
        actor: who takes them in.
        now: when they are stored; each has its own ``received_at``.

    Returns:
        For each how it was stored, or the error that its sender gets; of an error nothing is
        stored. ``seat_decisions`` says which there are.

    Raises:
        StateConflict: a writer elsewhere was faster in a way that touches others of these; the
            caller rolls back and tries each alone (as ``db.group_commit`` does) or says so.

    """
    keys = keyring(session)
    return store_prepared(
        session, [prepare(keys, new) for new in applications], actor=actor, now=now
    )


def store_prepared(
    session: Session, prepared: Sequence[Prepared], *, actor: Actor, now: datetime
) -> list[StoredApplication | DomainError]:
    """Store what ``prepare`` made; as ``store_applications``."""
    facts = load_facts(
        session,
        [one.new for one in prepared],
        [one.person_key for one in prepared],
        [one.code_hash for one in prepared],
        actor=actor,
        now=now,
    )
    known = find_by_keys(session, [one.new.idempotency_key for one in prepared])
    results: dict[int, StoredApplication | DomainError] = {}
    taken: dict[str, tuple[int, Prepared, tuple[Claim, ...]]] = {}
    repeated: list[int] = []
    for position, one in enumerate(prepared):
        if one.new.idempotency_key in known or one.receipt.key in taken:
            repeated.append(position)
            continue
        decision = decide(facts, one.new, one.person_key, one.code_hash)
        if isinstance(decision, DomainError):
            results[position] = decision
        else:
            taken[one.receipt.key] = (position, one, decision)
    fresh = _insert(session, list(taken.values()), facts, actor=actor, now=now)
    results.update(fresh)
    receipts = {key: found.id for key, found in known.items()}
    for position in repeated:
        one = prepared[position]
        before = taken.get(one.receipt.key)
        if before is not None:
            results[position] = _again(fresh[before[0]])
        else:
            stored = known[one.new.idempotency_key]
            results[position] = _stored_before(session, receipts[one.new.idempotency_key], stored)
    return [results[position] for position in range(len(prepared))]


def _insert(
    session: Session,
    taken: list[tuple[int, Prepared, tuple[Claim, ...]]],
    facts: Facts,
    *,
    actor: Actor,
    now: datetime,
) -> dict[int, StoredApplication]:
    """Insert what got seats or a place; return it by position."""
    if not taken:
        return {}
    receipts = store_receipts(session, [one.receipt for _position, one, _claims in taken])
    if any(receipt.again for receipt in receipts):
        # The same form, sent for other pools, went in between: the seats just given are not its.
        raise StateConflict("同じ申込みが同時に送信されました。もう一度送信してください。")
    connection = session.connection()
    rows = [
        {**one.row, "receipt_id": receipt.id}
        for receipt, (_position, one, _claims) in zip(receipts, taken, strict=True)
    ]
    ids: dict[int, int] = dict(connection.execute(_INSERT_APPLICATIONS, rows).all())
    connection.execute(
        _INSERT_REGISTRATIONS,
        [
            {
                "application_id": ids[receipt.id],
                "pool_id": claim.pool.id,
                "seats": claim.seats,
                "status": claim.status,
                "place": claim.place,
                "offered_until": None,
                "person_key": None if claim.pool.kind is SeatKind.CHILDCARE else one.person_key,
                "changed_at": now,
            }
            for receipt, (_position, one, claims) in zip(receipts, taken, strict=True)
            for claim in claims
        ],
    )
    session.flush()  # the pools' seats, which the database checks
    for receipt, (_position, one, claims) in zip(receipts, taken, strict=True):
        if any(claim.uses_code for claim in claims):
            _use_code(session, one, ids[receipt.id])
    _record(session, taken, receipts, ids, facts, actor=actor, now=now)
    mail.send_prepared(
        session,
        [
            _letter_row(session, one, claims, facts, now=now)
            for _position, one, claims in taken
            if one.new.mail_to
        ],
    )
    return {
        position: StoredApplication(
            application_id=ids[receipt.id],
            receipt_id=receipt.id,
            number=receipt.number,
            again=False,
            statuses=tuple((claim.pool.id, claim.status) for claim in claims),
        )
        for receipt, (position, _one, claims) in zip(receipts, taken, strict=True)
    }


def _use_code(session: Session, one: Prepared, application_id: int) -> None:
    used = session.scalar(
        update(WorkshopInvitation)
        .where(
            WorkshopInvitation.code_hash == one.code_hash,
            WorkshopInvitation.workshop_id == one.new.workshop_id,
            WorkshopInvitation.application_id.is_(None),
        )
        .values(application_id=application_id)
        .returning(WorkshopInvitation.id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        raise StateConflict("この招待コードは、たったいま使われました。")


def _record(
    session: Session,
    taken: list[tuple[int, Prepared, tuple[Claim, ...]]],
    receipts: list[StoredReceipt],
    ids: Mapping[int, int],
    facts: Facts,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record_many(
        session,
        [
            Event(
                action="workshops.application.received"
                if one.new.channel is Channel.WEB
                else "workshops.application.entered",
                actor=actor,
                now=now,
                subject=f"application:{ids[receipt.id]}",
                after={
                    "number": receipt.number,
                    "channel": one.new.channel,
                    "party": one.new.party,
                    "seats": [
                        {"pool": claim.pool.id, "seats": claim.seats, "status": claim.status}
                        for claim in claims
                    ],
                },
                department_id=facts.workshops[one.new.workshop_id].department_id,
            )
            for receipt, (_position, one, claims) in zip(receipts, taken, strict=True)
        ],
    )


def _letter_row(
    session: Session, one: Prepared, claims: Sequence[Claim], facts: Facts, *, now: datetime
) -> dict[str, Any]:
    workshop = facts.workshops[one.new.workshop_id]
    say = Speech(one.new.language)
    message = receipt_letter(
        title=workshop.title,
        recipient=one.new.mail_to,
        number=one.number,
        secret=one.new.secret or "",
        received_at=one.new.received_at,
        lines=[
            Line(
                pool_words(claim.pool, facts.days, say),
                claim.seats,
                say.gettext(STATUS_LABELS[claim.status]),
                say.gettext(LAST_OF_ALL) if claim.is_after_the_draw else "",
            )
            for claim in claims
        ],
        link=link_of(session, one.number),
        lookup=lookup_link(session),
        online=any(claim.pool.kind is SeatKind.ONLINE for claim in claims),
        say=say,
    )
    return mail.prepare(keyring(session), message, now=now)


def _again(stored: StoredApplication) -> StoredApplication:
    return StoredApplication(
        stored.application_id, stored.receipt_id, stored.number, True, stored.statuses
    )


def _stored_before(
    session: Session, receipt_id: int, receipt: StoredReceipt
) -> StoredApplication | DomainError:
    rows = session.execute(
        select(Application.id, Registration.pool_id, Registration.status)
        .join(Registration, Registration.application_id == Application.id)
        .where(Application.receipt_id == receipt_id)
        .order_by(Registration.id)
    ).all()
    if not rows:
        return StateConflict("この申込みは受け付けられませんでした。最初から入力してください。")
    return StoredApplication(
        application_id=rows[0].id,
        receipt_id=receipt_id,
        number=receipt.number,
        again=True,
        statuses=tuple((row.pool_id, row.status) for row in rows),
    )
