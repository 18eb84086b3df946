"""Ticking off who came: once a day and application, with the people who really came; walk-ins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participation import audit
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.workshops.labels import STATUS_LABELS
from participation.workshops.models import (
    Attendance,
    CheckInWay,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.queries.day_lists import Attendee, attendees

MOST_PEOPLE = 99  # with one registration; more is a slip of the finger
MOST_WALK_INS = 99_999
_TABLE: Any = cast("Any", Attendance.__table__)
_INSERT = {
    name: make(_TABLE)
    .on_conflict_do_nothing(index_elements=["day_id", "application_id"])
    .returning(_TABLE.c.id)
    for name, make in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


class AlreadyIn(StateConflict):
    """Somebody else has ticked them off already."""


def check_in(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    expected: Attendee,
    *,
    people: int,
    way: CheckInWay,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that an application came to a day.

    Args:
        session: the session of the act; the caller commits.
        workshop: which event.
        day: one of its days, of today or before.
        expected: the application on that day's list.
        people: how many really came, more or fewer than have a seat.
        way: how they were ticked off.
        actor: who does it.
        now: when.

    Raises:
        AlreadyIn: they are ticked off, perhaps by a colleague a moment ago.
        StateConflict: the day is not held, or is yet to come; or there is no seat for them.
        InvalidInput: the number of people is none.

    """
    check_day(workshop, day, now)
    _check_people(people)
    if not expected.is_expected:
        raise StateConflict(
            f"「{STATUS_LABELS[expected.status]}」のため、受付できません。"
            "席に余裕があれば、「申込みのない方」に数えて入ってもらえます。"
        )
    made = session.scalar(
        _INSERT[session.get_bind().dialect.name],
        {
            "day_id": day.id,
            "application_id": expected.application_id,
            "people": people,
            "way": way,
            "at": now,
            "by": actor.staff_id,
        },
    )
    if made is None:
        raise AlreadyIn("この方の受付は済んでいます。")
    after = {"day_id": day.id, "people": people, "way": way}
    _record(session, workshop, "recorded", expected.application_id, after, actor=actor, now=now)


def check_in_many(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    arrived: Mapping[int, int],
    *,
    actor: Actor,
    now: datetime,
) -> Sequence[int]:
    """Tick off who is ticked on a printed list; return whose were ticked off now.

    Who is ticked off already stays so: the number that was counted at the door is the better one.

    Args:
        session: the session of the act; the caller commits all or nothing.
        workshop: which event.
        day: of which the list was.
        arrived: application → how many came.
        actor: who types the list in.
        now: when.

    Raises:
        StateConflict: as ``check_in``, or one of them never asked for this day.

    """
    new = []
    listed = {one.application_id: one for one in attendees(session, day, application_ids=arrived)}
    for application_id, people in sorted(arrived.items()):
        expected = listed.get(application_id)
        if expected is None:
            raise StateConflict("名簿が変わりました。番号をもう一度入力してください。")
        try:
            check_in(
                session,
                workshop,
                day,
                expected,
                people=people,
                way=CheckInWay.LIST,
                actor=actor,
                now=now,
            )
        except AlreadyIn:
            continue
        new.append(application_id)
    return new


