"""The registration board: figures, lists without names, one application, names on record, files."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.departments.models import Department
from participation.sheets.read import read_table
from participation.submissions.disclosures import disclosures
from participation.submissions.models import Receipt, Sender
from participation.submissions.services.senders import erase
from participation.workshops.models import (
    Application,
    Registration,
    SeatMethod,
    SeatPool,
    Workshop,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.queries.registration_lists import (
    BoardFilter,
    all_lines,
    board_lines,
    count_to_call,
    pool_figures,
    waiting_before,
)
from participation.workshops.services.notes import add_note
from participation.workshops.services.registering import store_applications
from participation.workshops.services.seat_decisions import AFTER_THE_DRAW
from participation.workshops.services.waiting import move_to_end
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department, make_user, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.registering import assert_seats_add_up, new_application

CLERK = system_actor("試験")
SECRET = "秘密の名"


@pytest.fixture
def workshop(session: Session):
    return make_workshop(session, make_department(session, "公園課"))


@pytest.fixture
def pool(session: Session, workshop) -> SeatPool:
    return make_pool(session, workshop, capacity=3)


def enter(client, session: Session, workshop, role: Role = Role.CONTRIBUTOR, *, own=True) -> str:
    department = (
        session.get_one(Department, workshop.department_id) if own else make_department(session)
    )
    session.commit()
    sign_in(client, session, make_user(session, role, department))
    return f"/staff/workshops/{workshop.id}/registrations"


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def number_of(session: Session, one: Registration) -> str:
    application = session.get_one(Application, one.application_id)
    return session.get_one(Receipt, application.receipt_id).number


def named(session: Session, pool: SeatPool, **more) -> Registration:
    more.setdefault("sender", {"name": SECRET, "phone": "0463-94-4711", "needs": "wheelchair"})
    return make_registration(session, pool, **more)


# The waitlist's order.


def waiting(session: Session, pool: SeatPool) -> list[int]:
    session.expire_all()
    return list(
        session.scalars(
            select(Registration.id)
            .where(Registration.pool_id == pool.id, Registration.status == S.WAITLISTED)
            .order_by(Registration.place, Registration.id)
        )
    )


def to_end(session: Session, one: Registration) -> None:
    application = session.get_one(Application, one.application_id)
    move_to_end(session, application, one.id, actor=CLERK, now=clock.now())
    session.flush()
    assert_seats_add_up(session)


@pytest.mark.parametrize("lottery", [False, True])
def test_the_end_is_before_who_comes_later(session: Session, workshop, lottery: bool) -> None:
    method = SeatMethod.LOTTERY if lottery else SeatMethod.FIRST_COME
    pool = make_pool(session, workshop, capacity=1, method=method)
    if lottery:
        pool.drawn_at = clock.now()
    make_registration(session, pool)
    places = (2, 3, 5, AFTER_THE_DRAW) if lottery else (0, 0, 0, 0)
    rows = [make_registration(session, pool, status=S.WAITLISTED, place=at) for at in places]
    a, b, c, d = (one.id for one in rows)
    to_end(session, rows[0])
    assert waiting(session, pool) == [b, c, d, a]
    to_end(session, rows[1])
    assert waiting(session, pool) == [c, d, a, b]
    to_end(session, rows[0])
    assert waiting(session, pool) == [c, d, b, a]
    [new] = store_applications(
        session, [new_application(workshop, pool)], actor=RESIDENT, now=clock.now()
    )
    assert new.statuses == ((pool.id, S.WAITLISTED),)
    assert waiting(session, pool)[:4] == [c, d, b, a]
    if lottery:  # ranks of the draw stay
        assert session.get_one(Registration, c).place == 5


def test_an_offer_is_passed_on_to_the_next(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=1)
    offered = make_registration(session, pool, status=S.OFFERED)
    following = make_registration(session, pool, status=S.WAITLISTED)
    to_end(session, offered)
    assert (offered.status, offered.offered_until) == (S.WAITLISTED, None)
    assert session.get_one(Registration, following.id).status is S.OFFERED
    events = {event.action for event in session.scalars(select(AuditEvent))}
    assert events == {"workshops.registration.moved_to_end", "workshops.registration.offered"}


def test_when_the_order_stays(session: Session, workshop, pool) -> None:
    confirmed = make_registration(session, pool)
    alone = make_registration(session, pool, status=S.WAITLISTED)
    for one in (confirmed, alone):
        with pytest.raises(StateConflict):
            to_end(session, one)
    application = session.get_one(Application, alone.application_id)
    with pytest.raises(NotFound):
        move_to_end(session, application, confirmed.id, actor=CLERK, now=clock.now())


# Lists and figures.


def test_lists_by_keyset_and_filter(session: Session, workshop, pool) -> None:
    other = make_pool(session, make_workshop(session, make_department(session, "道路課")))
    make_registration(session, other)
    rows = [
        make_registration(session, pool, status=status, place=place)
        for status, place in (
            (S.CONFIRMED, 0),
            (S.WAITLISTED, 7),
            (S.WAITLISTED, 3),
            (S.CANCELLED, 0),
            (S.WAITLISTED, 3),
        )
    ]
    call = named(session, pool, status=S.OFFERED)
    ids = [one.id for one in rows]
    found = [line.id for line in all_lines(session, workshop.id, BoardFilter())]
    assert found == sorted([*ids, call.id], reverse=True)
    queue = BoardFilter(pool_id=pool.id, status=S.WAITLISTED)
    first = board_lines(session, workshop.id, queue, limit=2)
    then = board_lines(session, workshop.id, queue, limit=2, before=first[-1].cursor)
    assert [line.id for line in (*first, *then)] == [ids[2], ids[4], ids[1]]
    assert [waiting_before(session, rows[place]) for place in (2, 4, 1)] == [0, 1, 2]
    to_call = board_lines(session, workshop.id, BoardFilter(to_call=True), limit=9)
    assert [line.id for line in to_call] == [call.id]
    assert to_call[0].to_call
    assert count_to_call(session, workshop.id) == 1
    number = number_of(session, rows[0])
    by_number = board_lines(session, workshop.id, BoardFilter(number=number), limit=9)
    assert [line.id for line in by_number] == [ids[0]]
    for spoilt in ("x", "1~", "9" * 30 + "~1", None):
        assert len(board_lines(session, workshop.id, BoardFilter(), limit=9, before=spoilt)) == 6
    [figures] = pool_figures(session, workshop.id)
    assert (figures.confirmed, figures.offered, figures.waiting) == (1, 1, 3)


def test_the_board_names_nobody(session: Session, client, workshop, pool) -> None:
    one = named(session, pool, status=S.OFFERED)
    make_registration(session, pool, seats=2)
    number = number_of(session, one)
    address = enter(client, session, workshop)
    page = client.get(address).text
    assert SECRET not in page
    assert number in page
    assert "電話をかける申込みが1件" in page
    assert "100.0%" in page  # 3 of 3 seats
    assert number in client.get(f"{address}?to_call=y").text
    assert "条件に合う申込みはありません" in client.get(f"{address}?status=lost").text
    assert client.get(f"{address}?pool=999999").status_code == 422
    assert client.get(f"{address}?before=x").status_code == 200


def test_pages_follow_one_another(session: Session, client, workshop) -> None:
    pool = make_pool(session, workshop, capacity=None)
    rows = [make_registration(session, pool, sender={"name": "あ"}) for _ in range(51)]
    numbers = [number_of(session, one) for one in rows]
    address = enter(client, session, workshop)
    first = client.get(address).text
    assert numbers[0] not in first
    assert numbers[50] in first
    link = first.split('rel="next"', 1)[0].rsplit('href="', 1)[1].split('"', 1)[0]
    assert numbers[0] in client.get(link.replace("&amp;", "&")).text


def test_the_number_of_queries_does_not_grow(
    session: Session, client, workshop, queries: list[str]
) -> None:
    pool = make_pool(session, workshop, capacity=None)
    make_registration(session, pool)
    address = enter(client, session, workshop)
    client.get(address)
    queries.clear()
    client.get(address)
    before = len(queries)
    for _ in range(20):
        make_registration(session, pool)
    session.commit()
    queries.clear()
    client.get(address)
    assert len(queries) <= before


# One application.


def test_one_application_and_who_it_is(session: Session, client, workshop, pool) -> None:
    one = named(session, pool, status=S.OFFERED)
    address = f"{enter(client, session, workshop)}/{one.application_id}"
    page = client.get(address).text
    assert SECRET not in page
    assert "メールアドレスのない方です" in page
    without = client.post(f"{address}/sender", data={"csrf_token": token_of(page), "reason": " "})
    assert without.status_code == 422
    assert SECRET not in without.text
    shown = client.post(
        f"{address}/sender", data={"csrf_token": token_of(page), "reason": "繰上げの電話"}
    )
    assert SECRET in shown.text
    assert "車いす" in shown.text
    assert "繰上げの電話" in shown.text  # in the history
    assert SECRET not in client.get(address).text
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "submissions.sender.disclosed")
    ).one()
    assert event.reason == "繰上げの電話"


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ("accept:{}", S.CONFIRMED),
        ("cancel:{}", S.CANCELLED),
        ("cancel_all", S.CANCELLED),
        ("wait:{}", S.WAITLISTED),
    ],
)
def test_acts_on_the_phone(session: Session, client, pool, act, status) -> None:
    workshop = session.get_one(Workshop, pool.workshop_id)
    one = named(session, pool, status=S.OFFERED)
    make_registration(session, pool, seats=2)
    make_registration(session, pool, status=S.WAITLISTED)
    address = f"{enter(client, session, workshop)}/{one.application_id}"
    token = token_of(client.get(address).text)
    data = {"csrf_token": token, "act": act.format(one.id), "said": "本人から電話"}
    assert client.post(f"{address}/act", data=data).status_code == 303
    assert_seats_add_up(session)
    assert session.get_one(Registration, one.id).status is status
    again = client.post(f"{address}/act", data={**data, "act": f"accept:{one.id}"})
    assert again.status_code == 409
    assert "変わっています" in again.text


def test_only_its_own_registrations(session: Session, client, workshop, pool) -> None:
    one, other = make_registration(session, pool), make_registration(session, pool)
    address = f"{enter(client, session, workshop)}/{one.application_id}"
    token = token_of(client.get(address).text)
    for act in (f"cancel:{other.id}", f"wait:{other.id}", f"accept:{other.id}"):
        data = {"csrf_token": token, "act": act, "said": "電話で"}
        assert client.post(f"{address}/act", data=data).status_code in {404, 409}
    for act in ("", "cancel:x", "explode", f"cancel:{one.id}", "cancel_all"):
        response = client.post(f"{address}/act", data={"csrf_token": token, "act": act})
        assert response.status_code == 422
    session.expire_all()
    assert {one.status for one in session.scalars(select(Registration))} == {S.CONFIRMED}


def test_a_note_stays_in_the_history(session: Session, client, workshop, pool) -> None:
    one = make_registration(session, pool)
    application = session.get_one(Application, one.application_id)
    for text in ("", " ", "あ" * 501):
        with pytest.raises(InvalidInput):
            add_note(session, workshop, application, text, actor=CLERK, now=clock.now())
    address = f"{enter(client, session, workshop)}/{one.application_id}"
    token = token_of(client.get(address).text)
    client.post(f"{address}/note", data={"csrf_token": token, "note": "駐車場を希望"})
    assert "駐車場を希望" in client.get(address).text


# Names, on record.


def test_names_of_all_are_one_event(session: Session, client, workshop, pool) -> None:
    rows = [named(session, pool, status=S.WAITLISTED) for _ in range(3)]
    gone = named(session, pool, sender={"name": "消えた人"})
    receipt = session.get_one(Application, gone.application_id).receipt_id
    erase(session, [receipt], now=clock.now())
    numbers = {number_of(session, one) for one in rows}
    address = f"{enter(client, session, workshop)}/names"
    page = client.get(address).text
    assert SECRET not in page
    token = token_of(page)
    assert client.post(address, data={"csrf_token": token, "reason": ""}).status_code == 422
    shown = client.post(address, data={"csrf_token": token, "reason": "名札を作る"}).text
    assert shown.count(SECRET) == 3
    assert "（消去済み）" in shown
    assert "0463-94-4711" in shown
    session.expire_all()
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "workshops.senders.disclosed")
    ).one()
    assert (event.reason, event.after["count"]) == ("名札を作る", 3)
    # P18: whose data it was comes out of the audit log alone.
    seen = list(disclosures(session, since=clock.now() - timedelta(hours=1)))
    assert {one.number for one in seen} == numbers


@pytest.mark.parametrize("file_format", ["xlsx", "csv", "csv-cp932"])
def test_files(session: Session, client, workshop, pool, file_format) -> None:
    named(session, pool, sender={"name": "=1+1", "kana": "けいさん", "extra.school": "第一中"})
    named(session, pool, status=S.WAITLISTED)
    address = enter(client, session, workshop)
    plain = client.get(f"{address}/export/{file_format}")
    assert plain.headers["Cache-Control"] == "no-store"
    table = read_table(plain.data, filename="x")
    rows = [cells for _line, cells in table.rows]
    assert table.header[0] == "受付番号"
    assert len(rows) == 2
    assert not any("=1+1" in cell or SECRET in cell for cells in rows for cell in cells)
    token = token_of(client.get(f"{address}/names").text)
    data = {
        "csrf_token": token,
        "export-csrf_token": token,
        "export-reason": "名簿",
        "export-file_format": file_format,
    }
    response = client.post(f"{address}/export-names", data=data)
    assert response.status_code == 200
    table = read_table(response.data, filename="x")
    rows = [cells for _line, cells in table.rows]
    column = table.header.index("氏名")
    assert [cells[column] for cells in rows] == [SECRET, "=1+1"]  # read back without the guard
    if file_format == "csv":
        assert b"'=1+1" in response.data
    filtered = client.post(f"{address}/export-names?status=confirmed", data=data)
    assert len(list(read_table(filtered.data, filename="x").rows)) == 1
    refused = client.post(f"{address}/export-names", data={**data, "export-reason": ""})
    assert refused.status_code == 303
    session.expire_all()
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "workshops.senders.exported")
    ).all()
    assert [event.after["count"] for event in events] == [2, 1]
    assert client.get(f"{address}/export/pdf").status_code == 404


def test_a_file_does_not_lose_a_name_silently(session: Session, client, workshop, pool) -> None:
    named(session, pool, sender={"name": "𠮷野 花子"})
    address = enter(client, session, workshop)
    data = {
        "csrf_token": token_of(client.get(f"{address}/names").text),
        "export-reason": "名簿",
        "export-file_format": "csv-cp932",
    }
    asked = client.post(f"{address}/export-names", data=data)
    assert "𠮷" in asked.text
    assert session.scalars(select(AuditEvent)).all() == []
    taken = client.post(f"{address}/export-names", data={**data, "accept": "1"})
    assert "〓野 花子".encode("cp932") in taken.data
    assert len(session.scalars(select(AuditEvent)).all()) == 1


# Rights.


def test_who_may_what(session: Session, client, workshop, pool) -> None:
    one = named(session, pool, status=S.OFFERED)
    address = enter(client, session, workshop, Role.COORDINATOR)
    page = client.get(address).text
    assert "氏名のある一覧" not in page
    assert "入力する" not in page.split("<main", 1)[1]
    detail = client.get(f"{address}/{one.application_id}").text
    assert "担当課だけが" in detail
    assert "取り消す" not in detail
    assert client.get(f"{address}/names").status_code == 403
    token = token_of(page) if 'name="csrf_token"' in page else "x"
    for path in (f"{one.application_id}/sender", f"{one.application_id}/act", "export-names"):
        response = client.post(f"{address}/{path}", data={"csrf_token": token})
        assert response.status_code in {400, 403}
    assert client.get(address.replace("registrations", "desk")).status_code == 403
    stranger = client.application.test_client()
    for path in ("", f"/{one.application_id}", "/names", "/export/xlsx"):
        address = enter(stranger, session, workshop, own=False)
        assert stranger.get(f"{address}{path}").status_code == 404


def test_an_application_belongs_to_its_own_event(session: Session, client, workshop, pool) -> None:
    elsewhere = make_workshop(
        session,
        session.get_one(Department, workshop.department_id),
        state=WorkshopState.ANNOUNCED,
    )
    one = make_registration(session, make_pool(session, elsewhere))
    address = enter(client, session, workshop)
    assert client.get(f"{address}/{one.application_id}").status_code == 404


def test_an_erased_sender_is_said_to_be_so(session: Session, client, workshop, pool) -> None:
    one = named(session, pool)
    receipt = session.get_one(Application, one.application_id).receipt_id
    erase(session, [receipt], now=clock.now())
    assert session.scalars(select(Sender)).one().contents is None
    address = f"{enter(client, session, workshop)}/{one.application_id}"
    token = token_of(client.get(address).text)
    response = client.post(f"{address}/sender", data={"csrf_token": token, "reason": "電話"})
    assert response.status_code == 404
    assert "消去されています" in response.text
