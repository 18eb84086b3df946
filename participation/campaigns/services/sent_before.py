"""Whether a form that came a second time still says what it said the first time."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Opinion, Submission
from participation.campaigns.services.intake import NewSubmission
from participation.submissions.models import Sender
from participation.submissions.services.senders import contents_of


def same_as_stored(session: Session, submission_id: int, new: NewSubmission) -> bool:
    """Whether ``new`` has the opinions and the sender of a stored submission.

    Files are left out: once a form is stored, those that waited with it are the submission's.
    """
    opinions = session.execute(
        select(Opinion.text, Opinion.place, Opinion.reason)
        .where(Opinion.submission_id == submission_id, Opinion.split_from_id.is_(None))
        .order_by(Opinion.number)
    ).all()
    if [tuple(row) for row in opinions] != [(o.text, o.place, o.reason) for o in new.opinions]:
        return False
    sender = session.scalar(
        select(Sender)
        .join(Submission, Submission.receipt_id == Sender.receipt_id)
        .where(Submission.id == submission_id)
    )
    if sender is None:
        return not new.sender
    # After the sender's term only the opinions can be compared.
    return sender.contents is None or contents_of(session, sender) == dict(new.sender)