def correct_people(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    application_id: int,
    *,
    people: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Correct how many people came with an application.

    Raises:
        StateConflict: they are not ticked off.
        InvalidInput: the number of people is none.

    """
    _check_people(people)
    changed = session.scalar(
        update(Attendance)
        .where(Attendance.day_id == day.id, Attendance.application_id == application_id)
        .values(people=people)
        .returning(Attendance.way)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise StateConflict("この方の受付は取り消されています。もう一度受け付けてください。")
    session.expire_all()
    after = {"day_id": day.id, "people": people, "way": changed}
    _record(session, workshop, "changed", application_id, after, actor=actor, now=now)


def undo(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    application_id: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take a tick back: the wrong line, or they have gone again before it began.

    Raises:
        StateConflict: there is none.

    """
    gone = session.execute(
        delete(Attendance)
        .where(Attendance.day_id == day.id, Attendance.application_id == application_id)
        .returning(Attendance.people, Attendance.way)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if gone is None:
        raise StateConflict("この方の受付は、すでに取り消されています。")
    session.expire_all()
    after = {"day_id": day.id, "people": gone[0], "way": gone[1]}
    _record(session, workshop, "removed", application_id, after, actor=actor, now=now)


def count_walk_ins(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    *,
    walk_ins: int,
    again: int,
    seen: tuple[int, int],
    actor: Actor,
    now: datetime,
) -> None:
    """Set how many people came without a registration, and how many of them not for the first time.

    Args:
        session: the session of the act; the caller commits.
        workshop: which event.
        day: one of its days, of today or before.
        walk_ins: people without a registration.
        again: of these, who had been there on an earlier day.
        seen: the two numbers that the form showed.
        actor: who counts.
        now: when.

    Raises:
        StateConflict: somebody else has counted meanwhile; the day is not held or yet to come.
        InvalidInput: the numbers do not fit each other.

    """
    check_day(workshop, day, now)
    session.refresh(day, with_for_update={"key_share": True})
    if not 0 <= walk_ins <= MOST_WALK_INS:
        raise InvalidInput("人数は、0以上の数で入力してください。", field="walk_ins")
    if not 0 <= again <= walk_ins:
        raise InvalidInput("「2回目以上の方」は、来た人数までの数にしてください。", field="again")
    if again and _is_first(workshop, day):
        raise InvalidInput("最初の日に、前にも来た方はいません。0にしてください。", field="again")
    before = (day.walk_ins, day.again)
    if before != seen:
        raise StateConflict(
            "入力している間に、ほかの人が人数を変えました。最新の人数を確かめてください。"
        )
    if before == (walk_ins, again):
        return
    day.walk_ins, day.again = walk_ins, again
    _record_walk_ins(session, workshop, day, before, actor=actor, now=now)


def add_walk_in(
    session: Session, workshop: Workshop, day: WorkshopDay, *, actor: Actor, now: datetime
) -> None:
    """Count one more person without a registration; for several doors at once.

    Raises:
        StateConflict: the day is not held or yet to come.

    """
    check_day(workshop, day, now)
    session.refresh(day, with_for_update={"key_share": True})
    if day.walk_ins >= MOST_WALK_INS:
        raise InvalidInput("これより多くは数えられません。", field="walk_ins")
    before = (day.walk_ins, day.again)
    day.walk_ins += 1
    _record_walk_ins(session, workshop, day, before, actor=actor, now=now)


def check_day(workshop: Workshop, day: WorkshopDay, now: datetime) -> None:
    """Refuse to count people on a day that is not held or has not come.

    Raises:
        StateConflict: so it is.

    """
    if workshop.state in {WorkshopState.CANCELLED, WorkshopState.POSTPONED}:
        raise StateConflict("この催しは中止または延期されています。受付はできません。")
    if workshop.state is WorkshopState.PREPARING:
        raise StateConflict("この催しは、まだ公表されていません。")
    if day.stop_reason:
        raise StateConflict("この日は中止になりました。受付はできません。")
    if clock.local_date(now) < clock.local_date(day.starts_at):
        raise StateConflict("この日はまだ来ていません。受付は開催日からできます。")


def _is_first(workshop: Workshop, day: WorkshopDay) -> bool:
    standing = [one for one in workshop.days if not one.stop_reason]
    return bool(standing) and standing[0].id == day.id


def _check_people(people: int) -> None:
    if not 1 <= people <= MOST_PEOPLE:
        raise InvalidInput(
            f"人数は、1人から{MOST_PEOPLE}人までで入力してください。", field="people"
        )


def _record(
    session: Session,
    workshop: Workshop,
    verb: str,
    application_id: int,
    after: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        session,
        f"workshops.attendance.{verb}",
        actor=actor,
        now=now,
        subject=f"application:{application_id}",
        after=after,
        department_id=workshop.department_id,
    )


def _record_walk_ins(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    before: tuple[int, int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    session.flush()
    audit.record(
        session,
        "workshops.walk_ins.recorded",
        actor=actor,
        now=now,
        subject=f"workshop_day:{day.id}",
        before={"walk_ins": before[0], "again": before[1]},
        after={"walk_ins": day.walk_ins, "again": day.again},
        department_id=workshop.department_id,
    )
