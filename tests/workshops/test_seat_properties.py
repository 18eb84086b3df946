"""Seats under any sequence of acts: compared with a model of a page of plain Python."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from participation.core import clock
from participation.core.errors import DomainError, StateConflict
from participation.workshops.models import (
    Application,
    Registration,
    SeatKind,
    SeatPool,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services import seating
from participation.workshops.services.changing import accept_offers, cancel_registrations
from participation.workshops.services.promotion import lapse_due, promote_waiting
from participation.workshops.services.registering import store_applications
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.registering import assert_seats_add_up, new_application

HOURS = 3
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.integers(1, 4)),
        st.tuples(st.sampled_from(("cancel", "accept")), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.integers(1, 4)),
        st.tuples(st.just("grow"), st.integers(0, 3)),
    ),
    max_size=25,
)
MANY = settings(
    max_examples=25,
)


@dataclass
class Claim:
    seats: int
    status: S
    until: int = 0


@dataclass
class Model:
    """The rules of seats without a database: a clock in hours and a list in its order."""

    capacity: int
    has_waitlist: bool
    hour: int = 0
    claims: list[Claim] = field(default_factory=list)

    @property
    def free(self):
        return self.capacity - sum(
            one.seats for one in self.claims if one.status in {S.CONFIRMED, S.OFFERED}
        )

    def promote(self):
        for one in self.claims:
            if one.status is S.WAITLISTED and one.seats <= self.free:
                one.status, one.until = S.OFFERED, self.hour + HOURS

    def register(self, seats):
        if seats <= self.free:
            self.claims.append(Claim(seats, S.CONFIRMED))
        elif self.has_waitlist and seats <= self.capacity:
            self.claims.append(Claim(seats, S.WAITLISTED))
        else:
            return False
        return True

    def cancel(self, number):
        one = self.claims[number]
        if one.status not in {S.CONFIRMED, S.OFFERED, S.WAITLISTED}:
            return False
        one.status = S.CANCELLED
        self.promote()
        return True

    def accept(self, number):
        one = self.claims[number]
        if one.status is not S.OFFERED or self.hour >= one.until:
            return False
        one.status = S.CONFIRMED
        return True

    def wait(self, hours):
        self.hour += hours
        for one in self.claims:
            if one.status is S.OFFERED and self.hour >= one.until:
                one.status = S.LAPSED
        self.promote()

    def grow(self, seats):
        self.capacity += seats
        self.promote()


@MANY
@given(capacity=st.integers(1, 6), has_waitlist=st.booleans(), acts=ACTS)
def test_any_sequence_of_acts_gives_what_the_rules_say(session, capacity, has_waitlist, acts):
    start = clock.now()
    workshop = make_workshop(session, make_department(session), largest_party=4, offer_hours=HOURS)
    pool = make_pool(session, workshop, capacity=capacity, has_waitlist=has_waitlist)
    model = Model(capacity, has_waitlist)
    ids = []
    for act, number in acts:
        now = start + timedelta(hours=model.hour)
        if act == "register":
            form = new_application(workshop, pool, party=number, received_at=start)
            [stored] = store_applications(session, [form], actor=RESIDENT, now=now)
            taken = not isinstance(stored, DomainError)
            assert taken is model.register(number)
            if taken:
                ids.append(stored.application_id)
        elif act == "wait":
            model.wait(number)
            later = start + timedelta(hours=model.hour)
            lapse_due(session, later)
            promote_waiting(session, later)
        elif act == "grow":
            model.grow(number)
            seating.lock_pools(session, [pool.id])[pool.id].capacity += number
            promote_waiting(session, now)
        elif ids:
            number %= len(ids)  # noqa: PLW2901 -- which of them
            assert _change(session, act, ids[number], now) is getattr(model, act)(number)
        session.flush()
        assert_seats_add_up(session)
        statuses = session.scalars(
            select(Registration.status)
            .where(Registration.pool_id == pool.id)
            .order_by(Registration.id)
        ).all()
        assert statuses == [one.status for one in model.claims], (act, number)
    session.rollback()


def _change(session, act, application_id, now):
    application = session.get_one(Application, application_id)
    [registration] = session.scalars(
        select(Registration.id).where(Registration.application_id == application_id)
    )
    try:
        if act == "cancel":
            cancel_registrations(session, application, [registration], actor=RESIDENT, now=now)
        else:
            accept_offers(session, application, [registration], actor=RESIDENT, now=now)
    except StateConflict:
        return False
    return True


@MANY
@given(
    seats=st.integers(1, 8),
    quota=st.integers(1, 4),
    forms=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), max_size=8),
)
def test_companions_and_children_never_exceed_what_there_is(session, seats, quota, forms):
    """Parties take seats, children take places of the childcare: all of a form or none of it."""
    workshop = make_workshop(session, make_department(session))
    venue = make_pool(session, workshop, capacity=seats, has_waitlist=False)
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE, capacity=quota, has_waitlist=False)
    people = children = 0
    for party, count in forms:
        born = (clock.local_date(clock.now()) - timedelta(days=900)).isoformat()
        listed = ", ".join(f'{{"name": "子", "born": "{born}"}}' for _child in range(count))
        form = new_application(
            workshop,
            {venue: party, care: count} if count else venue,
            party=party,
            sender={"name": f"相模 {people} {children} {party} {count}", "children": f"[{listed}]"},
        )
        [stored] = store_applications(session, [form], actor=RESIDENT, now=clock.now())
        fits = people + party <= seats and children + count <= quota
        assert isinstance(stored, DomainError) is not fits
        if fits:
            people, children = people + party, children + count
        session.flush()
        assert_seats_add_up(session)
        found = {pool.kind: pool.taken for pool in session.scalars(_pools(workshop.id))}
        assert found == {SeatKind.VENUE: people, SeatKind.CHILDCARE: children}
    session.rollback()


def _pools(workshop_id):
    return select(SeatPool).where(SeatPool.workshop_id == workshop_id)
