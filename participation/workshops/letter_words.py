"""The words around a letter to the registered: greeting, link, number, contact."""

from participation.core.speech import JAPANESE, Speech
from participation.workshops.labels import LETTER_LABELS
from participation.workshops.models import LetterKind, Workshop, WorkshopLetter


def closing(say: Speech = JAPANESE) -> str:
    """Return the last line of every letter."""
    return say.gettext("このメールに返信しても届きません。") + "\n"


def number_line(number: str, say: Speech = JAPANESE) -> str:
    """Return the line with the receipt's number."""
    return say.gettext("受付番号：%(number)s", number=number)


def contact_lines(
    workshop: Workshop, *, department: str = "", say: Speech = JAPANESE
) -> tuple[str, ...]:
    """Return whom to ask, a line each: the office, telephone, FAX, e-mail."""
    office = " ".join(part for part in (department, workshop.section_name) if part)
    reach = (
        (say.gettext("電話"), workshop.phone),
        (say.gettext("FAX"), workshop.fax),
        (say.gettext("メール"), workshop.email),
    )
    lines = (office, *(f"{name} {value}" for name, value in reach if value))
    return tuple(line for line in lines if line)


def contact_line(workshop: Workshop, say: Speech = JAPANESE) -> str:
    """Return whom to ask in one line, empty where nobody is named."""
    contact = workshop.phone or workshop.email
    if not contact:
        return ""
    office = f"{workshop.section_name} {contact}"
    return say.gettext("問合せ先：%(office)s", office=office) + "\n"


def letter_body(
    text: str, *, workshop: Workshop, number: str, link: str, say: Speech = JAPANESE
) -> str:
    """Return the whole text of a mail to somebody registered.

    Args:
        text: what is told.
        workshop: about what.
        number: 受付番号 of the recipient.
        link: to the recipient's application.
        say: the language of the recipient.

    """
    asking = "\n".join(contact_lines(workshop, say=say))
    contact = say.gettext("問合せ先") + f"\n{asking}\n\n" if asking else ""
    about = say.gettext("催し：%(title)s", title=workshop.title)
    manage = say.gettext("申込みの状態の確認と取消しは、次のページでできます。")
    return (
        f"{text.rstrip()}\n\n"
        "----\n"
        f"{about}\n"
        f"{number_line(number, say)}\n"
        f"{manage}\n"
        f"{link}\n\n"
        f"{contact}"
        f"{closing(say)}"
    )


def letter_subject(letter: WorkshopLetter, say: Speech) -> str:
    """Return the subject of a letter: as the department wrote it, in English after what it is."""
    if not say.is_foreign:
        return letter.subject
    return f"{say.gettext(LETTER_LABELS[letter.kind])}: {letter.subject}"


def letter_text(letter: WorkshopLetter, say: Speech) -> str:
    """Return a letter's text: as the department wrote it, after a word for who reads it hardly."""
    if say == JAPANESE:
        return letter.body
    original = say.gettext("担当課が書いた日本語の文を、次にそのまま載せます。")
    return f"{_what_it_is(letter, say)}\n{original}\n\n{letter.body}"


def _what_it_is(letter: WorkshopLetter, say: Speech) -> str:
    if letter.online_only:
        return say.gettext(
            "お申込みの催しの、オンラインの参加方法をお知らせします。"
            "このメールの終わりにあるページで確かめてください。"
        )
    match letter.kind:
        case LetterKind.CANCELLED:
            return say.gettext("お申込みの催しの、全部または一部が中止になりました。")
        case LetterKind.POSTPONED:
            return say.gettext("お申込みの催しが延期になりました。申込みはそのまま有効です。")
        case LetterKind.CHANGED:
            return say.gettext("お申込みの催しの、日時、会場などが変わりました。")
        case LetterKind.QUESTIONNAIRE:
            return say.gettext(
                "催しは終わりました。アンケートにお答えください。お名前は聞きません。"
            )
        case LetterKind.TYPED:
            return say.gettext("お申込みの催しについて、担当課からお知らせがあります。")
