"""Letters after a draw: to each with an e-mail address one, who won as who did not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.speech import Speech
from participation.mail import services as mail
from participation.privacy.crypto import keyring
from participation.submissions.models import Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.letter_words import closing, contact_line, number_line
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


def prepared_letters(session: Session, draw_id: int, *, now: datetime) -> list[dict[str, Any]]:
    """Return the rows of the letters of a draw, for ``mail.send_prepared``; only reads.

    Whoever has cancelled since, or has been offered a seat, gets none: that act has its own.
    """
    draw = session.get_one(LotteryDraw, draw_id)
    pool = session.get_one(SeatPool, draw.pool_id)
    workshop = session.get_one(Workshop, pool.workshop_id)
    days = days_by_id(workshop.days)
    page = f"{site_url(session)}/workshops/{workshop.id}/draws/{draw.id}/"
    keys = keyring(session)
    rows: list[dict[str, Any]] = []
    waiting = 0
    for entry, status, language, sender in _addressed(session, draw_id):
        waiting += not entry.won
        say = Speech(language)
        text = _text(
            entry, status, waiting, f"{workshop.title}\n{pool_words(pool, days, say)}", say
        )
        address = "" if sender is None else contents_of(session, sender).get("email", "")
        if not text or not address:
            continue
        subject, body = text
        body = (
            f"{body}\n{link_of(session, entry.number)}\n\n"
            f"{number_line(entry.number, say)}\n\n{_published(say)}\n{page}\n\n"
            f"{contact_line(workshop, say)}{closing(say)}"
        )
        message = mail.NewMessage(kind=KIND, recipient=address, subject=subject, body=body)
        rows.append(mail.prepare(keys, message, now=now))
    return rows


def _addressed(
    session: Session, draw_id: int
) -> list[tuple[DrawEntry, RegistrationStatus, str, Sender | None]]:
    """Return all entries in the order of the draw; the sender only where there is an address."""
    found: list[tuple[DrawEntry, RegistrationStatus, str, Sender | None]] = []
    last = 0
    while True:
        rows: Sequence[Any] = session.execute(
            select(DrawEntry, Registration.status, Application.language, Sender)
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
        found += [tuple(row) for row in rows]


def _text(
    entry: DrawEntry, status: RegistrationStatus, waiting: int, what: str, say: Speech
) -> tuple[str, str] | None:
    """Return subject and body; None for whoever has gone on since the draw."""
    match status:
        case RegistrationStatus.CONFIRMED if entry.won:
            return say.gettext("抽選の結果、参加が決まりました"), _three(
                say.gettext(
                    "抽選の結果、次の催しへの参加が決まりました（%(count)s名）。", count=entry.seats
                ),
                what,
                say.gettext(
                    "参加できなくなったときは、次のページで取り消してください。席は、"
                    "キャンセル待ちの方にご案内します。"
                ),
            )
        case RegistrationStatus.WAITLISTED:
            return say.gettext("抽選の結果、キャンセル待ちになりました"), _three(
                say.gettext(
                    "抽選の結果、次の催しは、キャンセル待ち%(place)s番目になりました。",
                    place=waiting,
                ),
                what,
                say.gettext(
                    "席が空いたら、メールでご案内します。待つのをやめるときは、次のページで"
                    "取り消してください。"
                ),
            )
        case RegistrationStatus.LOST:
            return say.gettext("抽選の結果のお知らせ"), _three(
                say.gettext(
                    "抽選の結果、次の催しは、申込みが定員を超えたため、参加していただけませんでした。"
                    "お申し込みいただき、ありがとうございました。"
                ),
                what,
                say.gettext("申込みの状態は、次のページで確かめられます。"),
            )
        case _:
            return None


def _published(say: Speech) -> str:
    return say.gettext("抽選のしかたと結果は、次のページで公開しています。")


def _three(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)
