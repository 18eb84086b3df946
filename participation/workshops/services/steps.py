"""What people decide about a workshop: to announce, postpone, resume or cancel it, or to report it.

Nothing is dated back and nothing disappears: what was postponed or cancelled stays with its reason,
and everybody registered is told. The table of states stands in ``state_machine``.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from participation.audit.life import Step, check
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.news.models import NewsEvent
from participation.workshops.checks import checks_before_announcing, stops
from participation.workshops.models import (
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopNotice,
    WorkshopNoticeKind,
)
from participation.workshops.models import WorkshopState as S
from participation.workshops.services.days import check_hours, refresh_span, remind_anew
from participation.workshops.services.freezing import hold_pools
from participation.workshops.services.promotion import run_anew
from participation.workshops.services.state_machine import (
    ANNOUNCE,
    CANCEL,
    POSTPONE,
    REPORT,
    RESUME,
    check_version,
    hold,
    move,
    record,
)
from participation.workshops.services.telling import (
    CANCELLED,
    DAY_CANCELLED,
    OTHER,
    POSTPONED,
    RESUMED,
    checked_text,
    tell,
    tell_news,
)
from participation.workshops.wording import day_words


def announce(
    session: Session,
    workshop: Workshop,
    *,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Announce a workshop (公表): residents see it from now on and register in its pools' time.

    Args:
        session: the session of the act.
        workshop: one that is being prepared.
        version: the version that was looked at, if a person decides.
        actor: who decides it.
        now: when; the day of the announcement.

    Raises:
        StateConflict: it is announced already, or was edited since it was looked at.
        InvalidInput: something is missing without which residents would be misled.

    """
    _begin(session, workshop, ANNOUNCE, version)
    stopping = stops(checks_before_announcing(session, workshop, now))
    if stopping:
        raise InvalidInput(
            "次の点を直すまで公表できません："
            + " ".join(f"{finding.text}{finding.advice}" for finding in stopping)
        )
    workshop.announced_on = clock.local_date(now)
    more = {"first_day": workshop.first_day, "last_day": workshop.last_day}
    move(session, workshop, ANNOUNCE, actor=actor, now=now, more=more)
    tell_news(session, workshop, NewsEvent.ANNOUNCED, workshop.summary, now=now)


