"""Whether a form that came before came with the same words: else its sender must be told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.submissions.models import Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import Application, Registration
from participation.workshops.services.applying import NewApplication
from participation.workshops.services.registering import sent_sender


def same_as_stored(session: Session, application_id: int, new: NewApplication) -> bool:
    """Whether ``new`` asks for what the stored application asked for, by the same person.

    Once the sender is erased nobody can tell, and it counts as the same.
    """
    application = session.get_one(Application, application_id)
    wishes = session.execute(
        select(Registration.pool_id, Registration.seats).where(
            Registration.application_id == application_id
        )
    )
    if {(pool_id, seats) for pool_id, seats in wishes} != {
        (wish.pool_id, wish.seats) for wish in new.wishes
    }:
        return False
    stored = (application.party, application.eligibility_id, application.first_time)
    if stored != (new.party, new.eligibility_id, new.first_time):
        return False
    sender = session.scalar(select(Sender).where(Sender.receipt_id == application.receipt_id))
    if sender is None or sender.contents is None:
        return True
    return contents_of(session, sender) == sent_sender(new)
