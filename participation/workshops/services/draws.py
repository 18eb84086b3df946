"""Drawing: once, after the deadline, from what stands then; the record lets anybody repeat it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import PermissionDenied, StateConflict
from participation.jobs import services as jobs
from participation.policy import Permission, reaches
from participation.privacy.crypto import keyring
from participation.submissions.models import Receipt
from participation.workshops import lottery, priority
from participation.workshops.lottery import Drawn, Entry
from participation.workshops.models import (
    Application,
    DrawEntry,
    LotteryDraw,
    Registration,
    RegistrationStatus,
    SeatMethod,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.services import seating
from participation.workshops.services.promotion import promote_all

LETTERS_JOB = "workshops.draw_letters"
_AT_ONCE = 500
_INSERT = insert(cast("Any", DrawEntry.__table__))


def draw(session: Session, pool: SeatPool, *, actor: Actor, now: datetime) -> LotteryDraw:
    """Draw the seats of a lottery among who has applied for them, and keep the record.

    Who wins is confirmed; who does not waits in the order of the draw, or has lost where there is
    no waitlist. Letters go out by a job, in one transaction, so that nobody gets two.

    Args:
        session: the session of the act; the caller commits.
        pool: whose seats.
        actor: who draws (WORKSHOP_APPROVE).
        now: when.

    Raises:
        PermissionDenied: the actor may not draw for this department.
        StateConflict: it was drawn already, cannot be drawn yet, or the event does not stand.

    """
    pools = seating.lock_workshops(session, [pool.workshop_id])
    pool = pools[pool.id]
    workshop = session.get_one(Workshop, pool.workshop_id, populate_existing=True)
    if not actor.is_system and not reaches(
        actor, Permission.WORKSHOP_APPROVE, workshop.department_id
    ):
        raise PermissionDenied("抽選できるのは、この催しの担当課の課長です。")
    refusal = why_not(session, workshop, pool, now)
    if refusal:
        raise StateConflict(refusal)
    rules = priority.with_words(
        workshop.priority, {one.id: one.label for one in workshop.eligibilities}
    )
    entered = _entered(session, pool, rules)
    drawn = lottery.draw(entered, seed=_seed(session, pool), seats=seating.free_seats(pool) or 0)
    record = _keep(session, pool, drawn, entered, rules, actor=actor, now=now)
    _seat(session, pools, pool, drawn, entered, actor=actor, now=now)
    won = sum(one.won for one in drawn)
    audit.record(
        session,
        "workshops.seats.drawn",
        actor=actor,
        now=now,
        subject=f"seat_pool:{pool.id}",
        after={
            "draw": record.id,
            "method": record.method,
            "capacity": record.capacity,
            "entries": record.entries,
            "won": won,
            "list_sha256": record.list_sha256,
        },
        department_id=workshop.department_id,
    )
    if drawn:
        jobs.enqueue(
            session,
            LETTERS_JOB,
            {"draw": record.id},
            actor=actor,
            now=now,
            label="抽選の結果を知らせるメールを作成しています",
        )
    return record


def why_not(session: Session, workshop: Workshop, pool: SeatPool, now: datetime) -> str:
    """Return why the seats of a pool cannot be drawn now, in words; empty when they can."""
    if pool.method is not SeatMethod.LOTTERY:
        return "この定員は、抽選で決めるものではありません。"
    if pool.drawn_at is not None:
        return "この定員の抽選は済んでいます。"
    if workshop.state is not WorkshopState.ANNOUNCED:
        return "抽選できるのは、公表していて、延期や中止をしていない催しです。"
    if pool.day_id is not None and session.get_one(WorkshopDay, pool.day_id).stop_reason:
        return "この日は中止になったため、抽選しません。"
    if now < pool.closes_at:
        return "受付が終わるまでは抽選できません。締切を過ぎてから抽選してください。"
    return ""


def _entered(
    session: Session, pool: SeatPool, rules: Sequence[Mapping[str, Any]]
) -> dict[Entry, Registration]:
    """Return the list, each entry with its registration."""
    rows = session.execute(
        select(Registration, Receipt.number, Application.first_time, Application.eligibility_id)
        .join(Application, Application.id == Registration.application_id)
        .join(Receipt, Receipt.id == Application.receipt_id)
        .where(Registration.pool_id == pool.id, Registration.status == RegistrationStatus.APPLIED)
        .order_by(Registration.id)
        .execution_options(populate_existing=True)
    )
    return {
        Entry(
            number,
            registration.seats,
            priority.tier_of(rules, priority.Claimant(first_time, eligibility_id)),
        ): registration
        for registration, number, first_time, eligibility_id in rows
    }


def _seed(session: Session, pool: SeatPool) -> str:
    """Return the pool's secret, which must be the one that was committed to."""
    seed = ""
    if pool.draw_seed is not None:
        seed = keyring(session).decrypt(
            pool.draw_seed, table=SeatPool.__tablename__, column="draw_seed", row=str(pool.id)
        )
    if lottery.commitment_of(seed) != pool.draw_commitment:
        raise StateConflict(
            "抽選のもとになる値が、受付の前に公開したものと合いません。抽選できないため、"
            "システム管理者に連絡してください。"
        )
    return seed


def _keep(
    session: Session,
    pool: SeatPool,
    drawn: Sequence[Drawn],
    entered: Mapping[Entry, Registration],
    rules: list[dict[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> LotteryDraw:
    record = LotteryDraw(
        pool_id=pool.id,
        drawn_at=now,
        drawn_by=actor.staff_id,
        method=lottery.METHOD,
        seed=_seed(session, pool),
        capacity=seating.free_seats(pool) or 0,
        priority=rules,
        entries=len(drawn),
        list_sha256=lottery.list_sha256(entered),
    )
    pool.drawn_at = now
    session.add(record)
    session.flush()
    rows = [
        {
            "draw_id": record.id,
            "registration_id": entered[one.entry].id,
            "number": one.entry.number,
            "seats": one.entry.seats,
            "tier": one.entry.tier,
            "ticket": one.ticket,
            "rank": one.rank,
            "won": one.won,
        }
        for one in drawn
    ]
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(_INSERT, rows[start : start + _AT_ONCE])
    return record


def _seat(
    session: Session,
    pools: dict[int, SeatPool],
    pool: SeatPool,
    drawn: Sequence[Drawn],
    entered: Mapping[Entry, Registration],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    lost = []
    for one in drawn:
        registration = entered[one.entry]
        if one.won:
            if not seating.confirm(pool, registration, now=now):
                raise StateConflict("席の数が合わないため、抽選を取りやめました。")
        elif pool.has_waitlist:
            seating.waitlist(pool, registration, now=now, place=one.rank)
        else:
            seating.lose(registration, now=now)
            lost.append(registration.application_id)
    session.flush()
    dropped = seating.drop_childcare(session, pools, lost, now=now)
    session.flush()
    changed = {one.pool_id for one in dropped}
    promote_all(session, [pools[pool_id] for pool_id in changed], now=now, actor=actor)
