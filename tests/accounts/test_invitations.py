"""Invitations: one use, seven days, for that person only."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from participation.accounts import second_factor
from participation.accounts.models import Invitation, StaffSession, StaffUser
from participation.accounts.queries import find_by_email
from participation.accounts.services import invitations, people
from participation.accounts.services.appointments import AppointmentTerms
from participation.accounts.tokens import token_hash
from participation.audit.models import AuditEvent
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, StateConflict
from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring
from tests.accounts.conftest import PASSWORD, Clock, MakePerson, sign_in_by_pages
from tests.factories import post

SYSTEM = system_actor("tests")
TERMS = AppointmentTerms(Role.COORDINATOR, None, date(2026, 11, 22))
NEW = {"password": "yuuhi-ga-oka-made", "password_again": "yuuhi-ga-oka-made"}


@pytest.fixture
def link(session: Session, time: Clock) -> str:
    """The path of a fresh invitation of 大山 次郎."""
    _user, link = invitations.invite(
        session,
        name="大山 次郎",
        email="Jiro@Example.jp",
        terms=TERMS,
        base_url="https://sanka.example.jp",
        actor=SYSTEM,
        now=time.moment,
    )
    session.commit()
    return link.removeprefix("https://sanka.example.jp")


def secret_of(page: str) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    return found[1].replace(" ", "")


def code_for(secret: str, time: Clock) -> str:
    return second_factor.code_at(secret, second_factor.current_step(time.moment))


def test_the_letter_carries_the_link_from_the_settings(
    session: Session, link: str, app: Flask
) -> None:
    message = session.scalars(select(OutboxMessage)).one()
    ring = keyring(session)
    row = str(message.id)
    body = ring.decrypt(message.body, table="outbox_message", column="body", row=row)
    to = ring.decrypt(message.recipient, table="outbox_message", column="recipient", row=row)
    assert to == "jiro@example.jp"
    assert f"https://sanka.example.jp{link}" in body
    assert "大山 次郎 様" in body
    assert "令和8年11月29日（日）10:00まで" in body
    assert link.startswith(invitations.PATH)
    with app.test_request_context():
        from flask import url_for

        assert url_for("staff.accounts.invitation", token="t") == f"{invitations.PATH}t"


def test_only_a_hash_of_the_link_is_stored(session: Session, link: str) -> None:
    token = link.rsplit("/", 1)[1]
    row = session.scalars(select(Invitation)).one()
    assert row.token_hash == token_hash(token)
    everything = [
        str(session.execute(text(f"SELECT * FROM {table}")).all())
        for table in ("invitation", "staff_user", "audit_event", "outbox_message")
    ]
    assert token not in "".join(everything)


def test_the_link_leads_to_a_signed_in_account(
    client: FlaskClient, session: Session, link: str, time: Clock
) -> None:
    page = client.get(link)
    assert "大山 次郎" in page.text
    assert client.get(f"{link}/app").status_code == 409  # first things first
    step = post(client, link, NEW)
    assert step.location == f"{link}/app"
    shown = client.get(step.location).text
    assert "data:image/svg+xml" in shown
    secret = secret_of(shown)
    user = find_by_email(session, "jiro@example.jp")
    assert user is not None
    assert user.password_hash is None  # nothing yet
    session.commit()
    done = post(client, f"{link}/app", {"totp_code": code_for(secret, time)})
    assert done.location == "/staff/"
    assert client.get("/staff/").status_code == 200
    session.expire_all()
    user = find_by_email(session, "jiro@example.jp")
    assert user is not None
    assert user.totp_secret is not None
    assert secret not in user.totp_secret
    row = session.scalars(select(Invitation)).one()
    assert (row.password_hash, row.totp_secret) == (None, None)
    # The way in of every other day; the code just used is used up.
    time.forward(seconds=30)
    other = client.application.test_client()
    post(other, "/staff/sign-in", {"email": "jiro@example.jp", "password": NEW["password"]})
    answer = post(other, "/staff/sign-in/code", {"totp_code": code_for(secret, time)})
    assert answer.location == "/staff/"


def test_a_wrong_code_and_a_weak_password_ask_again(
    client: FlaskClient, link: str, time: Clock
) -> None:
    weak = post(client, link, {"password": "short", "password_again": "short"})
    assert weak.status_code == 422
    assert "12文字以上" in weak.text
    unlike = post(client, link, {**NEW, "password_again": "another-one-altogether"})
    assert unlike.status_code == 422
    own = post(client, link, {"password": "jiro20261122jiro", "password_again": "jiro20261122jiro"})
    assert own.status_code in {303, 422}
    post(client, link, NEW)
    wrong = post(client, f"{link}/app", {"totp_code": "000000"})
    assert wrong.status_code == 422
    assert "正しくありません" in wrong.text
    secret = secret_of(wrong.text)
    done = post(client, f"{link}/app", {"totp_code": code_for(secret, time)})
    assert done.location == "/staff/"


def use(client: FlaskClient, link: str, time: Clock) -> None:
    post(client, link, NEW)
    secret = secret_of(client.get(f"{link}/app").text)
    assert post(client, f"{link}/app", {"totp_code": code_for(secret, time)}).status_code == 303


def test_used_expired_replaced_and_invented_links_look_the_same(
    client: FlaskClient, session: Session, link: str, time: Clock
) -> None:
    stranger = client.application.test_client()
    invented = stranger.get("/staff/invitation/" + "x" * 43)
    assert invented.status_code == 404
    use(client, link, time)
    pages = [stranger.get(link)]
    user = find_by_email(session, "jiro@example.jp")
    assert user is not None

    def again() -> str:
        made = invitations.invite_again(session, user, base_url="", actor=SYSTEM, now=time.moment)
        session.commit()
        return made

    replaced, expired = again(), again()
    pages.append(stranger.get(replaced))
    time.forward(days=7)
    pages.append(stranger.get(expired))
    for page in pages:
        assert (page.status_code, page.text) == (404, invented.text)
        assert post(stranger, expired, NEW).status_code == 404
        assert post(stranger, f"{expired}/app", {"totp_code": "000000"}).status_code == 404


def test_an_open_link_changes_nothing_until_it_is_used(
    client: FlaskClient, session: Session, person: MakePerson, time: Clock
) -> None:
    made = person()
    sign_in_by_pages(client, time, made.email)
    user = session.get(StaffUser, made.id)
    assert user is not None
    link = invitations.invite_again(session, user, base_url="", actor=SYSTEM, now=time.moment)
    session.commit()
    stranger = client.application.test_client()
    post(stranger, link, NEW)
    time.forward(seconds=30)
    assert sign_in_by_pages(client.application.test_client(), time, made.email) == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_using_it_ends_every_session_of_before(
    client: FlaskClient, session: Session, person: MakePerson, time: Clock
) -> None:
    made = person()
    sign_in_by_pages(client, time, made.email)
    user = session.get(StaffUser, made.id)
    assert user is not None
    link = invitations.invite_again(session, user, base_url="", actor=SYSTEM, now=time.moment)
    session.commit()
    use(client.application.test_client(), link, time)
    assert client.get("/staff/").status_code == 303
    refused = post(
        client.application.test_client(),
        "/staff/sign-in",
        {"email": made.email, "password": PASSWORD},
    )
    assert refused.status_code == 422


def test_a_link_is_for_its_person_only(
    client: FlaskClient, session: Session, link: str, person: MakePerson, time: Clock
) -> None:
    """A posted id or address of somebody else is not even looked at (CKAN CVE-2022-43685)."""
    other = person()
    forged = {**NEW, "id": other.id, "user_id": other.id, "email": other.email, "name": "x"}
    post(client, link, forged)
    secret = secret_of(client.get(f"{link}/app").text)
    post(client, f"{link}/app", {**forged, "totp_code": code_for(secret, time)})
    opened = session.scalars(select(StaffSession).order_by(StaffSession.id.desc())).first()
    assert opened is not None
    assert opened.user_id != other.id
    time.forward(seconds=30)
    assert sign_in_by_pages(client.application.test_client(), time, other.email) == "/staff/"


def test_a_disabled_person_s_link_is_dead(
    client: FlaskClient, session: Session, link: str, time: Clock
) -> None:
    user = find_by_email(session, "jiro@example.jp")
    assert user is not None
    people.disable_person(session, user, reason="誤り", actor=SYSTEM, now=time.moment)
    session.commit()
    assert client.get(link).status_code == 404
    with pytest.raises(StateConflict):
        invitations.invite_again(session, user, base_url="", actor=SYSTEM, now=time.moment)


@pytest.mark.parametrize(
    ("person", "field"),
    [
        (("大山 三郎", "JIRO@example.jp"), "email"),
        (("大山 三郎", "not an address"), "email"),
        (("大山 三郎", "a@example.jp\r\nBcc: b@example.jp"), "email"),
        (("大山 三郎", "a@example.jp, b@example.jp"), "email"),
        ((" 　", "saburo@example.jp"), "name"),
    ],
)
def test_what_inviting_refuses(
    session: Session, link: str, time: Clock, person: tuple[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        invitations.invite(
            session,
            name=person[0],
            email=person[1],
            terms=TERMS,
            base_url="",
            actor=SYSTEM,
            now=time.moment,
        )
    assert refusal.value.field == field


def test_the_audit_log_knows_the_acts_and_no_secret(
    client: FlaskClient, session: Session, link: str, time: Clock
) -> None:
    use(client, link, time)
    found = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.action for event in found] == [
        "accounts.person.invited",
        "accounts.appointment.made",
        "accounts.invitation.accepted",
        "accounts.session.opened",
    ]
    said = str([(event.before, event.after, event.reason) for event in found])
    assert NEW["password"] not in said
    assert "argon2" not in said
