"""Signing in by the pages: two steps, new tokens, and nothing told to strangers."""

import re
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from participation.accounts.models import SignInDelay, StaffSession, StaffUser
from participation.accounts.services import sessions
from participation.accounts.tokens import token_hash
from participation.audit.models import AuditEvent
from participation.db.extension import db
from tests.accounts.conftest import PASSWORD, Clock, MakePerson, sign_in_by_pages
from tests.factories import post

TOKEN = re.compile(r'name="csrf_token"[^>]*value="[^"]*"')


def cookie(client: FlaskClient, name: str = "staff") -> str:
    found = client.get_cookie(name)
    return found.value if found else ""


def bare(page: str) -> str:
    return TOKEN.sub("", page)


def test_two_steps_lead_home(client: FlaskClient, person: MakePerson, time: Clock) -> None:
    person()
    assert client.get("/staff/").location == "/staff/sign-in?next=/staff/"
    assert sign_in_by_pages(client, time, "hanako@example.jp") == "/staff/"
    page = client.get("/staff/")
    assert page.status_code == 200
    assert "髙﨑 花子" in page.text


def test_the_address_is_read_in_any_width_and_case(
    client: FlaskClient, person: MakePerson, time: Clock
) -> None:
    person()
    assert sign_in_by_pages(client, time, " Ｈanako@EXAMPLE.jp ") == "/staff/"


def test_the_cookie_is_bound_and_hidden_from_scripts(
    client: FlaskClient, person: MakePerson
) -> None:
    person()
    answer = post(client, "/staff/sign-in", {"email": "hanako@example.jp", "password": PASSWORD})
    (sent,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("staff=")]
    assert "HttpOnly" in sent
    assert "SameSite=Lax" in sent
    assert "Path=/" in sent
    assert len(cookie(client)) == 43  # 256 bits


def test_the_password_alone_opens_nothing(
    client: FlaskClient, person: MakePerson, session: Session
) -> None:
    person()
    post(client, "/staff/sign-in", {"email": "hanako@example.jp", "password": PASSWORD})
    assert client.get("/staff/").status_code == 303
    assert client.get("/staff/account").status_code == 303
    assert client.get("/staff/sign-in/code").status_code == 200
    waiting = session.scalars(select(StaffSession)).one()
    assert waiting.second_factor_at is None
    assert waiting.token_hash == token_hash(cookie(client))


def test_every_step_has_a_token_of_its_own(
    client: FlaskClient, person: MakePerson, time: Clock, session: Session
) -> None:
    """Fixation: what an attacker planted before, or saw at the first step, is worth nothing."""
    person()
    client.set_cookie("staff", "planted-by-somebody-else-000000000000000000")
    with client.session_transaction() as carried:
        carried["planted"] = "x"
    post(client, "/staff/sign-in", {"email": "hanako@example.jp", "password": PASSWORD})
    first = cookie(client)
    assert first != "planted-by-somebody-else-000000000000000000"
    with client.session_transaction() as carried:
        assert "planted" not in carried
        csrf_before = carried.get("csrf_token")
    post(client, "/staff/sign-in/code", {"totp_code": time.code()})
    second = cookie(client)
    assert second != first
    with client.session_transaction() as carried:
        assert carried.get("csrf_token") is None or carried["csrf_token"] != csrf_before
    thief = client.application.test_client()
    thief.set_cookie("staff", first)
    assert thief.get("/staff/").status_code == 303
    assert client.get("/staff/").status_code == 200
    assert session.scalar(select(func.count()).select_from(StaffSession)) == 2


def test_the_language_survives_signing_in(
    client: FlaskClient, person: MakePerson, time: Clock
) -> None:
    person()
    with client.session_transaction() as carried:
        carried["locale"] = "en"
    sign_in_by_pages(client, time, "hanako@example.jp")
    with client.session_transaction() as carried:
        assert carried["locale"] == "en"


@pytest.mark.parametrize("kind", ["unknown", "wrong", "invited", "disabled"])
def test_the_answer_tells_nothing_of_who_exists(
    client: FlaskClient, person: MakePerson, session: Session, time: Clock, kind: str
) -> None:
    """The same bytes and status for an unknown address as for any other failure."""
    email = "x" * 6 + "@example.jp"
    if kind != "unknown":
        user = session.get(StaffUser, person(email=email).id)
        assert user is not None
        if kind == "invited":
            user.password_hash = None
        if kind == "disabled":
            user.disabled_at = time.moment
        session.commit()
    password = PASSWORD if kind in {"invited", "disabled"} else "something-else-entirely"
    answer = post(client, "/staff/sign-in", {"email": email, "password": password})
    stranger = client.application.test_client()
    other = post(
        stranger, "/staff/sign-in", {"email": "y" * 6 + "@example.jp", "password": "p" * 9}
    )
    assert answer.status_code == other.status_code == 422
    assert bare(answer.text).replace(email, "") == bare(other.text).replace(
        "y" * 6 + "@example.jp", ""
    )
    assert cookie(client) == cookie(stranger) == ""
    sets = [[c.split("=")[0] for c in a.headers.getlist("Set-Cookie")] for a in (answer, other)]
    assert sets[0] == sets[1]


