"""Whether an application gets seats, a place on the waitlist, or why it gets neither."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, NotFound, StateConflict
from participation.submissions.models import Channel
from participation.workshops.childcare import age_words, children_of, is_looked_after
from participation.workshops.models import (
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopEligibility,
    WorkshopInvitation,
    WorkshopState,
)
from participation.workshops.services.applying import NewApplication, Wish
from participation.workshops.services.promotion import promote
from participation.workshops.services.seating import (
    STANDING,
    allocate,
    covers,
    free_seats,
    lock_pools,
)
from participation.workshops.wording import pool_words

# Who is entered after a draw waits behind everybody who was in it.
AFTER_THE_DRAW = 2_000_000_000


def is_after_the_draw(status: RegistrationStatus, place: int) -> bool:
    """Whether a registration waits behind everybody who was in the draw."""
    return status is RegistrationStatus.WAITLISTED and place == AFTER_THE_DRAW


class NoSeat(StateConflict):
    """Pools that are full and have no waitlist; nothing is stored."""

    def __init__(self, message: str, pool_ids: tuple[int, ...]) -> None:
        super().__init__(message)
        self.pool_ids = pool_ids


class KnownPerson(StateConflict):
    """The same person has registered before."""


@dataclass(frozen=True)
class Claim:
    """What an application gets of one pool."""

    pool: SeatPool
    seats: int
    status: RegistrationStatus
    place: int = 0

    @property
    def uses_code(self) -> bool:
        """Whether an invitation is used up by it."""
        return self.pool.method is SeatMethod.INVITED

    @property
    def is_after_the_draw(self) -> bool:
        """Whether it waits behind everybody who was in the draw."""
        return is_after_the_draw(self.status, self.place)


@dataclass
class Facts:
    """What the database says, the pools being locked; changed as seats are given out."""

    workshops: Mapping[int, Any]
    pools: Mapping[int, SeatPool]
    days: Mapping[int, WorkshopDay]
    eligibilities: Mapping[int, set[int]]
    # (pool, person) that stand; (workshop, code hash) that are unused.
    persons: set[tuple[int, str]] = field(repr=False)
    codes: set[tuple[int, str]] = field(repr=False)


def load_facts(
    session: Session,
    applications: Sequence[NewApplication],
    person_keys: Sequence[str | None],
    code_hashes: Sequence[str | None],
    *,
    actor: Actor,
    now: datetime,
) -> Facts:
    """Lock the pools that are wished for and read what decides about them.

    The pools first: whoever changes an event's rules or cancels it holds all of its pools
    (``freezing.hold_pools``), so that what is read after them stands until the commit.
    """
    workshop_ids = {one.workshop_id for one in applications}
    pools = lock_pools(
        session, {wish.pool_id for one in applications for wish in one.wishes}, missing_ok=True
    )
    workshops = {
        row.id: row
        for row in session.execute(
            select(
                Workshop.id,
                Workshop.department_id,
                Workshop.title,
                Workshop.state,
                Workshop.sign_up,
                Workshop.largest_party,
            ).where(Workshop.id.in_(workshop_ids))
        )
    }
    _let_who_waits_go_first(session, pools, actor=actor, now=now)
    eligibilities: dict[int, set[int]] = defaultdict(set)
    for workshop_id, row_id in session.execute(
        select(WorkshopEligibility.workshop_id, WorkshopEligibility.id).where(
            WorkshopEligibility.workshop_id.in_(workshop_ids)
        )
    ):
        eligibilities[workshop_id].add(row_id)
    days = session.scalars(select(WorkshopDay).where(WorkshopDay.workshop_id.in_(workshop_ids)))
    return Facts(
        workshops=workshops,
        pools=pools,
        days={day.id: day for day in days},
        eligibilities=eligibilities,
        persons=_persons(session, pools, {key for key in person_keys if key is not None}),
        codes=_unused_codes(session, {key for key in code_hashes if key is not None}),
    )


def decide(
    facts: Facts, new: NewApplication, person_key: str | None, code_hash: str | None
) -> tuple[Claim, ...] | DomainError:
    """Give an application its seats in memory, or return why not; then nothing is changed.

    All it wishes for or nothing: where one of its pools is full and has no waitlist, the sender
    is told which, and can leave it out.
    """
    try:
        _check_form(facts, new)
        _check_children(facts, new)
        _check_person(facts, new, person_key)
        _check_code(facts, new, code_hash)
        _check_room(facts, new)
    except DomainError as error:
        return error
    claims = tuple(_claim(facts.pools[wish.pool_id], wish.seats) for wish in new.wishes)
    for claim in claims:
        if person_key is not None and claim.pool.kind is not SeatKind.CHILDCARE:
            facts.persons.add((claim.pool.id, person_key))
        if claim.uses_code and code_hash is not None:
            facts.codes.discard((new.workshop_id, code_hash))
    return claims


def _check_form(facts: Facts, new: NewApplication) -> None:
    workshop = facts.workshops.get(new.workshop_id)
    if workshop is None or workshop.state is WorkshopState.PREPARING:
        raise NotFound("お探しの催しは見つかりませんでした。")
    if workshop.state is not WorkshopState.ANNOUNCED or workshop.sign_up is SignUp.NONE:
        raise StateConflict("この催しは、いま申込みを受け付けていません。")
    if not 1 <= new.party <= workshop.largest_party:
        raise InvalidInput(
            f"人数は、1名から{workshop.largest_party}名までにしてください。", field="party"
        )
    known = facts.eligibilities.get(new.workshop_id, set())
    if known and new.eligibility_id not in known:
        raise InvalidInput("あてはまるものを1つ選んでください。", field="eligibility")
    if not known and new.eligibility_id is not None:
        raise InvalidInput("あてはまるものを選び直してください。", field="eligibility")
    _check_wishes(facts, new)


def _check_wishes(facts: Facts, new: NewApplication) -> None:
    days = set()
    for wish in new.wishes:
        pool = facts.pools.get(wish.pool_id)
        if pool is None or pool.workshop_id != new.workshop_id:
            raise InvalidInput("参加する日を選び直してください。", field="days")
        _check_open(facts, pool, new)
        if pool.kind is SeatKind.CHILDCARE:
            continue
        if pool.day_id in days:
            raise InvalidInput(
                "同じ日の会場とオンラインは、どちらか1つを選んでください。", field="days"
            )
        days.add(pool.day_id)
        if wish.seats != new.party:
            raise InvalidInput("席の数と人数が合いません。選び直してください。", field="party")
    if not days:
        raise InvalidInput("参加する日を選んでください。", field="days")
    if len({wish.pool_id for wish in new.wishes}) != len(new.wishes):
        raise InvalidInput("参加する日を選び直してください。", field="days")


def _check_open(facts: Facts, pool: SeatPool, new: NewApplication) -> None:
    words = pool_words(pool, facts.days)
    if pool.day_id is not None and facts.days[pool.day_id].stop_reason:
        raise StateConflict(f"{words}は中止になりました。ほかの日を選んでください。")
    if new.channel is not Channel.WEB:
        return  # what came on paper or by telephone is the desk's to judge
    if new.received_at < pool.opens_at:
        raise StateConflict(f"{words}の受付は、まだ始まっていません。")
    if new.received_at >= pool.closes_at:
        raise StateConflict(f"{words}の受付は終わりました。")


def _check_children(facts: Facts, new: NewApplication) -> None:
    wishes = [wish for wish in new.wishes if facts.pools[wish.pool_id].kind is SeatKind.CHILDCARE]
    if not wishes:
        return
    try:
        children = children_of(new.sender)
    except ValueError:
        raise InvalidInput("お子さんの生年月日を確かめてください。", field="children") from None
    venues = [facts.pools[wish.pool_id] for wish in new.wishes]
    for wish in wishes:
        pool = facts.pools[wish.pool_id]
        if not any(covers(venue, pool) for venue in venues):
            raise InvalidInput("託児は、会場で参加する日に申し込めます。", field="childcare")
        if wish.seats != len(children):
            raise InvalidInput("託児の人数とお子さんの数が合いません。", field="children")
        for day in childcare_days(pool, facts.days.values()):
            if not all(
                is_looked_after(pool, child.born, clock.local_date(day.starts_at))
                for child in children
            ):
                raise InvalidInput(
                    f"託児の対象は、当日の年齢が{age_words(pool)}のお子さんです。",
                    field="children",
                )


def childcare_days(pool: SeatPool, days: Any) -> list[WorkshopDay]:
    """Return the days on which children of a pool are looked after."""
    return [
        day
        for day in days
        if day.workshop_id == pool.workshop_id
        and not day.stop_reason
        and pool.day_id in {None, day.id}
    ]


def _check_person(facts: Facts, new: NewApplication, person_key: str | None) -> None:
    if person_key is None:
        return
    known = [wish.pool_id for wish in new.wishes if (wish.pool_id, person_key) in facts.persons]
    if known and new.channel is not Channel.WEB:
        names = "、".join(pool_words(facts.pools[pool_id], facts.days) for pool_id in known)
        raise KnownPerson(f"同じお名前と連絡先の申込みが、すでにあります：{names}。")
    # Not which days: whoever knows a name and an address could read them off (decision 0017).
    if known:
        raise KnownPerson(
            "同じお名前と連絡先の申込みが、すでにあります。"
            "人数や日を変えるときは、前の申込みを取り消してから申し込んでください。"
            "前の申込みを確かめるページは、メールアドレスを書いた方にメールでお知らせします。"
        )


def _check_code(facts: Facts, new: NewApplication, code_hash: str | None) -> None:
    invited = any(facts.pools[wish.pool_id].method is SeatMethod.INVITED for wish in new.wishes)
    if invited and (code_hash is None or (new.workshop_id, code_hash) not in facts.codes):
        raise InvalidInput(
            "招待コードを確かめてください。郵送した案内に書かれたもので、1回だけ使えます。",
            field="code",
        )


def _check_room(facts: Facts, new: NewApplication) -> None:
    full = [wish for wish in new.wishes if not _has_room(facts.pools[wish.pool_id], wish.seats)]
    if full:
        raise NoSeat(_full_words(facts, full), tuple(wish.pool_id for wish in full))


def _full_words(facts: Facts, full: Sequence[Wish]) -> str:
    names = "、".join(pool_words(facts.pools[wish.pool_id], facts.days) for wish in full)
    if all(0 < (free_seats(facts.pools[wish.pool_id]) or 0) < wish.seats for wish in full):
        return f"残りの席が人数より少ないため、申し込めませんでした：{names}。"
    return f"満席です：{names}。申込みは受け付けられていません。"


def _has_room(pool: SeatPool, seats: int) -> bool:
    """Whether there are seats, or a waitlist on which waiting makes sense."""
    if pool.method is SeatMethod.LOTTERY and pool.drawn_at is None:
        return pool.capacity is None or seats <= pool.capacity
    free = free_seats(pool)
    if free is None or seats <= free:
        return True
    return pool.has_waitlist and pool.capacity is not None and seats <= pool.capacity


def _claim(pool: SeatPool, seats: int) -> Claim:
    if pool.method is SeatMethod.LOTTERY and pool.drawn_at is None:
        return Claim(pool, seats, RegistrationStatus.APPLIED)
    if allocate(pool, seats):
        return Claim(pool, seats, RegistrationStatus.CONFIRMED)
    place = AFTER_THE_DRAW if pool.method is SeatMethod.LOTTERY else 0
    return Claim(pool, seats, RegistrationStatus.WAITLISTED, place)


def _let_who_waits_go_first(
    session: Session, pools: Mapping[int, SeatPool], *, actor: Actor, now: datetime
) -> None:
    """Offer free seats to who waits and fits, before anybody new gets one."""
    roomy = {pool_id for pool_id, pool in pools.items() if free_seats(pool) != 0}
    if not roomy:
        return
    smallest = session.execute(
        select(Registration.pool_id, func.min(Registration.seats))
        .where(
            Registration.pool_id.in_(roomy),
            Registration.status == RegistrationStatus.WAITLISTED,
        )
        .group_by(Registration.pool_id)
        .order_by(Registration.pool_id)
    )
    for pool_id, seats in smallest.all():
        free = free_seats(pools[pool_id])
        if free is None or seats <= free:
            promote(session, pools[pool_id], now=now, actor=actor)


def _persons(
    session: Session, pools: Mapping[int, SeatPool], person_keys: set[str]
) -> set[tuple[int, str]]:
    rows = session.execute(
        select(Registration.pool_id, Registration.person_key).where(
            Registration.pool_id.in_(pools),
            Registration.person_key.in_(person_keys),
            Registration.status.in_(STANDING),
        )
    )
    return {(pool_id, key) for pool_id, key in rows if key is not None}


def _unused_codes(session: Session, code_hashes: set[str]) -> set[tuple[int, str]]:
    if not code_hashes:
        return set()
    rows = session.execute(
        select(WorkshopInvitation.workshop_id, WorkshopInvitation.code_hash).where(
            WorkshopInvitation.code_hash.in_(code_hashes),
            WorkshopInvitation.application_id.is_(None),
        )
    )
    return {(workshop_id, stored) for workshop_id, stored in rows}
