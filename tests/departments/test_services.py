"""Departments: names by day, ends, successions, and what is refused."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core.actors import Actor, system_actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.departments import queries, services
from participation.departments.models import Department

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ACTOR = system_actor("tests")


def create(session: Session, name: str, since: str = "2020-04-01", **more: object) -> Department:
    return services.create_department(
        session, name=name, valid_from=date.fromisoformat(since), actor=ACTOR, now=NOW, **more
    )


def events(session: Session, action: str) -> list[AuditEvent]:
    return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def test_create_fills_in_code_and_place(session: Session) -> None:
    first = create(session, "市民協働課", division="市民生活部")
    second = create(session, "青少年課")
    assert (first.code, second.code) == ("D001", "D002")
    assert first.position < second.position
    (made, _) = events(session, "departments.department.created")
    assert made.after == {
        "code": "D001",
        "name": "市民協働課",
        "division": "市民生活部",
        "valid_from": "2020-04-01",
        "valid_to": None,
    }
    assert made.department_id == first.id


def test_same_name_on_the_same_day_is_refused_in_any_width(session: Session) -> None:
    create(session, "IT推進課", valid_to=date(2022, 3, 31))
    with pytest.raises(InvalidInput, match="同じ時期に別の課") as refusal:
        create(session, "ＩＴ推進課", "2022-03-31")
    assert refusal.value.field == "name"
    create(session, "ＩＴ推進課", "2022-04-01")  # free from the day after


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "　 "}, "name"),
        ({"code": "D001"}, "code"),
        ({"valid_to": date(2020, 3, 31)}, "valid_to"),
    ],
)
def test_what_create_refuses(session: Session, more: dict[str, object], field: str) -> None:
    create(session, "市民協働課")
    with pytest.raises(InvalidInput) as refusal:
        create(session, **{"name": "青少年課", **more})  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_rename_changes_the_name_from_that_day_only(session: Session) -> None:
    department = create(session, "商工観光振興課", division="経済環境部")
    services.rename_department(
        session,
        department,
        name="商工観光課",
        division="経済環境部",
        valid_from=date(2024, 4, 1),
        actor=ACTOR,
        now=NOW,
    )
    assert department.name_on(date(2024, 3, 31)) == "商工観光振興課"
    assert department.name_on(date(2024, 4, 1)) == "商工観光課"
    assert department.name_on(date(2000, 1, 1)) == "商工観光振興課"
    found = queries.names(session, [department.id], date(2023, 3, 31))
    assert found == {department.id: "商工観光振興課"}
    (event,) = events(session, "departments.department.renamed")
    assert event.before == {"name": "商工観光振興課", "division": "経済環境部"}
    assert event.after is not None
    assert event.after["name"] == "商工観光課"


def rename(session: Session, department: Department, name: str, day: str) -> None:
    services.rename_department(
        session,
        department,
        name=name,
        division="",
        valid_from=date.fromisoformat(day),
        actor=ACTOR,
        now=NOW,
    )


def test_what_rename_refuses(session: Session) -> None:
    department = create(session, "市民協働課")
    create(session, "青少年課")
    with pytest.raises(InvalidInput, match="それより後の日"):
        rename(session, department, "協働課", "2020-04-01")
    with pytest.raises(InvalidInput, match="変わっていません"):
        rename(session, department, "市民協働課", "2024-04-01")
    with pytest.raises(InvalidInput, match="同じ時期に別の課"):
        rename(session, department, "青少年課", "2024-04-01")
    services.close_department(session, department, last_day=date(2025, 3, 31), actor=ACTOR, now=NOW)
    with pytest.raises(StateConflict, match="廃止されています"):
        rename(session, department, "協働課", "2025-04-01")


def test_a_correction_needs_a_reason_and_is_recorded(session: Session) -> None:
    department = create(session, "市民共同課")
    period = department.periods[0]
    with pytest.raises(InvalidInput, match="理由"):
        services.correct_period(
            session, period, name="市民協働課", division="", reason=" ", actor=ACTOR, now=NOW
        )
    services.correct_period(
        session, period, name="市民協働課", division="", reason="変換の誤り", actor=ACTOR, now=NOW
    )
    assert department.name_on(date(2020, 4, 1)) == "市民協働課"
    (event,) = events(session, "departments.department.corrected")
    assert (event.reason, event.before) == ("変換の誤り", {"name": "市民共同課", "division": ""})


def test_a_closed_department_is_gone_the_day_after(session: Session) -> None:
    department = create(session, "環境美化センター")
    services.close_department(session, department, last_day=date(2023, 3, 31), actor=ACTOR, now=NOW)
    assert queries.departments_on(session, date(2023, 3, 31)) == [department]
    assert queries.departments_on(session, date(2023, 4, 1)) == []
    assert queries.departments_on(session, date(2020, 3, 31)) == []
    assert department.name_on(date(2026, 1, 1)) == "環境美化センター"
    with pytest.raises(StateConflict):
        services.close_department(
            session, department, last_day=date(2024, 3, 31), actor=ACTOR, now=NOW
        )


def test_an_end_recorded_by_mistake_is_taken_back(session: Session) -> None:
    department = create(session, "青少年課")
    services.close_department(session, department, last_day=date(2023, 3, 31), actor=ACTOR, now=NOW)
    services.reopen_department(session, department, reason="誤り", actor=ACTOR, now=NOW)
    assert department.exists_on(date(2026, 1, 1))
    with pytest.raises(StateConflict):
        services.reopen_department(session, department, reason="誤り", actor=ACTOR, now=NOW)


def succeed(session: Session, old: list[Department], new: list[Department], day: str) -> None:
    services.record_succession(
        session,
        predecessors=old,
        successors=new,
        effective_on=date.fromisoformat(day),
        actor=ACTOR,
        now=NOW,
    )


def test_a_succession_closes_the_predecessor_and_counts_from_its_day(session: Session) -> None:
    old = create(session, "環境美化センター")
    new = create(session, "清掃リサイクル課", "2023-04-01")
    succeed(session, [old], [new], "2023-04-01")
    assert not old.exists_on(date(2023, 4, 1))
    before = queries.predecessor_closure(session, [new.id], date(2023, 3, 31))
    assert before == {new.id: frozenset({new.id})}
    after = queries.predecessor_closure(session, [new.id, old.id], date(2023, 4, 1))
    assert after == {new.id: frozenset({new.id, old.id}), old.id: frozenset({old.id})}
    (event,) = events(session, "departments.succession.recorded")
    assert event.after == {
        "predecessor": old.id,
        "successor": new.id,
        "effective_on": "2023-04-01",
    }


def test_successions_are_n_to_m_and_chain(session: Session) -> None:
    a, b = create(session, "あ課"), create(session, "い課")
    c, d = create(session, "う課", "2022-04-01"), create(session, "え課", "2022-04-01")
    e = create(session, "お課", "2024-04-01")
    succeed(session, [a, b], [c, d], "2022-04-01")
    succeed(session, [c, d], [e], "2024-04-01")
    closure = queries.predecessor_closure(session, [e.id], date(2024, 4, 1))
    assert closure[e.id] == {a.id, b.id, c.id, d.id, e.id}
    on_the_eve = queries.predecessor_closure(session, [e.id, c.id], date(2024, 3, 31))
    assert on_the_eve == {e.id: {e.id}, c.id: {c.id, a.id, b.id}}


def test_what_succession_refuses(session: Session) -> None:
    a, b = create(session, "あ課"), create(session, "い課", "2022-04-01")
    late = create(session, "う課", "2025-04-01")
    with pytest.raises(InvalidInput, match="1つ以上"):
        succeed(session, [], [b], "2022-04-01")
    with pytest.raises(InvalidInput, match="両方"):
        succeed(session, [a], [a, b], "2022-04-01")
    with pytest.raises(InvalidInput, match="存在しません"):
        succeed(session, [a], [late], "2022-04-01")
    services.close_department(session, a, last_day=date(2023, 3, 31), actor=ACTOR, now=NOW)
    with pytest.raises(InvalidInput, match="まで存続します"):
        succeed(session, [a], [b], "2022-04-01")
    succeed(session, [a], [b], "2023-04-01")
    with pytest.raises(StateConflict, match="登録済み"):
        succeed(session, [a], [b], "2023-04-01")


def test_a_circle_is_refused(session: Session) -> None:
    a = create(session, "あ課", "2024-04-01")
    b = create(session, "い課", "2020-04-01", valid_to=date(2024, 3, 31))
    succeed(session, [b], [a], "2024-04-01")
    # Only a spoilt history could make b exist again after it ended; the circle is refused then too.
    b.periods[-1].valid_to = None
    session.flush()
    with pytest.raises(InvalidInput, match="輪"):
        succeed(session, [a], [b], "2026-04-01")


def test_a_succession_is_taken_back_with_a_reason(session: Session) -> None:
    a, b = create(session, "あ課"), create(session, "い課", "2022-04-01")
    succeed(session, [a], [b], "2022-04-01")
    (succession,) = queries.successions(session)
    services.remove_succession(session, succession, reason="誤り", actor=ACTOR, now=NOW)
    assert queries.predecessor_closure(session, [b.id], date(2026, 1, 1))[b.id] == {b.id}
    (event,) = events(session, "departments.succession.removed")
    assert event.reason == "誤り"


def test_contact_changes_are_recorded_with_old_and_new(session: Session) -> None:
    department = create(session, "市民協働課", telephone="0463-00-0000")
    create(session, "青少年課", code="seishonen")

    def change(**new: object) -> int:
        values = {
            "code": department.code,
            "telephone": department.telephone,
            "fax": "",
            "email": "",
            "position": department.position,
            **new,
        }
        return services.update_contact(
            session,
            department,
            actor=Actor(7, "管理 一郎"),
            now=NOW,
            **values,  # type: ignore[arg-type]
        )

    assert change() == 0
    assert change(telephone="0463-11-1111") == 1
    (event,) = events(session, "departments.department.updated")
    assert (event.before, event.after) == (
        {"telephone": "0463-00-0000"},
        {"telephone": "0463-11-1111"},
    )
    assert event.actor_id == 7
    with pytest.raises(InvalidInput, match="使われています"):
        change(code="seishonen")


def test_names_are_found_after_nfkc(session: Session) -> None:
    department = create(session, "髙﨑IT課")
    assert queries.find_by_name(session, "髙﨑ＩＴ課") == [department]
    assert queries.find_by_name(session, "髙﨑ＩＴ課", date(2019, 1, 1)) == []
    assert queries.find_by_name(session, "高崎IT課") == []
    with pytest.raises(NotFound):
        queries.get_department(session, 999_999)


def test_names_apart_over_all(session: Session) -> None:
    create(session, "市民協働課")
    services.check_names_apart(session)
    other = create(session, "青少年課")
    other.periods[0].name = "市民協働課"
    with pytest.raises(InvalidInput, match="2つの課"):
        services.check_names_apart(session)


def test_lists_take_few_queries(session: Session, queries_sent: list[str]) -> None:
    for number in range(12):
        create(session, f"第{number}課")
    session.commit()
    session.expunge_all()
    queries_sent.clear()
    assert len([d.name_on(date(2026, 1, 1)) for d in queries.all_departments(session)]) == 12
    assert len(queries_sent) <= 2


@pytest.fixture
def queries_sent(request: pytest.FixtureRequest) -> list[str]:
    sent: list[str] = request.getfixturevalue("queries")
    return sent