def test_the_wait_tells_nothing_either(
    client: FlaskClient, person: MakePerson, time: Clock
) -> None:
    person()
    pages = []
    for email in ("hanako@example.jp", "nobody@example.jp"):
        answers = [
            post(client, "/staff/sign-in", {"email": email, "password": "wrong-password"})
            for _ in range(sessions.FREE_FAILURES + 1)
        ]
        assert [a.status_code for a in answers] == [422] * sessions.FREE_FAILURES + [429]
        pages.append(bare(answers[-1].text).replace(email, ""))
    assert pages[0] == pages[1]
    assert "あと2秒" in pages[0]


def test_failures_slow_down_but_never_lock_out(
    client: FlaskClient, person: MakePerson, time: Clock
) -> None:
    person()
    form = {"email": "hanako@example.jp", "password": "wrong-password"}
    for _ in range(40):
        post(client, "/staff/sign-in", form)
        time.forward(seconds=61)
    post(client, "/staff/sign-in", form)
    refused = post(client, "/staff/sign-in", {**form, "password": PASSWORD})
    assert refused.status_code == 429
    time.forward(seconds=61)
    assert sign_in_by_pages(client, time, "hanako@example.jp") == "/staff/"


def test_attempts_that_come_too_early_are_not_counted(
    client: FlaskClient, person: MakePerson, session: Session
) -> None:
    person()
    for _ in range(20):
        post(client, "/staff/sign-in", {"email": "hanako@example.jp", "password": "wrong"})
    assert session.scalars(select(SignInDelay.failures)).all() == [sessions.FREE_FAILURES]


def test_another_network_is_not_slowed_down(
    client: FlaskClient, person: MakePerson, time: Clock
) -> None:
    person()
    form = {"email": "hanako@example.jp", "password": "wrong-password"}
    for _ in range(10):
        post(client, "/staff/sign-in", form, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    near = post(client, "/staff/sign-in", form, environ_base={"REMOTE_ADDR": "203.0.113.99"})
    assert near.status_code == 429
    assert sign_in_by_pages(client, time, "hanako@example.jp") == "/staff/"


def test_who_was_tried_cannot_be_read_from_the_table(client: FlaskClient, session: Session) -> None:
    post(client, "/staff/sign-in", {"email": "nobody@example.jp", "password": "wrong"})
    (row,) = session.execute(text("SELECT * FROM sign_in_delay")).all()
    assert "nobody" not in str(row)


def test_a_code_is_good_once(client: FlaskClient, person: MakePerson, time: Clock) -> None:
    person()
    sign_in_by_pages(client, time, "hanako@example.jp")
    other = client.application.test_client()
    post(other, "/staff/sign-in", {"email": "hanako@example.jp", "password": PASSWORD})
    again = post(other, "/staff/sign-in/code", {"totp_code": time.code()})
    assert again.status_code == 422
    assert "使用済み" in again.text
    earlier = post(other, "/staff/sign-in/code", {"totp_code": time.code(-1)})
    assert earlier.status_code == 422
    following = post(other, "/staff/sign-in/code", {"totp_code": time.code(+1)})
    assert following.status_code == 303


def test_of_two_racing_requests_one_gets_in(
    app: Flask, person: MakePerson, session: Session, time: Clock
) -> None:
    """The step is taken by a conditional update; reading it first is not enough."""
    made = person()
    barrier = threading.Barrier(2)
    outcome: list[bool] = []

    def attempt() -> None:
        with app.app_context():
            own = db.session()
            user = own.get(StaffUser, made.id)
            assert user is not None
            _ = user.totp_last_step
            own.rollback() if app.extensions["settings"].database_url.startswith("sqlite") else None
            barrier.wait(10)
            outcome.append(sessions.use_code(own, user, time.code(), now=time.moment))
            own.commit()
            db.session.remove()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcome) == [False, True]


def test_wrong_codes_slow_down_everywhere(
    client: FlaskClient, person: MakePerson, time: Clock
) -> None:
    """Whoever gets to the code has the password: from any network the wait is the same."""
    person()
    for number in range(sessions.FREE_FAILURES):
        stranger = client.application.test_client()
        network = {"REMOTE_ADDR": f"198.51.{number}.1"}
        post(
            stranger,
            "/staff/sign-in",
            {"email": "hanako@example.jp", "password": PASSWORD},
            environ_base=network,
        )
        answer = post(
            stranger, "/staff/sign-in/code", {"totp_code": "000000"}, environ_base=network
        )
        assert answer.status_code == 422
    post(client, "/staff/sign-in", {"email": "hanako@example.jp", "password": PASSWORD})
    assert post(client, "/staff/sign-in/code", {"totp_code": time.code()}).status_code == 429
    time.forward(seconds=3)
    assert post(client, "/staff/sign-in/code", {"totp_code": time.code()}).status_code == 303


