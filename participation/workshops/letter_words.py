"""The words around a letter to the registered: greeting, link, number, contact."""

from participation.workshops.models import Workshop

CLOSING = "このメールに返信しても届きません。"


def contact_lines(workshop: Workshop, *, department: str = "") -> tuple[str, ...]:
    """Return whom to ask, a line each: the office, telephone, FAX, e-mail."""
    office = " ".join(part for part in (department, workshop.section_name) if part)
    reach = (("電話", workshop.phone), ("FAX", workshop.fax), ("メール", workshop.email))
    lines = (office, *(f"{name} {value}" for name, value in reach if value))
    return tuple(line for line in lines if line)


def letter_body(text: str, *, workshop: Workshop, number: str, link: str) -> str:
    """Return the whole text of a mail to somebody registered.

    Args:
        text: what is told.
        workshop: about what.
        number: 受付番号 of the recipient.
        link: to the recipient's application.

    """
    asking = "\n".join(contact_lines(workshop))
    contact = f"問合せ先\n{asking}\n\n" if asking else ""
    return (
        f"{text.rstrip()}\n\n"
        "----\n"
        f"催し：{workshop.title}\n"
        f"受付番号：{number}\n"
        "申込みの状態の確認と取消しは、次のページでできます。\n"
        f"{link}\n\n"
        f"{contact}"
        f"{CLOSING}\n"
    )
