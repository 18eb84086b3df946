"""Loading a profile: whole, again, over edits, and by command."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.city import queries, services
from participation.city.profile import read_profile
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput
from participation.departments import queries as departments
from participation.departments.models import DepartmentSuccession

EXAMPLE_FILE = Path(__file__).parent / "profile_example.json"
EXAMPLE = json.loads(EXAMPLE_FILE.read_text())
DEMO_FILE = Path(__file__).parents[2] / "participation" / "demo" / "profile.json"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ACTOR = system_actor("tests")


def load(session: Session, plain: Any, now: datetime = NOW) -> int:
    return services.load_profile(session, read_profile(plain), actor=ACTOR, now=now)


def events(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def test_everything_in_the_file_is_stored(session: Session) -> None:
    assert load(session, EXAMPLE) == 1 + 1 + 1 + 2 + 1
    city = queries.get_city(session)
    assert city is not None
    assert (city.name, city.prefecture, city.code) == ("例市", "例県", "131016")
    assert queries.rule(session, "campaign.minimum_days") == 35
    assert queries.wording(session).item == "基本的な取り組み"
    assert queries.wording(session).policy == "対応方針"
    assert queries.eligibility(session) == ("市民の方",)
    assert [one.code for one in queries.categories(session)] == list("ABCDEF")
    assert [place.name for place in queries.places(session)] == ["市役所ロビー"]
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    assert [day.label for day in queries.closed_days(session, first, last)] == ["年末年始"]
    (new,) = departments.departments_on(session, date(2023, 4, 1))
    assert new.name_on(date(2023, 4, 1)) == "清掃課"
    assert new.name_on(date(2024, 4, 1)) == "清掃リサイクル課"
    closure = departments.predecessor_closure(session, [new.id], date(2023, 4, 1))
    assert len(closure[new.id]) == 2


@pytest.mark.parametrize("file", [EXAMPLE_FILE, DEMO_FILE], ids=["example", "demo"])
def test_loading_again_changes_nothing(session: Session, file: Path) -> None:
    plain = json.loads(file.read_text())
    load(session, plain)
    session.commit()
    before, city = events(session), queries.get_city(session)
    assert city is not None
    moment = city.updated_at
    assert load(session, plain, NOW + timedelta(days=1)) == 0
    session.commit()
    assert events(session) == before
    assert city.updated_at == moment


def test_what_the_file_leaves_out_stays(session: Session) -> None:
    load(session, EXAMPLE)
    services.add_closed_day(session, date(2027, 1, 4), "仕事始め", actor=ACTOR, now=NOW)
    services.update_wording(
        session,
        {"item": "取組", "policy": "方針"},
        seen=NOW,
        actor=ACTOR,
        now=NOW + timedelta(hours=1),
    )
    load(session, {"city": EXAMPLE["city"], "wording": {"item": "基本的な取り組み"}})
    assert len(queries.all_closed_days(session)) == 2
    words = queries.wording(session)
    assert (words.item, words.policy) == ("基本的な取り組み", "方針")


def test_changes_in_the_file_are_taken_over_and_recorded(session: Session) -> None:
    load(session, EXAMPLE)
    plain = copy.deepcopy(EXAMPLE)
    plain["city"]["contact"][1]["value"] = "00-9999-0001"
    plain["departments"][1]["telephone"] = "00-9999-0002"
    plain["departments"][1]["periods"][1]["valid_to"] = "2026-03-31"
    plain["departments"][1]["periods"].append(
        {"name": "ごみ減量課", "division": "環境部", "valid_from": "2026-04-01"}
    )
    plain["places"][0]["hours"] = "平日9時～17時"
    assert load(session, plain) == 4
    (department,) = departments.departments_on(session, date(2026, 4, 1))
    assert department.name_on(date(2026, 4, 1)) == "ごみ減量課"
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "departments.department.history_put")
    ).one()
    assert event.before is not None
    assert len(event.before["periods"]) == 2


def test_a_file_cannot_undo_a_change_of_name(session: Session) -> None:
    load(session, EXAMPLE)
    plain = copy.deepcopy(EXAMPLE)
    plain["departments"][1]["periods"].pop()
    with pytest.raises(InvalidInput, match="清掃リサイクル課"):
        load(session, plain)


def test_names_may_wander_between_departments(session: Session) -> None:
    load(session, EXAMPLE)
    plain = copy.deepcopy(EXAMPLE)
    plain["departments"][1]["periods"][1]["valid_to"] = "2026-03-31"
    plain["departments"][1]["periods"].append(
        {"name": "資源循環課", "division": "", "valid_from": "2026-04-01"}
    )
    plain["departments"].insert(
        0, {"code": "new", "periods": [{"name": "清掃リサイクル課", "valid_from": "2026-04-01"}]}
    )
    assert load(session, plain) == 2
    plain["departments"][0]["periods"][0]["valid_from"] = "2026-03-31"
    session.rollback()
    with pytest.raises(InvalidInput, match="同じ時期に2つの課"):
        load(session, plain)


def test_the_command_loads_and_answers(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["city", "load-profile", str(EXAMPLE_FILE)])
    assert (done.exit_code, done.stdout) == (
        0,
        "例市のプロファイルを読み込みました（変更6件）。\n",
    )
    again = run(args=["city", "load-profile", str(EXAMPLE_FILE)])
    assert "変更0件" in again.stdout
    broken = tmp_path / "broken.json"
    broken.write_text('{"city": ')
    failed = run(args=["city", "load-profile", str(broken)])
    assert failed.exit_code == 1
    assert "JSONとして読み取れません" in failed.stderr
    broken.write_text(json.dumps({"city": {**EXAMPLE["city"], "code": "131017"}}))
    failed = run(args=["city", "load-profile", str(broken)])
    assert failed.exit_code == 1
    assert "検査数字" in failed.stderr


def test_successions_are_stored_once(session: Session) -> None:
    load(session, EXAMPLE)
    load(session, EXAMPLE)
    assert session.scalar(select(func.count()).select_from(DepartmentSuccession)) == 1