def test_the_first_step_runs_out(client: FlaskClient, person: MakePerson, time: Clock) -> None:
    person()
    post(client, "/staff/sign-in", {"email": "hanako@example.jp", "password": PASSWORD})
    time.forward(minutes=11)
    late = post(client, "/staff/sign-in/code", {"totp_code": time.code()})
    assert late.status_code == 303
    assert late.location.startswith("/staff/sign-in")
    assert client.get("/staff/").status_code == 303


def test_the_code_page_needs_the_first_step(client: FlaskClient) -> None:
    assert client.get("/staff/sign-in/code").location.startswith("/staff/sign-in")
    client.set_cookie("staff", "never-given")
    assert client.get("/staff/sign-in/code").location.startswith("/staff/sign-in")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/%0d%0aSet-Cookie:x",
        "javascript:alert(1)",
        "/\tevil",
        "https:evil.example",
        "",
    ],
)
def test_next_never_leaves_the_site(
    client: FlaskClient, person: MakePerson, time: Clock, target: str
) -> None:
    person()
    first = client.post(
        "/staff/sign-in",
        query_string={"next": target},
        data={"email": "hanako@example.jp", "password": PASSWORD, "csrf_token": token(client)},
    )
    assert first.location.startswith("/staff/sign-in/code")
    second = post(client, first.location, {"totp_code": time.code()})
    assert second.location in {"/staff/", "/%0d%0aSet-Cookie:x"}
    assert client.get("/staff/sign-in", query_string={"next": target}).location == second.location


def token(client: FlaskClient) -> str:
    from tests.factories import csrf

    return csrf(client)


def test_next_leads_on_within_the_site(
    client: FlaskClient, person: MakePerson, time: Clock
) -> None:
    person()
    asked = client.get("/staff/departments?on=2023-03-31")
    assert asked.location == "/staff/sign-in?next=/staff/departments?on%3D2023-03-31"
    led = sign_in_by_pages(
        client, time, "hanako@example.jp", asked.location[len("/staff/sign-in") :]
    )
    assert led == "/staff/departments?on=2023-03-31"


def test_signing_out_ends_the_session_on_the_server(
    client: FlaskClient, person: MakePerson, time: Clock, session: Session
) -> None:
    person()
    sign_in_by_pages(client, time, "hanako@example.jp")
    stolen = cookie(client)
    assert post(client, "/staff/sign-out").location == "/staff/sign-in"
    assert cookie(client) == ""
    thief = client.application.test_client()
    thief.set_cookie("staff", stolen)
    assert thief.get("/staff/").status_code == 303
    assert post(client, "/staff/sign-out").status_code == 303
    actions = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.action.startswith("accounts.session"))
        .order_by(AuditEvent.id)
    ).all()
    assert actions == ["accounts.session.opened", "accounts.session.ended"]


def test_posting_needs_the_token(client: FlaskClient, person: MakePerson) -> None:
    person()
    answer = client.post(
        "/staff/sign-in", data={"email": "hanako@example.jp", "password": PASSWORD}
    )
    assert answer.status_code == 400


def test_no_transaction_is_open_while_the_password_is_compared(
    app: Flask, client: FlaskClient, person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one write lock: a flood of sign-ins must not hold it for the slow hash."""
    person()
    seen = []

    def verify(stored: str | None, _password: str) -> bool:
        seen.append((stored is not None, db.session().in_transaction()))
        return False

    monkeypatch.setattr("participation.accounts.passwords.verify", verify)
    post(client, "/staff/sign-in", {"email": "hanako@example.jp", "password": PASSWORD})
    post(client, "/staff/sign-in", {"email": "nobody@example.jp", "password": PASSWORD})
    assert seen == [(True, False), (False, False)]


@pytest.mark.real_hashing
def test_an_old_hash_is_renewed(
    client: FlaskClient, person: MakePerson, session: Session, time: Clock
) -> None:
    from argon2 import PasswordHasher

    user = session.get(StaffUser, person().id)
    assert user is not None
    user.password_hash = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    session.commit()
    sign_in_by_pages(client, time, "hanako@example.jp")
    renewed = session.scalars(select(StaffUser.password_hash)).one()
    assert renewed is not None
    assert "m=19456,t=2" in renewed


def test_over_tls_the_cookie_has_the_host_prefix() -> None:
    from dataclasses import replace

    from participation.accounts.login import cookie_name
    from participation.core.settings import Settings

    app = Flask(__name__)
    settings = Settings.from_env({"PARTICIPATION_ENV": "test", "DATA_DIR": "/tmp"})
    app.extensions["settings"] = replace(settings, base_url="https://example.jp")
    assert cookie_name(app) == "__Host-staff"
    app.extensions["settings"] = replace(settings, base_url="http://localhost")
    assert cookie_name(app) == "staff"
