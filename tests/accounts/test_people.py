"""People: found, changed, disabled, restored."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.models import StaffUser
from participation.accounts.queries import (
    PeopleFilter,
    emails_with_role,
    find_by_email,
)
from participation.accounts.queries import (
    people as list_people,
)
from participation.accounts.services import people
from participation.audit.models import AuditEvent
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput, StateConflict
from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring
from tests.factories import make_department, make_user

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SYSTEM = system_actor("tests")


def names(session: Session, **chosen: object) -> list[str]:
    return [user.name for user in list_people(session, PeopleFilter(**chosen), TODAY)]  # type: ignore[arg-type]


def test_the_list_is_narrowed(session: Session) -> None:
    department = make_department(session)
    ready = make_user(session, Role.CONTRIBUTOR, department, name="甲", email="kou@example.jp")
    ready.password_hash = "x"
    make_user(session, Role.APPROVER, department, name="乙ＩＴ", email="otsu@example.jp")
    make_user(session, name="丙")
    gone = make_user(session, Role.AUDITOR, name="丁")
    gone.disabled_at = NOW
    session.commit()
    assert sorted(names(session, state="all")) == sorted(["甲", "乙ＩＴ", "丙", "丁"])
    assert names(session, state="active") == ["甲"]
    assert sorted(names(session, state="invited")) == sorted(["乙ＩＴ", "丙"])
    assert names(session, state="none") == ["丙"]
    assert names(session, state="disabled") == ["丁"]
    assert names(session, state="all", role=Role.APPROVER) == ["乙ＩＴ"]
    assert sorted(names(session, state="all", department_id=department.id)) == sorted(
        ["甲", "乙ＩＴ"]
    )
    assert names(session, state="all", words="it") == ["乙ＩＴ"]
    assert names(session, state="all", words="ｋｏｕ@") == ["甲"]
    assert names(session, state="all", words="%") == []


def test_changes_are_recorded_and_the_old_address_is_told(session: Session) -> None:
    user = make_user(session, name="山田 花", email="old@example.jp")
    people.update_person(
        session, user, name="佐藤 花", email="New@example.jp", actor=SYSTEM, now=NOW
    )
    event = session.scalars(select(AuditEvent)).one()
    assert event.before == {"name": "山田 花", "email": "old@example.jp"}
    assert event.after == {"name": "佐藤 花", "email": "new@example.jp"}
    message = session.scalars(select(OutboxMessage)).one()
    to = keyring(session).decrypt(
        message.recipient, table="outbox_message", column="recipient", row=str(message.id)
    )
    assert to == "old@example.jp"
    people.update_person(
        session, user, name="佐藤 花", email="new@example.jp", actor=SYSTEM, now=NOW
    )
    assert len(session.scalars(select(AuditEvent)).all()) == 1


@pytest.mark.parametrize(
    ("name", "email", "field"),
    [(" ", "a@example.jp", "name"), ("あ", "taken@example.jp", "email"), ("あ", "x", "email")],
)
def test_what_changing_refuses(session: Session, name: str, email: str, field: str) -> None:
    make_user(session, email="taken@example.jp")
    user = make_user(session)
    with pytest.raises(InvalidInput) as refusal:
        people.update_person(session, user, name=name, email=email, actor=SYSTEM, now=NOW)
    assert refusal.value.field == field


def test_disabling_ends_everything_and_restoring_gives_nothing_back(session: Session) -> None:
    user = make_user(session, Role.AUDITOR)
    with pytest.raises(InvalidInput, match="理由"):
        people.disable_person(session, user, reason="", actor=SYSTEM, now=NOW)
    people.disable_person(session, user, reason="退職", actor=SYSTEM, now=NOW)
    assert not any(a.is_active(TODAY) for a in user.appointments)
    with pytest.raises(StateConflict):
        people.disable_person(session, user, reason="退職", actor=SYSTEM, now=NOW)
    with pytest.raises(InvalidInput, match="理由"):
        people.restore_person(session, user, reason=" ", actor=SYSTEM, now=NOW)
    people.restore_person(session, user, reason="再任用", actor=SYSTEM, now=NOW)
    assert user.disabled_at is None
    assert not any(a.is_active(TODAY) for a in user.appointments)
    with pytest.raises(StateConflict):
        people.restore_person(session, user, reason="再任用", actor=SYSTEM, now=NOW)
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == [
        "accounts.appointment.ended",
        "accounts.person.disabled",
        "accounts.person.restored",
    ]


def test_who_has_a_role_can_be_written_to(session: Session) -> None:
    one, other = make_department(session, "あ課"), make_department(session, "い課")
    make_user(session, Role.APPROVER, one, email="a@example.jp")
    make_user(session, Role.APPROVER, other, email="b@example.jp")
    gone = make_user(session, Role.APPROVER, one, email="c@example.jp")
    gone.disabled_at = NOW
    session.commit()
    assert emails_with_role(session, Role.APPROVER, TODAY) == ["a@example.jp", "b@example.jp"]
    assert emails_with_role(
        session, Role.APPROVER, TODAY, department_ids=frozenset({other.id})
    ) == ["b@example.jp"]
    assert emails_with_role(session, Role.APPROVER, date(2019, 1, 1)) == []


def test_an_address_exists_once_in_any_width(session: Session) -> None:
    user = make_user(session, email="hanako@example.jp")
    assert find_by_email(session, "ＨＡＮＡＫＯ＠example.jp ") is user
    session.add(StaffUser(email="hanako@example.jp", name="x", created_at=NOW))
    with pytest.raises(Exception, match=r"(?i)unique"):
        session.flush()
