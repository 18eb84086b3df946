"""The writer of submissions from the web: one for the app, started by the first submission."""

from collections.abc import Sequence

from flask import Flask, current_app
from sqlalchemy.orm import Session

from participation.campaigns.services.web_intake import Received, SentForm, receive
from participation.campaigns.views import offers
from participation.core import clock
from participation.core.errors import DomainError
from participation.db.group_commit import GroupCommit
from participation.submissions.writers import hand_over, new_writer

_NAME = "submission_writer"

Writer = GroupCommit[SentForm, Received]


def init_app(app: Flask) -> None:
    """Prepare the writer of ``app`` and the memory of its forms."""
    offers.init_app(app)
    app.extensions[_NAME] = new_writer(app, _write)


def store(form: SentForm) -> Received:
    """Store one form for good.

    Raises:
        NotStoredError: the database does not answer, is locked or full.
        DomainError: why this form cannot be taken.

    """
    writer: Writer = current_app.extensions[_NAME]
    return hand_over(writer, form)


def _write(session: Session, forms: Sequence[SentForm]) -> list[Received | DomainError]:
    return receive(session, forms, now=clock.now())
