"""Drawing: once, after the deadline; what becomes of each; letters; the public record."""

import hashlib
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from participation.accounts.queries import actor_of
from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import PermissionDenied, StateConflict
from participation.departments.models import Department
from participation.jobs.models import Job
from participation.jobs.runner import JobRun
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.submissions.models import Channel, Receipt
from participation.workshops.jobs.draws import send_draw_letters
from participation.workshops.lottery import list_sha256
from participation.workshops.models import (
    Application,
    DrawEntry,
    LotteryDraw,
    Registration,
    SeatKind,
    SeatMethod,
    SeatPool,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.queries.draws import entries_of
from participation.workshops.services.changing import cancel_registrations
from participation.workshops.services.draws import draw
from participation.workshops.services.registering import store_applications
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department, make_user, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.registering import assert_seats_add_up, new_application

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_draw.py"
CHIEF = system_actor("試験")


@pytest.fixture
def workshop(session: Session):
    return make_workshop(
        session,
        make_department(session, "公園課"),
        priority=[{"rule": "first_time"}],
        largest_party=4,
    )


def lottery(session: Session, workshop, *, seats=(1, 2, 1, 3, 1), capacity=4, **more) -> SeatPool:
    """A lottery whose deadline was a minute ago, with parties of these sizes."""
    closed = {"closes_at": clock.now() - timedelta(minutes=1)}
    pool = make_pool(
        session, workshop, method=SeatMethod.LOTTERY, capacity=capacity, **{**closed, **more}
    )
    for number, size in enumerate(seats):
        make_registration(
            session,
            pool,
            status=S.APPLIED,
            seats=size,
            sender={"name": f"相模 {number}", "email": f"a{number}@example.jp"},
            first_time=number % 2 == 0,
        )
    session.commit()
    return pool


def statuses(session: Session, pool: SeatPool) -> list[S]:
    return list(
        session.scalars(
            select(Registration.status)
            .where(Registration.pool_id == pool.id)
            .order_by(Registration.id)
        )
    )


def letters(session: Session) -> list[str]:
    return [
        open_letter(session, message).body
        for message in session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
    ]


def run_letters(session: Session) -> None:
    job = session.scalars(select(Job).where(Job.kind == "workshops.draw_letters")).one()
    session.commit()
    send_draw_letters(
        JobRun(job.id, dict(job.payload), session, lambda *_told: None, session.commit)
    )
    session.commit()


def test_a_draw_gives_out_the_seats_and_keeps_its_record(session: Session, workshop) -> None:
    pool = lottery(session, workshop)
    record = draw(session, pool, actor=CHIEF, now=clock.now())
    session.commit()
    assert_seats_add_up(session)
    pool = session.get_one(SeatPool, pool.id)
    entries = session.scalars(select(DrawEntry).order_by(DrawEntry.rank)).all()
    assert [entry.rank for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.tier for entry in entries] == [0, 0, 0, 1, 1]  # three of five are first-timers
    assert pool.taken == sum(entry.seats for entry in entries if entry.won)
    assert pool.taken == 4 or min(e.seats for e in entries if not e.won) > 4 - pool.taken
    for entry in entries:
        one = session.get_one(Registration, entry.registration_id)
        assert one.status is (S.CONFIRMED if entry.won else S.WAITLISTED)
        assert one.place == (0 if entry.won else entry.rank)
        assert entry.ticket == hashlib.sha256(f"{record.seed}:{entry.number}".encode()).hexdigest()
    assert hashlib.sha256(record.seed.encode()).hexdigest() == pool.draw_commitment
    assert record.list_sha256 == list_sha256(entries_of(session, record.id))
    assert (record.capacity, record.entries, pool.drawn_at) == (4, 5, record.drawn_at)
    assert record.priority == [{"rule": "first_time", "words": "はじめて参加する方"}]
    event = session.scalars(select(AuditEvent)).one()
    assert event.action == "workshops.seats.drawn"
    assert event.after["list_sha256"] == record.list_sha256


def test_without_a_waitlist_one_has_lost(session: Session, workshop) -> None:
    pool = lottery(session, workshop, seats=(1, 1, 1), capacity=2, has_waitlist=False)
    draw(session, pool, actor=CHIEF, now=clock.now())
    session.commit()
    assert sorted(status.value for status in statuses(session, pool)) == [
        "confirmed",
        "confirmed",
        "lost",
    ]


def test_childcare_goes_with_a_lost_seat(session: Session, workshop) -> None:
    pool = lottery(session, workshop, seats=(1, 1), capacity=1, has_waitlist=False)
    childcare = make_pool(session, workshop, kind=SeatKind.CHILDCARE, capacity=2)
    for application in session.scalars(select(Application)).all():
        make_registration(session, childcare, application=application)
    waiting = make_registration(session, childcare, status=S.WAITLISTED)
    session.commit()
    draw(session, pool, actor=CHIEF, now=clock.now())
    session.commit()
    assert_seats_add_up(session)
    assert sorted(one.value for one in statuses(session, childcare)) == [
        "cancelled",
        "confirmed",
        "offered",
    ]
    assert session.get_one(Registration, waiting.id).status is S.OFFERED


@pytest.mark.parametrize(
    "why", ["before the deadline", "twice", "postponed", "no lottery", "day cancelled", "seed"]
)
def test_when_nothing_is_drawn(session: Session, workshop, why: str) -> None:
    now = clock.now()
    pool = lottery(session, workshop, day=workshop.days[0])
    match why:
        case "before the deadline":
            now = pool.closes_at - timedelta(microseconds=1)
        case "twice":
            draw(session, pool, actor=CHIEF, now=now)
        case "postponed":
            workshop.state, workshop.stop_reason = WorkshopState.POSTPONED, "大雨"
        case "no lottery":
            pool = make_pool(session, workshop)
        case "day cancelled":
            workshop.days[0].stop_reason = "大雨"
        case "seed":
            pool.draw_commitment = "0" * 64
    session.commit()
    before = session.scalar(select(func.count()).select_from(DrawEntry))
    with pytest.raises(StateConflict):
        draw(session, pool, actor=CHIEF, now=now)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(DrawEntry)) == before


