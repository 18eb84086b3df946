"""Making and editing a workshop: sections, conflicts, what freezes, kinds and areas."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.city import queries as city
from participation.city.areas import DEFAULT_AREAS, about, areas_of, set_areas
from participation.city.lists import check_lists
from participation.city.models import City, SubjectArea
from participation.city.services import update_lists
from participation.city.workshop_kinds import (
    DEFAULT_KINDS,
    KEY,
    Field,
    Kind,
    check_kinds,
    kind_of,
    kinds,
    plain_kind,
)
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.departments.models import Department
from participation.workshops.models import SignUp, Workshop, WorkshopState
from participation.workshops.services import editing
from participation.workshops.services.kinds import remove_kind, save_kind
from participation.workshops.services.workshops import create_workshop
from tests.workshops.arrange import make_pool, make_registration, make_workshop

ACTOR = system_actor("tests")


@pytest.fixture
def stored_city(session: Session) -> City:
    stored = City(id=1, name="試験市", prefecture="神奈川県", code="142140", updated_at=clock.now())
    session.add(stored)
    session.commit()
    return stored


def edit(session: Session, workshop: Workshop, section: str, **new: Any) -> bool:
    columns = editing.SECTIONS[section][0]
    values = {name: getattr(workshop, name) for name in columns} | new
    return editing.edit_fields(
        session,
        workshop,
        section,
        values,
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )


def common(workshop: Workshop) -> dict[str, Any]:
    return {"version": workshop.version, "actor": ACTOR, "now": clock.now()}


def test_a_new_one_has_its_departments_contact_and_the_citys_retention(
    session: Session, department: Department, stored_city: City
) -> None:
    department.telephone = "00-1111-2222"
    stored_city.rules = {"workshop.retention_days": 30}
    session.flush()
    values: dict[str, Any] = {
        "department": department,
        "title": "  説明会  ",
        "kind": "briefing",
        "sign_up": SignUp.NONE,
        "year": 2026,
        "actor": ACTOR,
        "now": clock.now(),
    }
    made = create_workshop(session, **values)
    assert (made.title, made.phone, made.retention_days) == ("説明会", "00-1111-2222", 30)
    assert made.state is WorkshopState.PREPARING
    for name, wrong in (("title", " "), ("kind", "ball"), ("year", 1999)):
        with pytest.raises(InvalidInput) as error:
            create_workshop(session, **values | {name: wrong})
        assert error.value.field == {"year": "fiscal_year"}.get(name, name)


def test_an_edit_is_counted_recorded_and_never_over_another(
    session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department)
    seen = workshop.version
    assert not edit(session, workshop, "contact")
    assert edit(session, workshop, "contact", phone="00-1234-5678")
    assert workshop.version == seen + 1
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.after) == ("workshops.workshop.edited", {"phone": "00-1234-5678"})
    with pytest.raises(StateConflict, match="ほかの人"):
        editing.edit_fields(
            session,
            workshop,
            "contact",
            {"section_name": "", "phone": "", "fax": "", "email": ""},
            version=seen,
            actor=ACTOR,
            now=clock.now(),
        )


def test_what_people_trusted_in_freezes_with_the_first_registration(
    session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department)
    assert edit(session, workshop, "registering", largest_party=4)
    make_registration(session, make_pool(session, workshop))
    frozen: list[tuple[str, dict[str, Any], str]] = [
        ("registering", {"largest_party": 5}, "同伴"),
        ("registering", {"retention_days": 400}, "消去"),
        ("registering", {"sender_fields": []}, "聞くこと"),
        ("priority", {"priority": [{"rule": "first_time"}]}, "優先"),
        ("content", {"kind": "briefing"}, "種類"),
    ]
    for section, new, word in frozen:
        with pytest.raises(StateConflict, match=word):
            edit(session, workshop, section, **new)
    assert edit(session, workshop, "registering", offer_hours=24, needs=["wheelchair"])
    assert edit(session, workshop, "content", title="公園を考える会")


def test_the_unit_of_registering_changes_only_without_seats(
    session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop)
    with pytest.raises(InvalidInput) as error:
        edit(session, workshop, "registering", sign_up=SignUp.EACH_DAY)
    assert error.value.field == "sign_up"
    session.delete(pool)
    session.flush()
    assert edit(session, workshop, "registering", sign_up=SignUp.EACH_DAY)


def test_classes_of_people_are_only_added_once_somebody_chose(
    session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department)
    assert editing.edit_eligibility(session, workshop, ["市民"], **common(workshop))
    edit(
        session,
        workshop,
        "priority",
        priority=[{"rule": "eligibility", "ids": [workshop.eligibilities[0].id]}],
    )
    with pytest.raises(InvalidInput, match="優先"):
        editing.edit_eligibility(session, workshop, [], **common(workshop))
    make_registration(session, make_pool(session, workshop))
    with pytest.raises(InvalidInput, match="申込みがある"):
        editing.edit_eligibility(session, workshop, ["市内の方"], **common(workshop))
    assert editing.edit_eligibility(session, workshop, ["市民", "在勤の方"], **common(workshop))


@pytest.mark.parametrize(
    "rules",
    [
        [{"rule": "luck"}],
        [{"rule": "first_time"}, {"rule": "first_time"}],
        [{"rule": "eligibility", "ids": []}],
        [{"rule": "eligibility", "ids": [0]}],
    ],
)
def test_rules_of_priority_name_what_there_is(
    session: Session, department: Department, rules: list[Any]
) -> None:
    workshop = make_workshop(session, department)
    with pytest.raises(InvalidInput):
        edit(session, workshop, "priority", priority=rules)


@pytest.mark.parametrize("section", ["content", "registering", "priority"])
def test_a_cancelled_one_is_not_edited(
    session: Session, department: Department, section: str
) -> None:
    workshop = make_workshop(session, department, state=WorkshopState.CANCELLED)
    with pytest.raises(StateConflict):
        edit(session, workshop, section)


def test_the_kinds_own_fields_are_checked_by_their_type(
    session: Session, department: Department, stored_city: City
) -> None:
    fields = (
        Field("members", "委員の数", "number", required=True),
        Field("page", "案内", "url"),
        Field("size", "規模", "choice", ("大", "小")),
        Field("on", "基準日", "date"),
        Field("asked", "聞きたいこと", where="form", required=True),
    )
    stored_city.lists = {KEY: [plain_kind(Kind("panel", "委員会", fields))]}
    session.flush()
    workshop = make_workshop(session, department, kind="panel")
    good = {"members": "12", "page": "https://example.jp/", "size": "大", "on": "2027-01-09"}
    assert editing.edit_extra(session, workshop, good, **common(workshop))
    assert workshop.extra == good
    bad = {"members": "", "page": "javascript:alert(1)", "size": "中", "on": "来年"}
    for name, wrong in bad.items():
        with pytest.raises(InvalidInput) as error:
            editing.edit_extra(session, workshop, good | {name: wrong}, **common(workshop))
        assert error.value.field == f"extra.{name}"


def test_areas_are_of_the_city_and_found_again(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department)
    reference = f"workshop:{workshop.id}"
    chosen = DEFAULT_AREAS[1:3]
    assert editing.edit_areas(session, workshop, chosen, **common(workshop))
    assert not editing.edit_areas(session, workshop, chosen, **common(workshop))
    assert set(areas_of(session, [reference, "workshop:0"])[reference]) == set(chosen)
    with pytest.raises(InvalidInput):
        editing.edit_areas(session, workshop, ["宇宙"], **common(workshop))
    found = select(SubjectArea.reference).where(about(SubjectArea.reference, chosen[0]))
    assert set(session.scalars(found)) == {reference}
    assert set_areas(session, reference, [], actor=ACTOR, now=clock.now())
    assert areas_of(session, [reference]) == {}


def test_the_default_kinds_can_be_stored_and_read_again() -> None:
    stored = {KEY: check_kinds([plain_kind(kind) for kind in DEFAULT_KINDS])}
    assert kinds(stored) == DEFAULT_KINDS
    assert len(DEFAULT_KINDS) == 15
    assert kind_of(stored, "gone") == Kind("gone", "gone", active=False)
    assert check_lists(stored) == stored


@pytest.mark.parametrize(
    "spoilt",
    [
        "kinds",
        ["town_meeting"],
        [{"key": "Town", "label": "会"}],
        [{"key": "town", "label": ""}],
        [{"key": "town", "label": "会"}, {"key": "town", "label": "別の会"}],
        [{"key": "town", "label": "会", "colour": "red"}],
        [{"key": "town", "label": "会", "fields": [{"key": "a", "label": "a", "type": "file"}]}],
        [{"key": "town", "label": "会", "fields": [{"key": "a", "label": "a", "type": "choice"}]}],
        [{"key": "town", "label": "会", "active": "yes"}],
    ],
)
def test_a_profile_with_spoilt_kinds_is_refused(spoilt: Any) -> None:
    with pytest.raises(InvalidInput):
        check_kinds(spoilt)


def test_the_city_adds_hides_and_removes_a_kind_without_code(
    session: Session, department: Department, stored_city: City
) -> None:
    def save(kind: Kind) -> Kind:
        seen = stored_city.updated_at
        return save_kind(session, kind, seen=seen, actor=ACTOR, now=clock.now())

    made = save(Kind("", "まち歩き", (Field("", "集合場所"), Field("", "靴", where="form"))))
    keys = [field.key for field in made.fields]
    assert len(set(keys)) == 2
    assert made in city.kinds(session)
    changed = save(Kind(made.key, "まち歩き会", (*made.fields[1:], Field("", "雨天時"))))
    # What the field that is gone held is not taken for what the new one holds.
    assert changed.fields[0].key == keys[1]
    assert changed.fields[1].key not in keys
    with pytest.raises(InvalidInput, match="同じ名称"):
        save(Kind("", "説明会"))
    with pytest.raises(NotFound):
        save(Kind("gone", "なくなった種類"))
    make_workshop(session, department, kind=made.key)
    with pytest.raises(StateConflict, match="消せません"):
        remove_kind(session, made.key, seen=stored_city.updated_at, actor=ACTOR, now=clock.now())
    save(Kind(made.key, "まち歩き会", changed.fields, active=False))
    with pytest.raises(InvalidInput):
        create_workshop(
            session,
            department=department,
            title="歩く",
            kind=made.key,
            sign_up=SignUp.WHOLE,
            year=2026,
            actor=ACTOR,
            now=clock.now(),
        )
    remove_kind(session, "briefing", seen=stored_city.updated_at, actor=ACTOR, now=clock.now())
    assert "briefing" not in {kind.key for kind in city.kinds(session)}


def test_changing_one_list_leaves_the_others(session: Session, stored_city: City) -> None:
    stored_city.lists = {"areas": ["水"]}
    session.flush()
    update_lists(
        session,
        {"campaign.eligibility": ["市民"]},
        seen=stored_city.updated_at,
        actor=ACTOR,
        now=clock.now(),
    )
    assert stored_city.lists == {"areas": ["水"], "campaign.eligibility": ["市民"]}
