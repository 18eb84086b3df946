"""What must be there before a workshop is announced, as a list of what is and what is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.workshops.models import SeatKind, SeatPool, SignUp, Workshop, WorkshopDay
from participation.workshops.queries.workshops import pools_of
from participation.workshops.wording import days_by_id, pool_words


@dataclass(frozen=True)
class Finding:
    """One point of the list; ``advice`` says what to do about one that is not passed."""

    rule: str
    passed: bool
    text: str
    advice: str = ""
    stops: bool = True  # without it residents would be misled, so there is no way around it


def checks_before_announcing(session: Session, workshop: Workshop, now: datetime) -> list[Finding]:
    """Return the points of the list in the order of the work."""
    days = [day for day in workshop.days if not day.stop_reason]
    pools = list(pools_of(session, workshop.id))
    return [
        _description(workshop),
        *_extra(session, workshop),
        *_days(days, now),
        *_places(days),
        *_seats(workshop, days, pools),
        *_deadlines(workshop, days, pools, now),
        _contact(workshop),
        *_asks(workshop),
    ]


def stops(findings: Sequence[Finding]) -> list[Finding]:
    """Return the points that must be put right first."""
    return [finding for finding in findings if not finding.passed and finding.stops]


def _description(workshop: Workshop) -> Finding:
    if workshop.summary.strip() or workshop.description.strip():
        return Finding("description", True, "催しの説明があります。")
    return Finding(
        "description", False, "催しの説明がありません。", "「内容」で概要か説明を入力してください。"
    )


def _extra(session: Session, workshop: Workshop) -> Iterator[Finding]:
    fields = city.kind_of(session, workshop.kind).fields_on("page")
    missing = [
        one.label for one in fields if one.required and not str(workshop.extra.get(one.key, ""))
    ]
    if missing:
        yield Finding(
            "extra",
            False,
            f"種類ごとの項目が空欄です：{'、'.join(missing)}。",
            "「種類ごとの項目」で入力してください。",
        )


def _days(days: Sequence[WorkshopDay], now: datetime) -> Iterator[Finding]:
    if not days:
        yield Finding(
            "days", False, "日程がありません。", "「日程と定員」で日程を追加してください。"
        )
        return
    past = sum(day.starts_at <= now for day in days)
    if past:
        yield Finding(
            "days",
            False,
            f"すでに過ぎた日程が{past}件あります。",
            "「日程と定員」で、これからの日に直すか、消してください。",
        )
    else:
        yield Finding("days", True, f"日程が{len(days)}件あります。")


def _places(days: Sequence[WorkshopDay]) -> Iterator[Finding]:
    nowhere = sum(day.at_venue and not day.venue.strip() for day in days)
    if nowhere:
        yield Finding(
            "venue",
            False,
            f"会場の名称が空欄の日程が{nowhere}件あります。",
            "「日程と定員」で会場を入力してください。",
        )
    elif any(day.at_venue for day in days):
        yield Finding("venue", True, "会場が決まっています。")
    unjoinable = sum(day.online and not day.online_access for day in days)
    if unjoinable:
        yield Finding(
            "online",
            False,
            f"オンラインの参加方法が空欄の日程が{unjoinable}件あります。",
            "後からでも入力できます。参加が決まった方にだけ知らせます。",
            stops=False,
        )


def _seats(
    workshop: Workshop, days: Sequence[WorkshopDay], pools: Sequence[SeatPool]
) -> Iterator[Finding]:
    if workshop.sign_up is SignUp.NONE:
        yield Finding("seats", True, "申込不要の催しです。")
        return
    seats = [pool for pool in pools if pool.kind is not SeatKind.CHILDCARE]
    covered = {pool.day_id for pool in seats}
    missing = (
        0
        if workshop.sign_up is SignUp.WHOLE and covered
        else max(len(days), 1)
        if workshop.sign_up is SignUp.WHOLE
        else sum(day.id not in covered for day in days)
    )
    if missing or not seats:
        yield Finding(
            "seats",
            False,
            "定員のない日程があります。" if seats else "定員がありません。",
            "「日程と定員」で、会場かオンラインの定員を追加してください。",
        )
    else:
        yield Finding("seats", True, "定員が決まっています。")


def _deadlines(
    workshop: Workshop,
    days: Sequence[WorkshopDay],
    pools: Sequence[SeatPool],
    now: datetime,
) -> Iterator[Finding]:
    known = days_by_id(workshop.days)
    over = [pool_words(pool, known) for pool in pools if pool.closes_at <= now]
    if over:
        yield Finding(
            "deadline",
            False,
            f"締切が過ぎています：{'、'.join(over)}。",
            "「日程と定員」で締切を変えてください。",
        )
    late = [pool_words(pool, known) for pool in pools if _closes_late(pool, days, known)]
    if late:
        yield Finding(
            "late",
            False,
            f"締切が、始まりより後になっています：{'、'.join(late)}。",
            "「日程と定員」で締切を始まりより前にしてください。",
        )
    if pools and not over and not late:
        yield Finding("deadline", True, "申込みの締切は、どれも始まりより前です。")


def _closes_late(
    pool: SeatPool, days: Sequence[WorkshopDay], known: dict[int, WorkshopDay]
) -> bool:
    starts = (
        [day.starts_at for day in days] if pool.day_id is None else [known[pool.day_id].starts_at]
    )
    return bool(starts) and pool.closes_at > min(starts)


def _contact(workshop: Workshop) -> Finding:
    if workshop.phone.strip() or workshop.email.strip():
        return Finding("contact", True, "問合せ先があります。")
    return Finding(
        "contact",
        False,
        "問合せ先がありません。",
        "「問合せ先」で電話か電子メールを入力してください。",
    )


def _asks(workshop: Workshop) -> Iterator[Finding]:
    if workshop.sign_up is SignUp.NONE:
        return
    asked = {line["key"] for line in workshop.sender_fields}
    if asked & {"phone", "email"}:
        yield Finding("asks", True, "申し込んだ方に連絡できます。")
    else:
        yield Finding(
            "asks",
            False,
            "申込みのときに、電話番号もメールアドレスも聞いていません。",
            "延期や中止を知らせるため、「申込みのきまり」でどちらかを聞いてください。",
        )