def postpone(
    session: Session,
    workshop: Workshop,
    *,
    reason: str,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Postpone a workshop; who registered keeps seat and place, and is told.

    Raises:
        StateConflict: it is not announced, its days are over, or it was edited meanwhile.
        InvalidInput: the reason is missing.

    """
    _begin(session, workshop, POSTPONE, version)
    _refuse_when_over(workshop, now, "延期")
    workshop.stop_reason = checked_text(reason, field="reason")
    move(session, workshop, POSTPONE, actor=actor, now=now, reason=workshop.stop_reason)
    tell(
        session,
        workshop,
        POSTPONED,
        workshop.stop_reason,
        body=f"「{workshop.title}」を延期します。新しい日程は、決まりしだいお知らせします。"
        f"\n\n{workshop.stop_reason}\n\n申込みはそのまま有効です。",
        actor=actor,
        now=now,
    )


def resume(
    session: Session,
    workshop: Workshop,
    *,
    times: Mapping[int, tuple[datetime, datetime]],
    text: str,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Fix new days for a postponed workshop: residents see them, who registered is told.

    Args:
        session: the session of the act.
        workshop: one that is postponed.
        times: for each day that stands and had not been held, its new beginning and end.
        text: what to tell; the new days are added to it.
        version: the version that was looked at.
        actor: who decides it.
        now: when.

    Raises:
        StateConflict: it is not postponed, or was edited meanwhile.
        InvalidInput: a day is missing, lies in the past or ends before it begins.

    """
    pools = _begin(session, workshop, RESUME, version)
    waiting = days_to_fix(workshop)
    before = {str(day.id): day.starts_at for day in waiting}
    for day in waiting:
        if day.id not in times:
            raise InvalidInput("すべての日について、新しい日時を入力してください。")
        starts_at, ends_at = times[day.id]
        check_hours(starts_at, ends_at)
        if starts_at <= now:
            raise InvalidInput("新しい日程は、これからの日にしてください。")
        day.starts_at, day.ends_at = starts_at, ends_at
    told = checked_text(text, field="text")
    session.flush()
    refresh_span(session, workshop)
    remind_anew(session, workshop, waiting)
    run_anew(session, workshop, pools.values(), now)
    lines = "\n".join(day_words(day) for day in workshop.days if not day.stop_reason)
    told = f"{told}\n\n新しい日程\n{lines}"
    workshop.stop_reason = ""
    move(
        session,
        workshop,
        RESUME,
        actor=actor,
        now=now,
        reason=text,
        before={"days": before},
        more={"days": {str(day.id): day.starts_at for day in waiting}},
    )
    tell(
        session,
        workshop,
        RESUMED,
        told,
        body=f"{told}\n\n申込みはそのまま有効です。来られなくなった方は、取消しをお願いします。",
        actor=actor,
        now=now,
    )


def cancel(
    session: Session,
    workshop: Workshop,
    *,
    reason: str,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Cancel a workshop; it stays with the reason, and everybody registered is told.

    Raises:
        StateConflict: its outcome is published, it is over, or it was cancelled before.
        InvalidInput: the reason is missing.

    """
    _begin(session, workshop, CANCEL, version)
    if workshop.state is S.ANNOUNCED:
        _refuse_when_over(workshop, now, "中止")
    workshop.stop_reason = checked_text(reason, field="reason")
    move(session, workshop, CANCEL, actor=actor, now=now, reason=workshop.stop_reason)
    tell(
        session,
        workshop,
        CANCELLED,
        workshop.stop_reason,
        body=f"「{workshop.title}」を中止します。\n\n{workshop.stop_reason}",
        actor=actor,
        now=now,
    )


def cancel_day(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    *,
    reason: str,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Cancel one day; the others stand.

    Raises:
        StateConflict: the workshop is not announced, the day is over or cancelled already, or it
            is the last one that stands.
        InvalidInput: the reason is missing.

    """
    _begin(session, workshop, CANCEL, version)
    if day.stop_reason or day.ends_at <= now:
        raise StateConflict("この日はすでに中止したか、終わっています。")
    if all(one.stop_reason or one.id == day.id for one in workshop.days):
        raise StateConflict("残っている日はこの日だけです。催し全体を中止してください。")
    day.stop_reason = checked_text(reason, field="reason")
    refresh_span(session, workshop)
    text = f"{day_words(day)}の回を中止します。\n\n{day.stop_reason}"
    record(
        session,
        workshop,
        "day_cancelled",
        actor=actor,
        now=now,
        reason=day.stop_reason,
        after={"day_id": day.id, "starts_at": day.starts_at},
    )
    tell(
        session,
        workshop,
        DAY_CANCELLED,
        text,
        body=f"「{workshop.title}」の{text}",
        day=day,
        actor=actor,
        now=now,
    )


def publish_notice(
    session: Session,
    workshop: Workshop,
    *,
    text: str,
    by_mail: bool = False,
    actor: Actor,
    now: datetime,
) -> WorkshopNotice:
    """Tell residents something about a workshop (お知らせ); it stays with its date.

    Args:
        session: the session of the act.
        workshop: one that residents see.
        text: what to tell.
        by_mail: whether everybody registered is written to as well.
        actor: who tells it.
        now: when.

    Raises:
        StateConflict: the workshop is not announced, so nobody would see it.
        InvalidInput: the text is missing or too long.

    """
    _hold(session, workshop)
    text = checked_text(text, field="text")
    if workshop.state is S.PREPARING:
        raise StateConflict("お知らせは、催しを公表してから掲載できます。")
    record(session, workshop, "notice_published", actor=actor, now=now, after={"text": text})
    return tell(session, workshop, OTHER, text, by_mail=by_mail, actor=actor, now=now)


def mark_reported(
    session: Session, workshop: Workshop, *, text: str = "", actor: Actor, now: datetime
) -> None:
    """Say that the outcome is out (開催結果); once more for a corrected one.

    Args:
        session: the session of the act.
        workshop: one whose last day has begun.
        text: one or two plain sentences for the news.
        actor: who publishes it.
        now: when.

    Raises:
        StateConflict: it was never announced, is postponed or cancelled, or nothing has been held.

    """
    _begin(session, workshop, REPORT)
    if all(day.stop_reason or day.starts_at > now for day in workshop.days):
        raise StateConflict("開催結果を公表できるのは、催しが始まった後です。")
    again = workshop.state is S.REPORTED
    move(session, workshop, REPORT, actor=actor, now=now)
    event = NewsEvent.CHANGED if again else NewsEvent.DECIDED
    tell_news(session, workshop, event, text, now=now)


def days_to_fix(workshop: Workshop) -> list[WorkshopDay]:
    """Return the days of a postponed workshop that need a new time: those not held before it.

    A day that was over when the workshop was postponed stays as it was held.
    """
    postponed = [
        notice.at for notice in workshop.notices if notice.kind is WorkshopNoticeKind.POSTPONED
    ]
    since = max(postponed, default=None)
    return [
        day
        for day in workshop.days
        if not day.stop_reason and (since is None or day.ends_at > since)
    ]


def _begin(
    session: Session, workshop: Workshop, step: Step[S], version: int | None = None
) -> dict[int, SeatPool]:
    pools = _hold(session, workshop)
    check(step, workshop)
    check_version(workshop, version)
    return pools


def _hold(session: Session, workshop: Workshop) -> dict[int, SeatPool]:
    # Whoever is registering now is waited for, so that the letter reaches that person too.
    pools = hold_pools(session, workshop)
    hold(session, workshop)
    session.expire(workshop, ["days"])
    return pools


def _refuse_when_over(workshop: Workshop, now: datetime, what: str) -> None:
    if all(day.stop_reason or day.ends_at <= now for day in workshop.days):
        raise StateConflict(f"日程がすべて終わっているため、{what}できません。")
