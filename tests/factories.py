"""What tests are arranged with: departments, people, a signed-in client."""

import hashlib
import secrets
from datetime import UTC, date, datetime
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session

from participation.accounts.models import Appointment, StaffSession, StaffUser
from participation.core import clock
from participation.core.actors import Role
from participation.departments.models import Department, DepartmentPeriod

LONG_AGO = date(2020, 4, 1)


def make_department(
    session: Session,
    name: str = "市民協働課",
    *,
    division: str = "市民生活部",
    since: date = LONG_AGO,
    until: date | None = None,
) -> Department:
    """A department with one name from ``since`` to ``until``."""
    department = Department(code=secrets.token_hex(4))
    department.periods = [
        DepartmentPeriod(name=name, division=division, valid_from=since, valid_to=until)
    ]
    session.add(department)
    session.commit()
    return department


def make_user(
    session: Session,
    role: Role | None = None,
    department: Department | None = None,
    *,
    name: str = "伊勢 花子",
    email: str = "",
) -> StaffUser:
    """A person with one appointment of today, or with none."""
    user = StaffUser(
        email=email or f"{secrets.token_hex(4)}@example.jp",
        name=name,
        created_at=datetime(2024, 4, 1, tzinfo=UTC),
    )
    if role is not None:
        user.appointments = [
            Appointment(
                role=role,
                department_id=department.id if department else None,
                valid_from=LONG_AGO,
            )
        ]
    session.add(user)
    session.commit()
    return user


def sign_in(client: FlaskClient, session: Session, user: StaffUser) -> str:
    """Sign ``user`` in on ``client`` without the pages; return the session's token."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session.add(
        StaffSession(
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            second_factor_at=now,
        )
    )
    session.commit()
    client.set_cookie("staff", token)
    return token


def csrf(client: FlaskClient) -> str:
    """Return a token that the next post of ``client`` is accepted with."""
    with client.session_transaction() as cookie:
        raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
    serializer = URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token")
    return str(serializer.dumps(raw))


def post(client: FlaskClient, url: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """Post a form as a browser would, with its token."""
    return client.post(url, data={"csrf_token": csrf(client), **(data or {})}, **more)
