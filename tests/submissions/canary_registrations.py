"""A registration with a canary in every field, from the form to the door's code and back again."""

import re

from sqlalchemy import select

from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.submissions.models import Sender
from participation.submissions.sender_fields import FIELDS
from participation.submissions.services.senders import contents_of
from participation.workshops.models import Application, SeatKind
from tests.factories import post
from tests.workshops.arrange import make_pool, make_workshop


def make_event(session, department):
    """An event that asks for everything that an event can ask for."""
    workshop = make_workshop(
        session,
        department,
        retention_days=0,
        needs=["language", "other"],
        kind="town_meeting",
        sender_fields=[{"key": key, "required": False} for key in FIELDS],
    )
    make_pool(session, workshop)
    make_pool(session, workshop, kind=SeatKind.CHILDCARE)
    session.commit()
    return workshop


def register(traces, session, workshop, value):
    """Register, read the mail, look up the receipt, open the link, give one of the two back."""
    client, url = traces.client, f"/workshops/{workshop.id}/register/"
    page = traces.note(client.get(url), "registration form")
    seat, care = re.findall(r'name="(?:day-0|childcare)" value="(\d+)"', page.text)
    fields = {
        "key": re.search(r'name="key" value="([^"]*)"', page.text).group(1),
        "n": "1",
        "day-0": seat,
        "party": "1",
        "childcare": care,
        "c0-name": value("name", "child"),
        "c0-year": "2023",
        "c0-month": "2",
        "c0-day": "28",
        "eligibility": str(workshop.eligibilities[0].id),
        "needs": ["language", "other"],
        "needs_note": value("name", "needs"),
        "x-question": value("name", "question"),
        "website": "",
        **{f"s-{key}": value(key, "event") for key in FIELDS},
    }
    for act in ("add", "confirm", "edit"):
        assert traces.note(post(client, url, {**fields, "act": act})).status_code == 200
    sent = traces.note(post(client, url, {**fields, "act": "send"}))
    assert sent.status_code == 303, sent.text
    receipt = traces.note(client.get(sent.location), "registration receipt")
    number, secret = re.findall(r"<dd>([0-9A-Z-]{14,})</dd>", receipt.text)
    again = traces.note(post(client, url, {**fields, "key": "another" * 4, "act": "send"}))
    assert again.status_code == 409
    shown = post(client, "/receipts/", {"number": number, "secret": secret})
    assert traces.note(shown, "registration looked up").status_code == 200
    _sender_is_kept(session, workshop, value)
    letters = [open_letter(session, one) for one in session.scalars(select(OutboxMessage))]
    # The receipt, and the word that the same person was sent once more.
    bodies = "".join(one.body for one in letters)
    [link] = set(re.findall(r"(/workshops/application/\w+)", bodies))
    session.rollback()
    assert traces.note(client.get(link), "registration link").status_code == 200
    child = re.findall(r'value="cancel:(\d+)"', shown.text)[-1]
    assert traces.note(post(client, link, {"act": f"cancel:{child}"})).status_code == 303
    traces.note(client.get(link), "registration given back")


def _sender_is_kept(session, workshop, value):
    """It is there, encrypted, for who may see it."""
    receipt_id = session.scalar(
        select(Application.receipt_id).where(Application.workshop_id == workshop.id)
    )
    kept = contents_of(
        session, session.scalars(select(Sender).where(Sender.receipt_id == receipt_id)).one()
    )
    for key, flow in (
        ("needs_note", "needs"),
        ("children", "child"),
        ("extra.question", "question"),
    ):
        assert value("name", flow) in kept[key]
