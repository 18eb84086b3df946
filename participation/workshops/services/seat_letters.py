"""Letters about a registration: it is received, a seat is offered, an offer has ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.speech import JAPANESE, Speech
from participation.mail import services as mail
from participation.submissions.models import Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.letter_words import closing, contact_line, number_line
from participation.workshops.models import Application, Registration, SeatPool, Workshop
from participation.workshops.services.links import link_of
from participation.workshops.wording import days_by_id, moment_words, pool_words

RECEIPT_KIND = "workshops.receipt"
OFFER_KIND = "workshops.offer"
LAPSE_KIND = "workshops.lapse"
AGAIN_KIND = "workshops.asked_again"


@dataclass(frozen=True)
class Line:
    """One registration in a letter: for what, how many, and what it is worth."""

    words: str
    seats: int
    status: str
    note: str = ""

    def text(self, say: Speech) -> str:
        """Return the line, and below it the note if there is one."""
        line = say.gettext(
            "・%(what)s %(count)s名：%(status)s",
            what=self.words,
            count=self.seats,
            status=self.status,
        )
        return f"{line}\n　{self.note}" if self.note else line


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
    online: bool = False,
    say: Speech = JAPANESE,
) -> mail.NewMessage:
    """Return the letter with the number, what was registered, and the link to take it back.

    Args:
        title: of the event.
        recipient: whom it goes to.
        number: 受付番号.
        secret: 照会コード.
        received_at: when it came.
        lines: what was registered.
        link: to the application.
        lookup: where the number and the secret are typed.
        online: whether some of it is online, so that the link tells how to join.
        say: the language of the form.

    """
    paragraphs = [
        say.gettext("次の催しへの申込みを受け付けました。"),
        title,
        "\n".join(line.text(say) for line in lines),
        "\n".join(
            (
                number_line(number, say),
                say.gettext("照会コード：%(secret)s", secret=secret),
                say.gettext("受付日時：%(moment)s", moment=moment_words(received_at, say)),
            )
        ),
        say.gettext(
            "参加できなくなったときは、次のページで取り消してください。席が空くと、次の方に"
            "ご案内できます。キャンセル待ちの席をご案内したときも、同じページで決められます。"
        )
        + f"\n{link}",
        say.gettext(
            "参加が決まった方は、オンラインの参加方法も、このページで確かめられます。"
            "まだ決まっていないときは、決まったときにメールでお知らせします。"
        )
        if online
        else "",
        say.gettext(
            "当日の受付で使うQRコードは、受付番号と照会コードを次のページに入力すると表示できます。"
        )
        + f"\n{lookup}",
        say.gettext(
            "このメールのリンクと照会コードを知っている人は、申込みを取り消すことができます。"
            "取扱いにご注意ください。"
        )
        + f"\n{closing(say)}",
    ]
    return mail.NewMessage(
        kind=RECEIPT_KIND,
        recipient=recipient,
        subject=say.gettext("催しへの申込みを受け付けました"),
        body="\n\n".join(filter(None, paragraphs)),
    )


def send_offer(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    registration: Registration,
    *,
    now: datetime,
    sooner: bool = False,
) -> bool:
    """Tell who waited that a seat is held for them; False without an address: they are called.

    With ``sooner`` they know of the seat, and have less time, the start being earlier now.
    """

    def words(say: Speech) -> tuple[str, str]:
        if sooner:
            subject = say.gettext("席のご案内の期限が早くなりました")
            why = say.gettext(
                "席をご案内している次の催しの始まりが早くなったため、お返事の期限も早くなりました。"
            )
        else:
            subject = say.gettext("キャンセル待ちの席が用意できました")
            why = say.gettext("キャンセル待ちをされていた次の催しで、席が用意できました。")
        return subject, "\n\n".join(
            (why, _what(workshop, pool, say), _decide_until(registration, say))
        )

    return _send(session, workshop, registration, kind=OFFER_KIND, words=words, now=now)


def send_lapse(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    registration: Registration,
    *,
    now: datetime,
) -> bool:
    """Tell somebody that the time to accept has passed; False without an address."""

    def words(say: Speech) -> tuple[str, str]:
        return say.gettext("席のご案内の期限が過ぎました"), "\n\n".join(
            (
                say.gettext(
                    "次の催しで席をご案内していましたが、お返事の期限が過ぎたため、次の方に"
                    "ご案内します。"
                ),
                _what(workshop, pool, say),
                say.gettext("申込みの状態は、次のページで確かめられます。"),
            )
        )

    return _send(session, workshop, registration, kind=LAPSE_KIND, words=words, now=now)


def send_asked_again(
    session: Session, workshop: Workshop, application: Application, *, now: datetime
) -> bool:
    """Tell somebody registered that the same name and address was sent once more.

    Who has lost the first letter gets the link again; who did not send it hears of it.
    """

    def words(say: Speech) -> tuple[str, str]:
        return say.gettext("すでに申込みを受け付けています"), "\n\n".join(
            (
                say.gettext(
                    "次の催しに、同じお名前とメールアドレスで、もう一度申込みがありました。"
                    "申込みは前のままで、新しい申込みは受け付けていません。"
                ),
                workshop.title,
                say.gettext(
                    "心当たりがないときは、何もしないでください。"
                    "人数や日を変えるときは、次のページで取り消してから、申し込み直してください。"
                ),
            )
        )

    return _write(session, workshop, application, kind=AGAIN_KIND, words=words, now=now)


def _what(workshop: Workshop, pool: SeatPool, say: Speech) -> str:
    return f"{workshop.title}\n{pool_words(pool, days_by_id(workshop.days), say)}"


def _decide_until(registration: Registration, say: Speech) -> str:
    assert registration.offered_until is not None
    return say.gettext(
        "%(moment)sまでに、次のページで、参加するかどうかを決めてください。"
        "期限を過ぎると、席は次の方にご案内します。",
        moment=moment_words(registration.offered_until, say),
    )


def _send(
    session: Session,
    workshop: Workshop,
    registration: Registration,
    *,
    kind: str,
    words: Callable[[Speech], tuple[str, str]],
    now: datetime,
) -> bool:
    application = session.get_one(Application, registration.application_id)
    return _write(session, workshop, application, kind=kind, words=words, now=now)


def _write(
    session: Session,
    workshop: Workshop,
    application: Application,
    *,
    kind: str,
    words: Callable[[Speech], tuple[str, str]],
    now: datetime,
) -> bool:
    address = mail_address(session, application)
    if not address:
        return False
    say = Speech(application.language)
    subject, text = words(say)
    number = session.get_one(Receipt, application.receipt_id).number
    mail.send(
        session,
        kind=kind,
        recipient=address,
        subject=subject,
        body=(
            f"{text}\n{link_of(session, number)}\n\n"
            f"{number_line(number, say)}\n"
            f"{contact_line(workshop, say)}{closing(say)}"
        ),
        now=now,
    )
    return True


def mail_address(session: Session, application: Application) -> str:
    """Return the address that an application is written to; empty without one, or once erased."""
    if not application.has_mail:
        return ""
    sender = session.scalar(select(Sender).where(Sender.receipt_id == application.receipt_id))
    return "" if sender is None else contents_of(session, sender).get("email", "")
