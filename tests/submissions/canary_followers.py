"""Canaries who follow by mail: one confirms and is written to, one never confirms."""

import re

from participation.core import clock
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.news.models import NewsEvent
from participation.news.services import publish
from participation.portal.sweeps import send_digests
from tests.factories import post

TELLING = "緑の基本計画のお知らせ"


def follow(traces, session, addresses):
    """Ask for every address and confirm the first; return the way out of it."""
    client = traces.client.application.test_client()
    for address in addresses:
        form = {"email": address, "topic": ["all"], "rhythm": "daily", "language": "ja"}
        assert traces.note(post(client, "/follow/", form)).status_code == 303
        traces.note(client.get("/follow/asked/"), f"asked {addresses.index(address)}")
    letter = _letter(session, "portal.confirmation", addresses[0])
    path = re.search(r"/follow/confirm/\w+", letter.body)[0]
    traces.note(client.get(path), "confirm")
    settings = traces.note(post(client, path)).location
    traces.note(client.get(settings), "settings")
    return settings.partition("?")[0].replace("settings", "leave")


def tell(app, session, follower_at):
    """Publish something and have it told."""
    publish(
        session,
        NewsEvent.OPENED,
        reference="campaign:1",
        kind="campaign.comment",
        department_id=None,
        title=TELLING,
        now=clock.now(),
    )
    session.commit()
    assert send_digests(session, follower_at) == 1


def leave(traces, path):
    """One click, as a mail program does it."""
    client = traces.client.application.test_client()
    traces.note(client.get(path), "leave")
    assert traces.note(client.post(path), "left").status_code == 200


def _letter(session, kind, recipient):
    session.rollback()
    messages = session.query(OutboxMessage).filter_by(kind=kind)
    found = next(
        letter
        for letter in (open_letter(session, one) for one in messages)
        if letter.recipient == recipient
    )
    session.rollback()
    return found
