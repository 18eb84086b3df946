"""The text of a reminder, in the language of whom it goes to."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from participation.core.speech import JAPANESE, Speech
from participation.mail.links import site_url
from participation.workshops.labels import SEAT_LABELS
from participation.workshops.models import SeatKind, SeatPool, Workshop, WorkshopDay
from participation.workshops.services.joining import online_access
from participation.workshops.wording import day_words

_CALENDAR = "/calendar/workshop/{}.ics"


def reminder_text(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    days: Sequence[WorkshopDay],
    *,
    seats: int,
    children: int,
    say: Speech = JAPANESE,
) -> str:
    """Return what a reminder says: when and where; how to join only for an online seat."""
    where = say.gettext(SEAT_LABELS[pool.kind])
    lines = [
        say.gettext("お申込みの催しの開催日が近づきました。"),
        "",
        workshop.title,
        say.gettext("人数：%(count)s人（%(where)s）", count=seats, where=where),
        "",
    ]
    for day in days:
        lines += _day_lines(session, day, pool.kind, say)
    if children:
        lines += [
            say.gettext("託児：お子さん%(count)s人", count=children),
            say.gettext("お子さんのふだんの飲み物や着替えなどは、お名前を書いてお持ちください。"),
            "",
        ]
    if workshop.belongings:
        lines += [say.gettext("持ち物：%(things)s", things=workshop.belongings), ""]
    calendar = site_url(session) + _CALENDAR.format(workshop.id)
    lines += [
        say.gettext("カレンダーに入れるファイル"),
        calendar,
        "",
        say.gettext(
            "来られなくなったときは、下のページで取り消してください。席を次の方にご案内できます。"
        ),
    ]
    return "\n".join(lines)


def _day_lines(session: Session, day: WorkshopDay, kind: SeatKind, say: Speech) -> list[str]:
    lines = [say.gettext("日時：%(when)s", when=day_words(day, say))]
    if kind is SeatKind.ONLINE:
        access = online_access(session, day).strip()
        lines += [say.gettext("参加方法："), access] if access else []
        return [*lines, ""]
    where = "　".join(part for part in (day.venue, day.address) if part)
    lines += [say.gettext("会場：%(where)s", where=where)] if where else []
    lines += [day.access.strip()] if day.access.strip() else []
    return [*lines, ""]
