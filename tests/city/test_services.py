"""Edits of the profile: recorded, refused, and never over somebody else's."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.city import queries, services
from participation.city.wording import KEYS, LABELS, ReportWording
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, NotFound, StateConflict

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ACTOR = system_actor("tests")


def put(session: Session, name: str = "例市", seen: datetime | None = None) -> None:
    services.update_city(
        session,
        name=name,
        prefecture="例県",
        code="131016",
        contact=[("電話", "00-0000-0001")],
        seen=seen,
        actor=ACTOR,
        now=LATER if seen else NOW,
    )


def last_event(session: Session) -> AuditEvent:
    return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def test_before_any_profile_everything_is_neutral(session: Session) -> None:
    assert queries.get_city(session) is None
    assert queries.wording(session) == ReportWording()
    assert queries.rule(session, "campaign.minimum_days") == 30


def test_a_change_is_recorded_with_old_and_new(session: Session) -> None:
    put(session)
    put(session, "新例市", seen=NOW)
    event = last_event(session)
    assert event.action == "city.profile.updated"
    assert (event.before, event.after) == ({"name": "例市"}, {"name": "新例市"})


def test_nobody_overwrites_what_they_have_not_seen(session: Session) -> None:
    put(session)
    with pytest.raises(StateConflict):
        put(session, "あ市")  # its editor saw an empty form
    put(session, "い市", seen=NOW)
    with pytest.raises(StateConflict):
        put(session, "う市", seen=NOW)
    with pytest.raises(StateConflict):
        services.update_rules(
            session, {"campaign.minimum_days": 40}, seen=NOW, actor=ACTOR, now=LATER
        )
    assert queries.get_city(session).name == "い市"  # type: ignore[union-attr]


def test_wording_falls_back_word_by_word(session: Session) -> None:
    put(session)
    services.update_wording(
        session, {"item": "基本施策", "plan": " "}, seen=NOW, actor=ACTOR, now=LATER
    )
    words = queries.wording(session)
    assert (words.item, words.plan) == ("基本施策", "取り組み予定")
    with pytest.raises(InvalidInput):
        services.update_wording(session, {"x": "y"}, seen=LATER, actor=ACTOR, now=LATER)
    assert set(LABELS) == set(KEYS)


def test_parts_need_a_city_first(session: Session) -> None:
    with pytest.raises(StateConflict, match="先に"):
        services.update_wording(session, {"item": "x"}, seen=None, actor=ACTOR, now=NOW)


def test_closed_days(session: Session) -> None:
    services.add_closed_day(session, date(2026, 12, 29), "年末年始", actor=ACTOR, now=NOW)
    with pytest.raises(InvalidInput, match="すでに登録"):
        services.add_closed_day(session, date(2026, 12, 29), "年末", actor=ACTOR, now=NOW)
    services.remove_closed_day(session, date(2026, 12, 29), actor=ACTOR, now=NOW)
    assert last_event(session).before == {"label": "年末年始"}
    assert queries.all_closed_days(session) == []
    with pytest.raises(NotFound):
        services.remove_closed_day(session, date(2026, 12, 29), actor=ACTOR, now=NOW)


def test_places(session: Session) -> None:
    def save(place: object, **new: object) -> object:
        values = {"name": "市役所ﾛﾋﾞｰ", "address": "", "hours": "", "position": 10, "active": True}
        return services.save_place(
            session,
            place,  # type: ignore[arg-type]
            **{**values, **new},  # type: ignore[arg-type]
            actor=ACTOR,
            now=NOW,
        )

    place = save(None)
    with pytest.raises(InvalidInput, match="同じ名称"):
        save(None, name="市役所ロビー")
    with pytest.raises(InvalidInput, match="名称を入力"):
        save(None, name=" ")
    save(place, active=False)
    event = last_event(session)
    assert (event.action, event.before, event.after) == (
        "city.place.updated",
        {"active": True},
        {"active": False},
    )
    assert queries.places(session, active_only=True) == []
    save(place, active=False)
    assert last_event(session).id == event.id
