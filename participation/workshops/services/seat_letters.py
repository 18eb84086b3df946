"""Letters about a registration: it is received, a seat is offered, an offer has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.mail import services as mail
from participation.submissions.models import Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import Application, Registration, SeatPool, Workshop
from participation.workshops.services.links import link_of
from participation.workshops.wording import days_by_id, moment_words, pool_words

RECEIPT_KIND = "workshops.receipt"
OFFER_KIND = "workshops.offer"
LAPSE_KIND = "workshops.lapse"
_CLOSING = "このメールに返信しても届きません。\n"


@dataclass(frozen=True)
class Line:
    """One registration in a letter: for what, how many, and what it is worth."""

    words: str
    seats: str
    status: str

    def __str__(self) -> str:
        return f"・{self.words} {self.seats}：{self.status}"


def receipt_letter(
    *,
    title: str,
    recipient: str,
    number: str,
    secret: str,
    received_at: datetime,
    lines: Sequence[Line],
    link: str,
    lookup: str,
) -> mail.NewMessage:
    """Return the letter with the number, what was registered, and the link to take it back."""
    listed = "\n".join(str(line) for line in lines)
    body = (
        f"次の催しへの申込みを受け付けました。\n\n"
        f"{title}\n\n"
        f"{listed}\n\n"
        f"受付番号：{number}\n"
        f"照会コード：{secret}\n"
        f"受付日時：{moment_words(received_at)}\n\n"
        f"参加できなくなったときは、次のページで取り消してください。席が空くと、次の方に"
        f"ご案内できます。キャンセル待ちの席をご案内したときも、同じページで決められます。\n"
        f"{link}\n\n"
        f"当日の受付で使うQRコードは、受付番号と照会コードを次のページに入力すると表示できます。\n"
        f"{lookup}\n\n"
        f"このメールのリンクと照会コードを知っている人は、申込みを取り消すことができます。"
        f"取扱いにご注意ください。\n" + _CLOSING
    )
    return mail.NewMessage(
        kind=RECEIPT_KIND, recipient=recipient, subject="催しへの申込みを受け付けました", body=body
    )


def send_offer(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    registration: Registration,
    *,
    now: datetime,
) -> bool:
    """Tell who waited that a seat is held for them; False without an address: they are called."""
    assert registration.offered_until is not None
    return _send(
        session,
        workshop,
        registration,
        kind=OFFER_KIND,
        subject="キャンセル待ちの席が用意できました",
        text=(
            f"キャンセル待ちをされていた次の催しで、席が用意できました。\n\n"
            f"{workshop.title}\n{pool_words(pool, days_by_id(workshop.days))}\n\n"
            f"{moment_words(registration.offered_until)}までに、次のページで、参加するかどうかを"
            f"決めてください。期限を過ぎると、席は次の方にご案内します。\n"
        ),
        now=now,
    )


def send_lapse(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    registration: Registration,
    *,
    now: datetime,
) -> bool:
    """Tell somebody that the time to accept has passed; False without an address."""
    return _send(
        session,
        workshop,
        registration,
        kind=LAPSE_KIND,
        subject="席のご案内の期限が過ぎました",
        text=(
            f"次の催しで席をご案内していましたが、お返事の期限が過ぎたため、次の方にご案内します。"
            f"\n\n{workshop.title}\n{pool_words(pool, days_by_id(workshop.days))}\n\n"
            f"申込みの状態は、次のページで確かめられます。\n"
        ),
        now=now,
    )


def _send(
    session: Session,
    workshop: Workshop,
    registration: Registration,
    *,
    kind: str,
    subject: str,
    text: str,
    now: datetime,
) -> bool:
    application = session.get_one(Application, registration.application_id)
    address = mail_address(session, application)
    if not address:
        return False
    number = session.get_one(Receipt, application.receipt_id).number
    contact = workshop.phone or workshop.email
    asking = f"問合せ先：{workshop.section_name} {contact}\n" if contact else ""
    mail.send(
        session,
        kind=kind,
        recipient=address,
        subject=subject,
        body=f"{text}{link_of(session, number)}\n\n受付番号：{number}\n{asking}{_CLOSING}",
        now=now,
    )
    return True


def mail_address(session: Session, application: Application) -> str:
    """Return the address that an application is written to; empty without one, or once erased."""
    if not application.has_mail:
        return ""
    sender = session.scalar(select(Sender).where(Sender.receipt_id == application.receipt_id))
    return "" if sender is None else contents_of(session, sender).get("email", "")
