"""Invitations: codes shown once, kept as hashes, good for one use, however they are typed."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, StateConflict
from participation.departments.models import Department
from participation.privacy.crypto import keyring
from participation.sheets.read import read_table
from participation.submissions.pressure import SENDS
from participation.workshops.models import SeatMethod, Workshop, WorkshopInvitation, WorkshopState
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services.invitation_codes import code_hash
from participation.workshops.services.invitations import (
    MOST_AT_ONCE,
    Figures,
    figures_of,
    make_invitations,
)
from participation.workshops.services.registering import StoredApplication, store_applications
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department, make_user, sign_in
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.registering import new_application

CLERK = system_actor("試験")


@pytest.fixture
def workshop(session: Session) -> Workshop:
    found = make_workshop(session, make_department(session, "公園課"))
    make_pool(session, found, method=SeatMethod.INVITED, capacity=10)
    session.commit()
    return found


def make(session: Session, workshop: Workshop, count: int, *, seen: int = 0):
    return make_invitations(session, workshop, count, seen=seen, actor=CLERK, now=clock.now())


def test_codes_are_many_and_none_is_kept(session: Session, workshop) -> None:
    made = make(session, workshop, 1_000)
    more = make(session, workshop, 1, seen=1_000)
    assert [one.number for one in (*made, *more)] == list(range(1, 1_002))
    assert len({one.code for one in made}) == 1_000
    assert all(
        re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", one.code) for one in made
    )
    stored = session.scalars(select(WorkshopInvitation).order_by(WorkshopInvitation.number)).all()
    assert stored[0].code_hash == code_hash(keyring(session), made[0].code)
    assert not any(made[0].code in str(vars(one)) for one in stored)
    assert made[0].code not in repr(made[0])


def test_however_it_is_typed(session: Session, workshop) -> None:
    keys = keyring(session)
    stored = code_hash(keys, "0K1M-Q9XT-4B2H")
    for typed in (
        "0k1m-q9xt-4b2h",
        "OKIMQ9XT4B2H",
        "oKlm q9xt 4b2h",
        "０Ｋ１Ｍ－Ｑ９ＸＴ－４Ｂ２Ｈ",
        " 0K1M–Q9XT–4B2H\n",
    ):
        assert code_hash(keys, typed) == stored
    assert code_hash(keys, "0K1M-Q9XT-4B2J") != stored


def test_a_code_is_used_once_and_counted(session: Session, workshop) -> None:
    first, second = make(session, workshop, 2)
    [pool] = pools_of(session, workshop.id)
    results = [
        store_applications(
            session,
            [new_application(workshop, pool, invitation_code=code)],
            actor=RESIDENT,
            now=clock.now(),
        )[0]
        for code in (first.code.lower(), first.code, "", "0000-0000-0000")
    ]
    assert isinstance(results[0], StoredApplication)
    assert [one.field for one in results[1:]] == ["code"] * 3
    assert figures_of(session, workshop.id) == Figures(made=2, used=1)
    assert second.code


def test_a_code_of_another_event_is_none_here(session: Session, workshop) -> None:
    other = make_workshop(session, make_department(session, "道路課"))
    strange = make_pool(session, other, method=SeatMethod.INVITED, capacity=10)
    [invitation] = make(session, workshop, 1)
    [result] = store_applications(
        session,
        [new_application(other, strange, invitation_code=invitation.code)],
        actor=RESIDENT,
        now=clock.now(),
    )
    assert isinstance(result, InvalidInput)


def test_a_button_pressed_twice_makes_them_once(session: Session, workshop) -> None:
    make(session, workshop, 5)
    with pytest.raises(StateConflict):
        make(session, workshop, 5, seen=0)


@pytest.mark.parametrize("count", [0, -1, MOST_AT_ONCE + 1])
def test_how_many(session: Session, workshop, count: int) -> None:
    with pytest.raises(InvalidInput):
        make(session, workshop, count)


def test_not_without_seats_and_not_when_over(session: Session, workshop) -> None:
    plain = make_workshop(session, make_department(session, "道路課"))
    make_pool(session, plain)
    with pytest.raises(StateConflict):
        make(session, plain, 1)
    workshop.state, workshop.stop_reason = WorkshopState.CANCELLED, "大雨"
    session.flush()
    with pytest.raises(StateConflict):
        make(session, workshop, 1)


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_the_file_is_handed_out_once(session: Session, client, workshop, file_format) -> None:
    department = session.get_one(Department, workshop.department_id)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    address = f"/staff/workshops/{workshop.id}/invitations"
    page = client.get(address).text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    data = {"csrf_token": token, "count": "3", "file_format": file_format, "seen": "0"}
    response = client.post(address, data=data)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    table = read_table(response.data, filename=f"codes.{file_format}")
    rows = list(table.rows)
    assert table.header == ("番号", "招待コード")
    stored = set(session.scalars(select(WorkshopInvitation.code_hash)))
    assert {code_hash(keyring(session), cells[1]) for _line, cells in rows} == stored
    again = client.post(address, data=data)
    assert again.status_code == 409
    assert session.scalar(select(func.count()).select_from(WorkshopInvitation)) == 3
    text = client.get(address).text
    assert "3件" in text
    assert not any(cells[1] in text for _line, cells in rows)


@pytest.mark.slow
def test_guessing_has_to_work_or_wait(session: Session, client, workshop) -> None:
    """From the 21st try on a network gets no answer about a code before it has computed."""
    [pool] = pools_of(session, workshop.id)
    make(session, workshop, 1)
    session.commit()
    address = f"/workshops/{workshop.id}/register/"
    fields = {
        f"day-{pool.day_id or 0}": str(pool.id),
        "n": "1",
        "party": "1",
        "eligibility": str(workshop.eligibilities[0].id),
        "s-name": "相模 花子",
        "s-phone": "0463-94-4711",
        "website": "",
        "act": "send",
    }
    answers = []
    for number in range(SENDS.amount + 3):
        page = client.get(address).text
        key = re.search(r'name="key" value="([^"]*)"', page)
        token = re.search(r'name="csrf_token" value="([^"]*)"', page)
        guess = {"code": f"0000-0000-{number:04}", "key": key[1], "csrf_token": token[1]}
        answer = client.post(address, data={**fields, **guess}).text
        answers.append("招待コードを確かめてください" in answer)
    assert answers == [True] * SENDS.amount + [False] * 3
