"""Duties of the worker for registrations: what is kept for a time only."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.workshops.services import reminders, retention


def forget_networks(session: Session, now: datetime) -> None:
    """Erase the keyed hashes of networks whose time is over, some thousands a transaction."""
    while retention.forget_networks(session, now):
        session.commit()


def keep_terms(session: Session, now: datetime) -> None:
    """Date senders whose event is over, and erase old mail."""
    retention.date_senders(session, now)
    retention.erase_letters(session, now)


def remind(session: Session, now: datetime) -> None:
    """Remind who has a seat of the day that comes near, some mails a transaction."""
    while reminders.remind_due(session, now):
        session.commit()


def ask_for_answers(session: Session, now: datetime) -> None:
    """Ask who was there for the answers to the questionnaire."""
    reminders.ask_for_answers(session, now)
