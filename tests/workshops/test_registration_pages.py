"""The registration board: figures, lists without names, one application, names on record."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput
from participation.departments.models import Department
from participation.submissions.models import Sender
from participation.submissions.services.senders import erase
from participation.workshops.models import (
    Application,
    Registration,
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
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.board import SECRET, enter, named, number_of, token_of
from tests.workshops.registering import assert_seats_add_up

CLERK = system_actor("試験")


@pytest.fixture
def workshop(session: Session):
    return make_workshop(session, make_department(session, "公園課"))


@pytest.fixture
def pool(session: Session, workshop) -> SeatPool:
    return make_pool(session, workshop, capacity=3)


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
