"""Letters after a draw: to each with an e-mail address one, who won as who did not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.mail import services as mail
from participation.privacy.crypto import keyring
from participation.submissions.models import Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import (
    Application,
    DrawEntry,
    LotteryDraw,
    Registration,
    RegistrationStatus,
    SeatPool,
    Workshop,
)
from participation.workshops.services.links import link_of, site_url
from participation.workshops.wording import days_by_id, pool_words

KIND = "workshops.draw"
_AT_ONCE = 500
_CLOSING = "このメールに返信しても届きません。\n"
_WON = (
    "抽選の結果、次の催しへの参加が決まりました（{}名）。\n\n{}\n\n"
    "参加できなくなったときは、次のページで取り消してください。席は、キャンセル待ちの方に"
    "ご案内します。\n"
)
_WAITING = (
    "抽選の結果、次の催しは、キャンセル待ち{}番目になりました。\n\n{}\n\n"
    "席が空いたら、メールでご案内します。待つのをやめるときは、次のページで取り消してください。\n"
)
_LOST = (
    "抽選の結果、次の催しは、申込みが定員を超えたため、参加していただけませんでした。"
    "お申し込みいただき、ありがとうございました。\n\n{}\n\n"
    "申込みの状態は、次のページで確かめられます。\n"
)


def prepared_letters(session: Session, draw_id: int, *, now: datetime) -> list[dict[str, Any]]:
    """Return the rows of the letters of a draw, for ``mail.send_prepared``; only reads.

    Whoever has cancelled since, or has been offered a seat, gets none: that act has its own.
    """
    draw = session.get_one(LotteryDraw, draw_id)
    pool = session.get_one(SeatPool, draw.pool_id)
    workshop = session.get_one(Workshop, pool.workshop_id)
    what = f"{workshop.title}\n{pool_words(pool, days_by_id(workshop.days))}"
    page = f"{site_url(session)}/workshops/{workshop.id}/draws/{draw.id}/"
    keys = keyring(session)
    rows: list[dict[str, Any]] = []
    waiting = 0
    for entry, status, sender in _addressed(session, draw_id):
        waiting += not entry.won
        text = _text(entry, status, waiting, what)
        address = "" if sender is None else contents_of(session, sender).get("email", "")
        if not text or not address:
            continue
        subject, body = text
        body = (
            f"{body}{link_of(session, entry.number)}\n\n受付番号：{entry.number}\n\n"
            f"抽選のしかたと結果は、次のページで公開しています。\n{page}\n\n"
            f"{_contact(workshop)}{_CLOSING}"
        )
        message = mail.NewMessage(kind=KIND, recipient=address, subject=subject, body=body)
        rows.append(mail.prepare(keys, message, now=now))
    return rows


def _addressed(
    session: Session, draw_id: int
) -> list[tuple[DrawEntry, RegistrationStatus, Sender | None]]:
    """Return all entries in the order of the draw; the sender only where there is an address."""
    found: list[tuple[DrawEntry, RegistrationStatus, Sender | None]] = []
    last = 0
    while True:
        rows: Sequence[Any] = session.execute(
            select(DrawEntry, Registration.status, Sender)
            .join(Registration, Registration.id == DrawEntry.registration_id)
            .join(Application, Application.id == Registration.application_id)
            .outerjoin(
                Sender,
                (Sender.receipt_id == Application.receipt_id) & Application.has_mail.is_(True),
            )
            .where(DrawEntry.draw_id == draw_id, DrawEntry.rank > last)
            .order_by(DrawEntry.rank)
            .limit(_AT_ONCE)
        ).all()
        if not rows:
            return found
        last = rows[-1][0].rank
        found += [(entry, status, sender) for entry, status, sender in rows]


def _text(
    entry: DrawEntry, status: RegistrationStatus, waiting: int, what: str
) -> tuple[str, str] | None:
    """Return subject and body; None for whoever has gone on since the draw."""
    match status:
        case RegistrationStatus.CONFIRMED if entry.won:
            return "抽選の結果、参加が決まりました", _WON.format(entry.seats, what)
        case RegistrationStatus.WAITLISTED:
            return "抽選の結果、キャンセル待ちになりました", _WAITING.format(waiting, what)
        case RegistrationStatus.LOST:
            return "抽選の結果のお知らせ", _LOST.format(what)
        case _:
            return None


def _contact(workshop: Workshop) -> str:
    contact = workshop.phone or workshop.email
    return f"問合せ先：{workshop.section_name} {contact}\n" if contact else ""