def test_who_cancelled_is_not_in_the_draw(session: Session, workshop) -> None:
    pool = lottery(session, workshop, seats=(1, 1, 1), capacity=3)
    one = session.scalars(select(Application).order_by(Application.id)).first()
    cancel_registrations(session, one, actor=RESIDENT, now=clock.now())
    record = draw(session, pool, actor=CHIEF, now=clock.now())
    assert record.entries == 2


def test_a_draw_without_anybody(session: Session, workshop) -> None:
    pool = lottery(session, workshop, seats=())
    record = draw(session, pool, actor=CHIEF, now=clock.now())
    session.commit()
    assert (record.entries, session.scalar(select(func.count()).select_from(Job))) == (0, 0)


def test_each_gets_the_letter_that_is_due(session: Session, workshop) -> None:
    pool = lottery(session, workshop, seats=(1, 1, 1, 1), capacity=2)
    without = make_registration(session, pool, status=S.APPLIED, sender={"name": "無し"})
    session.commit()
    record = draw(session, pool, actor=CHIEF, now=clock.now())
    session.commit()
    winner = session.scalars(
        select(DrawEntry).where(DrawEntry.won.is_(True), DrawEntry.rank == 1)
    ).one()
    application = session.get_one(
        Application, session.get_one(Registration, winner.registration_id).application_id
    )
    cancel_registrations(session, application, actor=RESIDENT, now=clock.now())
    for message in session.scalars(select(OutboxMessage)):
        session.delete(message)  # the offer that followed
    session.commit()
    run_letters(session)
    offered = [status for status in statuses(session, pool) if status is S.OFFERED]
    found = letters(session)
    entries = session.scalars(select(DrawEntry)).all()
    gone = {winner.registration_id, without.id} | set(
        session.scalars(select(Registration.id).where(Registration.status == S.OFFERED))
    )
    assert len(offered) == 1
    assert len(found) == len([one for one in entries if one.registration_id not in gone])
    for body in found:
        assert f"/workshops/{workshop.id}/draws/{record.id}/" in body
        assert "http://localhost/workshops/application/" in body
    assert sum("参加が決まりました" in body for body in found) == 1
    assert any("キャンセル待ち" in body for body in found)


def test_only_the_chief_of_the_department_draws(session: Session, workshop) -> None:
    pool = lottery(session, workshop)
    own = session.get_one(Department, workshop.department_id)
    now = clock.now()
    for role, department in ((Role.CONTRIBUTOR, own), (Role.APPROVER, make_department(session))):
        user = make_user(session, role, department)
        with pytest.raises(PermissionDenied):
            draw(session, pool, actor=actor_of(session, user, now), now=now)
        session.rollback()
    chief = make_user(session, Role.APPROVER, own)
    assert draw(session, pool, actor=actor_of(session, chief, now), now=now).drawn_by == chief.id


def test_late_desk_registrations_wait_behind_the_draw(session: Session, workshop) -> None:
    pool = lottery(session, workshop, seats=(1, 1, 1), capacity=1)
    draw(session, pool, actor=CHIEF, now=clock.now())
    session.commit()
    late = [
        store_applications(
            session,
            [new_application(workshop, pool, channel=Channel.FAX, secret=None)],
            actor=RESIDENT,
            now=clock.now(),
        )[0]
        for _ in range(2)
    ]
    session.commit()
    order = session.execute(
        select(Registration.application_id)
        .where(Registration.status == S.WAITLISTED)
        .order_by(Registration.place, Registration.id)
    ).scalars()
    assert list(order)[-2:] == [one.application_id for one in late]


