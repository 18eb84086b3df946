"""The desk: what comes by telephone, FAX and letter, in time and late, by the same rules."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Actor, Role, system_actor
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.departments.models import Department
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.submissions.models import Channel, Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import (
    Application,
    Registration,
    SeatKind,
    SeatMethod,
    SignUp,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.desk import ComesLate, enter
from participation.workshops.services.draws import draw
from tests.factories import make_department, make_user, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.registering import assert_seats_add_up, new_application


@pytest.fixture
def workshop(session: Session):
    return make_workshop(
        session,
        make_department(session, "公園課"),
        needs=["wheelchair", "language"],
        priority=[{"rule": "first_time"}],
    )


@pytest.fixture
def clerk(session: Session, workshop) -> Actor:
    department = session.get_one(Department, workshop.department_id)
    user = make_user(session, Role.CONTRIBUTOR, department)
    return Actor(staff_id=user.id, name=user.name)


def typed(workshop, pool, **more):
    more = {"channel": Channel.FAX, "secret": None, "sender": {"name": "相模 次郎"}, **more}
    return new_application(workshop, pool, **more)


def enter_it(session: Session, workshop, new, clerk, *, days_ago=0, late_ok=False, now=None):
    now = now or clock.now()
    entered = enter(
        session,
        workshop,
        new,
        arrived_on=clock.local_date(now) - timedelta(days=days_ago),
        late_ok=late_ok,
        actor=clerk,
        now=now,
    )
    session.flush()
    return entered


def test_paper_gets_a_number_and_nothing_else(session: Session, workshop, clerk) -> None:
    pool = make_pool(session, workshop)
    entered = enter_it(session, workshop, typed(workshop, pool), clerk)
    application = session.get_one(Application, entered.stored.application_id)
    receipt = session.get_one(Receipt, application.receipt_id)
    assert receipt.secret_hash is None
    assert (application.has_mail, application.typed_by) == (False, clerk.staff_id)
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    events = [event.action for event in session.scalars(select(AuditEvent))]
    assert events == ["workshops.application.entered"]


def test_who_gives_an_address_gets_the_receipt_there(session: Session, workshop, clerk) -> None:
    pool = make_pool(session, workshop)
    sender = {"name": "相模 次郎", "email": "jiro@example.jp"}
    entered = enter_it(session, workshop, typed(workshop, pool, sender=sender), clerk)
    letter = open_letter(session, session.scalars(select(OutboxMessage)).one())
    assert entered.stored.number in letter.body
    assert "照会コード：\n" not in letter.body
    assert session.scalars(select(Receipt)).one().secret_hash is not None


def test_the_same_form_twice_is_one(session: Session, workshop, clerk) -> None:
    pool = make_pool(session, workshop)
    new = typed(workshop, pool)
    first = enter_it(session, workshop, new, clerk, days_ago=1)
    again = enter_it(session, workshop, new, clerk, days_ago=1)
    assert again.stored.again
    assert again.stored.number == first.stored.number
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == 2


def test_late_only_when_said_so(session: Session, workshop, clerk) -> None:
    closed = clock.now() - timedelta(days=2)
    opened = closed - timedelta(days=9)
    pool = make_pool(session, workshop, opens_at=opened, closes_at=closed)
    with pytest.raises(ComesLate):
        enter_it(session, workshop, typed(workshop, pool), clerk)
    entered = enter_it(session, workshop, typed(workshop, pool), clerk, late_ok=True)
    assert entered.late
    note = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "workshops.application.noted")
    ).one()
    assert note.after["late"] is True
    other = typed(workshop, pool, sender={"name": "い"})
    in_time = enter_it(session, workshop, other, clerk, days_ago=3)
    assert not in_time.late


def test_who_calls_is_judged_by_the_clock_and_paper_by_its_day(session, workshop, clerk) -> None:
    now = clock.now().replace(hour=6, minute=0)  # 15:00 in Japan
    pool = make_pool(
        session,
        workshop,
        opens_at=now - timedelta(days=9),
        closes_at=now - timedelta(hours=1),
    )
    fax = typed(workshop, pool, channel=Channel.FAX)
    assert not enter_it(session, workshop, fax, clerk, now=now).late
    call = typed(workshop, pool, channel=Channel.COUNTER, sender={"name": "ほか"})
    with pytest.raises(ComesLate):
        enter_it(session, workshop, call, clerk, now=now)


def test_an_undrawn_lottery_takes_nothing_late(session: Session, workshop, clerk) -> None:
    closed = clock.now() - timedelta(days=1, hours=23)
    pool = make_pool(
        session,
        workshop,
        method=SeatMethod.LOTTERY,
        capacity=1,
        opens_at=closed - timedelta(days=9),
        closes_at=closed,
    )
    with pytest.raises(StateConflict, match="抽選のあとに"):
        enter_it(session, workshop, typed(workshop, pool), clerk, late_ok=True)
    early = enter_it(session, workshop, typed(workshop, pool), clerk, days_ago=5)
    assert early.stored.statuses == ((pool.id, S.APPLIED),)
    draw(session, pool, actor=system_actor("試験"), now=clock.now())
    late = typed(workshop, pool, sender={"name": "遅い人"})
    entered = enter_it(session, workshop, late, clerk, late_ok=True)
    assert entered.stored.statuses == ((pool.id, S.WAITLISTED),)
    assert_seats_add_up(session)


@pytest.mark.parametrize("why", ["web", "tomorrow", "over", "party"])
def test_what_is_refused(session: Session, workshop, clerk, why: str) -> None:
    pool = make_pool(session, workshop)
    new, days_ago, now = typed(workshop, pool), 0, clock.now()
    match why:
        case "web":
            new = typed(workshop, pool, channel=Channel.WEB, secret="x" * 32)
        case "tomorrow":
            days_ago = -1
        case "over":
            now = workshop.days[0].ends_at
        case "party":
            new = typed(workshop, {pool: 9}, party=9)
    with pytest.raises(DomainError):
        enter_it(session, workshop, new, clerk, days_ago=days_ago, now=now, late_ok=True)


# The page.


@pytest.fixture
def desk(session: Session, client, workshop):
    department = session.get_one(Department, workshop.department_id)
    session.commit()
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    address = f"/staff/workshops/{workshop.id}/desk"

    def send(**values):
        page = client.get(address).text
        fields = {
            name: page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
            for name in ("csrf_token", "key", "n")
        }
        base = {
            **fields,
            "channel": "counter",
            "arrived_on": clock.local_date(clock.now()).isoformat(),
            "party": "1",
            "eligibility": str(workshop.eligibilities[0].id),
            "s-name": "相模 花子",
            "s-phone": "0463944711",
        }
        return client.post(address, data={**base, **values})

    return send


def test_typing_one_after_the_other(session: Session, client, workshop, desk) -> None:
    pool = make_pool(session, workshop, capacity=2)
    session.commit()
    pool_id = pool.id
    sent = desk(**{"day-0": str(pool_id), "party": "2", "channel": "fax", "first_time": "yes"})
    assert sent.status_code == 303
    page = client.get(sent.location).text
    number = session.scalars(select(Receipt.number)).one()
    assert f"{number}を保存しました" in page
    assert "参加決定" in page
    assert "受付番号を、申し込んだ方に伝えてください" in page
    assert '<option value="fax" selected>' in page  # stays for the next
    application = session.scalars(select(Application)).one()
    assert (application.party, application.channel) == (2, Channel.FAX)
    assert application.first_time
    sender = session.scalars(select(Sender)).one()
    assert contents_of(session, sender)["phone"] == "0463944711"


def test_the_page_says_what_is_wrong_and_keeps_the_rest(session, client, workshop, desk) -> None:
    pool = make_pool(session, workshop, capacity=1, has_waitlist=False)
    make_registration(session, pool)
    session.commit()
    pool_id = str(pool.id)
    nobody = desk(**{"day-0": pool_id, "s-name": "", "arrived_on": "きょう"})
    assert nobody.status_code == 422
    assert "氏名を入力してください" in nobody.text
    assert "受け付けた日を" in nobody.text
    assert 'value="0463944711"' in nobody.text
    full = desk(**{"day-0": pool_id})
    assert full.status_code == 409
    assert "満席です" in full.text
    other = desk(**{"day-0": pool_id, "eligibility": ""})
    assert other.status_code == 422
    assert session.scalar(select(func.count()).select_from(Application)) == 1


def test_the_page_asks_about_what_is_late(session: Session, client, workshop, desk) -> None:
    pool = make_pool(session, workshop, closes_at=clock.now() - timedelta(hours=1))
    session.commit()
    pool_id = str(pool.id)
    asked = desk(**{"day-0": pool_id})
    assert asked.status_code == 422
    assert "締切のあとに届いた申込みとして受け付ける" in asked.text
    assert "締切は過ぎています" in asked.text
    assert desk(**{"day-0": pool_id, "late_ok": "yes"}).status_code == 303
    assert session.scalars(select(Registration.status)).one() is S.CONFIRMED


def test_days_childcare_and_needs(session: Session, client, workshop, desk) -> None:
    workshop.sign_up = SignUp.EACH_DAY
    day = workshop.days[0]
    venue = make_pool(session, workshop, day=day)
    online = make_pool(session, workshop, day=day, kind=SeatKind.ONLINE)
    childcare = make_pool(
        session, workshop, day=day, kind=SeatKind.CHILDCARE, capacity=3, oldest_months=72
    )
    session.commit()
    ids = day.id, venue.id, online.id, childcare.id
    values = {
        f"day-{ids[0]}": str(ids[1]),
        "childcare": str(ids[3]),
        "c0-name": "相模 一郎",
        "c0-year": str(clock.local_date(clock.now()).year - 3),
        "c0-month": "1",
        "c0-day": "5",
        "needs": "wheelchair",
    }
    wrong = desk(**{**values, f"day-{ids[0]}": str(ids[2])})
    assert wrong.status_code == 422
    assert "託児は、会場で参加する日だけ" in wrong.text
    assert desk(**values).status_code == 303
    taken = {one.pool_id: one.seats for one in session.scalars(select(Registration))}
    assert taken == {ids[1]: 1, ids[3]: 1}
    assert contents_of(session, session.scalars(select(Sender)).one())["needs"] == "wheelchair"


def test_nothing_is_typed_for_what_does_not_stand(session: Session, client, workshop) -> None:
    department = session.get_one(Department, workshop.department_id)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    make_pool(session, workshop)
    for state in (WorkshopState.PREPARING, WorkshopState.CANCELLED):
        workshop = session.get_one(type(workshop), workshop.id)
        workshop.state, workshop.stop_reason = state, "大雨"
        session.commit()
        page = client.get(f"/staff/workshops/{workshop.id}/desk")
        assert page.status_code == 200
        assert "いま申込みを入力できません" in page.text


def test_invalid_input_names_its_field(session: Session, workshop, clerk) -> None:
    pool = make_pool(session, workshop, method=SeatMethod.INVITED, capacity=3)
    with pytest.raises(InvalidInput) as refused:
        enter_it(session, workshop, typed(workshop, pool), clerk)
    assert refused.value.field == "code"
