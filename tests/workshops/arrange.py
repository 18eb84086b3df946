"""Workshops, seats and registrations as the tests need them, made without the services."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.fiscal_year import fiscal_year_of
from participation.departments.models import Department
from participation.privacy.crypto import keyring
from participation.submissions.models import Channel, Receipt, Sender
from participation.submissions.services.senders import sender_row
from participation.workshops.models import (
    Application,
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopEligibility,
    WorkshopState,
)

SENDER = {"name": "相模 花子", "kana": "さがみ はなこ", "email": "hanako@example.jp"}


def make_workshop(
    session: Session,
    department: Department,
    *,
    state: WorkshopState = WorkshopState.ANNOUNCED,
    starts_at: datetime | None = None,
    days: int = 1,
    **more: Any,
) -> Workshop:
    """An announced workshop of ``department``, two hours a day from in three weeks, unless told."""
    now = clock.now()
    starts_at = starts_at or (now + timedelta(days=21)).replace(
        hour=5, minute=0, second=0, microsecond=0
    )
    first, last = (
        clock.local_date(starts_at),
        clock.local_date(starts_at + timedelta(days=7 * (days - 1))),
    )
    stopped = state in {WorkshopState.CANCELLED, WorkshopState.POSTPONED}
    values: dict[str, Any] = {
        "kind": "town_meeting",
        "title": "これからの公園を考えるワークショップ",
        "fiscal_year": fiscal_year_of(first),
        "announced_on": None
        if state is WorkshopState.PREPARING
        else clock.local_date(now - timedelta(days=7)),
        "stop_reason": "大雨の警報が出たため" if stopped else "",
        "sign_up": SignUp.WHOLE,
        "largest_party": 3,
        "sender_fields": [
            {"key": "name", "required": True},
            {"key": "kana", "required": False},
            {"key": "phone", "required": False},
            {"key": "email", "required": False},
        ],
        **more,
    }
    workshop = Workshop(
        department_id=department.id,
        state=state,
        first_day=first,
        last_day=last,
        created_at=datetime(2024, 4, 1, tzinfo=UTC),
        updated_at=datetime(2024, 4, 1, tzinfo=UTC),
        **values,
    )
    workshop.eligibilities = [
        WorkshopEligibility(position=0, label="市内に在住する方"),
        WorkshopEligibility(position=1, label="市内に在勤・在学する方"),
    ]
    workshop.days = [
        WorkshopDay(
            starts_at=starts_at + timedelta(days=7 * number),
            ends_at=starts_at + timedelta(days=7 * number, hours=2),
            venue="市役所 全員協議会室",
            address="伊勢原市田中348",
        )
        for number in range(days)
    ]
    session.add(workshop)
    session.flush()
    return workshop


def make_pool(
    session: Session,
    workshop: Workshop,
    *,
    day: WorkshopDay | None = None,
    kind: SeatKind = SeatKind.VENUE,
    method: SeatMethod = SeatMethod.FIRST_COME,
    capacity: int | None = 30,
    **more: Any,
) -> SeatPool:
    """Seats of the whole event, or of one day; one can register now."""
    now = clock.now()
    values: dict[str, Any] = {
        "opens_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=14),
        **more,
    }
    seed = secrets.token_hex(32)
    lottery = method is SeatMethod.LOTTERY
    pool = SeatPool(
        workshop_id=workshop.id,
        day_id=None if day is None else day.id,
        kind=kind,
        method=method,
        capacity=capacity,
        draw_commitment=hashlib.sha256(seed.encode()).hexdigest() if lottery else None,
        **values,
    )
    session.add(pool)
    session.flush()
    if lottery:
        pool.draw_seed = keyring(session).encrypt(
            seed, table=SeatPool.__tablename__, column="draw_seed", row=str(pool.id)
        )
        session.flush()
    return pool


def make_registration(
    session: Session,
    pool: SeatPool,
    *,
    status: RegistrationStatus = RegistrationStatus.CONFIRMED,
    seats: int = 1,
    sender: dict[str, str] | None = None,
    application: Application | None = None,
    offered_until: datetime | None = None,
    place: int = 0,
    **more: Any,
) -> Registration:
    """A registration with its application, receipt and sender; the pool counts its seats."""
    now = clock.now()
    if application is None:
        receipt = Receipt(
            number=f"W{secrets.token_hex(6).upper()}",
            secret_hash=hashlib.sha256(secrets.token_bytes(16)).hexdigest(),
            idempotency_key=secrets.token_hex(32),
            subject=f"workshop:{pool.workshop_id}",
            channel=Channel.WEB,
            received_at=now,
        )
        session.add(receipt)
        session.flush()
        who = SENDER if sender is None else sender
        session.add(Sender(receipt_id=receipt.id, **sender_row(keyring(session), who)))
        application = Application(
            workshop_id=pool.workshop_id,
            receipt_id=receipt.id,
            channel=Channel.WEB,
            received_at=now,
            party=seats,
            has_mail=bool(who.get("email")),
            link_hash=secrets.token_hex(32),
            door_code=secrets.token_hex(8),
            **more,
        )
        session.add(application)
        session.flush()
    if status is RegistrationStatus.OFFERED and offered_until is None:
        offered_until = now + timedelta(hours=48)
    registration = Registration(
        application_id=application.id,
        pool_id=pool.id,
        seats=seats,
        status=status,
        place=place,
        offered_until=offered_until,
        changed_at=now,
    )
    session.add(registration)
    if status in {RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED}:
        pool.taken += seats
    session.flush()
    return registration