def test_five_thousand(session: Session, workshop) -> None:
    """The act itself at the size of the promise; made in bulk, so that arranging is short."""
    pool = lottery(session, workshop, seats=(), capacity=777)
    now, count = clock.now(), 5_000
    session.execute(
        insert(Receipt),
        [
            {
                "id": number,
                "number": f"N{number:05}",
                "secret_hash": "0" * 64,
                "idempotency_key": f"k{number}",
                "subject": f"workshop:{workshop.id}",
                "channel": Channel.WEB,
                "received_at": now,
            }
            for number in range(1, count + 1)
        ],
    )
    session.execute(
        insert(Application),
        [
            {
                "id": number,
                "workshop_id": workshop.id,
                "receipt_id": number,
                "channel": Channel.WEB,
                "received_at": now,
                "party": 1 + number % 3,
                "first_time": number % 4 == 0,
                "has_mail": False,
                "link_hash": f"l{number}",
                "door_code": f"d{number}",
            }
            for number in range(1, count + 1)
        ],
    )
    session.execute(
        insert(Registration),
        [
            {
                "application_id": number,
                "pool_id": pool.id,
                "seats": 1 + number % 3,
                "status": S.APPLIED,
                "place": 0,
                "changed_at": now,
            }
            for number in range(1, count + 1)
        ],
    )
    session.commit()
    record = draw(session, pool, actor=CHIEF, now=clock.now())
    session.commit()
    assert_seats_add_up(session)
    assert session.get_one(SeatPool, pool.id).taken == 777
    assert record.entries == count
    assert session.scalar(select(func.count()).where(DrawEntry.draw_id == record.id)) == count


def test_pages_and_files_let_anybody_repeat_it(
    session: Session, client, workshop, tmp_path
) -> None:
    pool = lottery(session, workshop)
    address = f"/workshops/{workshop.id}/draws/"
    before = client.get(address)
    assert before.status_code == 200
    assert pool.draw_commitment in before.text
    assert "抽選はこれからです" in before.text
    department = session.get_one(Department, workshop.department_id)
    chief = make_user(session, Role.APPROVER, department)
    sign_in(client, session, chief)
    staff = f"/staff/workshops/{workshop.id}/draws"
    page = client.get(staff)
    assert "抽選する" in page.text
    token = page.text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    done = client.post(f"{staff}/{pool.id}", data={"csrf_token": token})
    assert done.status_code == 303
    again = client.post(f"{staff}/{pool.id}", data={"csrf_token": token}, follow_redirects=True)
    assert "この定員の抽選は済んでいます" in again.text
    session.expire_all()
    record = session.scalars(select(LotteryDraw)).one()
    assert record.drawn_by == chief.id
    public = client.application.test_client()
    shown = public.get(f"{address}{record.id}/").text
    for value in (record.seed, record.list_sha256, pool.draw_commitment):
        assert value in shown
    waits = session.scalars(
        select(DrawEntry).where(DrawEntry.won.is_(False)).order_by(DrawEntry.rank)
    ).first()
    own = public.get(f"{address}{record.id}/", query_string={"number": f" {waits.number} "}).text
    assert f"{waits.number}：キャンセル待ち1番目" in own
    assert "対象にありません" in public.get(f"{address}{record.id}/?number=XXXX").text
    (tmp_path / "list.csv").write_bytes(public.get(f"{address}{record.id}/list.csv").data)
    (tmp_path / "result.csv").write_bytes(public.get(f"{address}{record.id}/result.csv").data)
    script = public.get("/workshops/draws/verify_draw.py").data
    assert script == SCRIPT.read_bytes()
    (tmp_path / "verify_draw.py").write_bytes(script)
    command = shown.split("<code>python3 ", 1)[1].split("</code>", 1)[0].split()
    ran = subprocess.run(
        [sys.executable, "-I", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("一致しました") == 3
    assert hashlib.sha256((tmp_path / "list.csv").read_bytes()).hexdigest() == record.list_sha256


def test_only_what_is_public_is_shown(session: Session, client) -> None:
    hidden = make_workshop(
        session, make_department(session, "公園課"), state=WorkshopState.PREPARING
    )
    lottery(session, hidden)
    plain = make_workshop(session, make_department(session, "道路課"))
    session.commit()
    assert client.get(f"/workshops/{hidden.id}/draws/").status_code == 404
    assert client.get(f"/workshops/{plain.id}/draws/").status_code == 404


def test_a_record_belongs_to_its_own_event(session: Session, client, workshop) -> None:
    record = draw(session, lottery(session, workshop), actor=CHIEF, now=clock.now())
    other = make_workshop(session, make_department(session, "道路課"))
    session.commit()
    assert client.get(f"/workshops/{other.id}/draws/{record.id}/").status_code == 404
    assert client.get(f"/workshops/{other.id}/draws/{record.id}/list.csv").status_code == 404
