"""Opening what names a sender: each look is on record with its reason."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import Campaign, Submission
from participation.campaigns.queries.submissions import attachments_of
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound
from participation.submissions.models import Attachment
from participation.submissions.services.sealed_files import attachment_name, open_sealed


@dataclass(frozen=True)
class OpenedFile:
    """An attachment with its real name and content."""

    name: str = field(repr=False)
    media_type: str
    data: bytes = field(repr=False)


def attachment_names(session: Session, submission: Submission) -> dict[uuid.UUID, str]:
    """Return the names of the files as their sender called them; the caller has disclosed."""
    return {
        attachment.id: attachment_name(session, attachment)
        for attachment in attachments_of(session, submission.receipt_id)
    }


def open_attachment(
    session: Session,
    campaign: Campaign,
    submission: Submission,
    attachment_id: uuid.UUID,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> OpenedFile:
    """Return a file that came with a submission, and write into the audit log who opened it.

    Raises:
        FileUnavailable: it was erased or is missing.
        InvalidInput: no reason.
        NotFound: the submission has no such file.

    """
    if not reason.strip():
        raise InvalidInput("添付ファイルを開く理由を入力してください。", field="reason")
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or attachment.receipt_id != submission.receipt_id:
        raise NotFound("その添付ファイルは見つかりませんでした。")
    opened = OpenedFile(
        name=attachment_name(session, attachment),
        media_type=attachment.media_type,
        data=open_sealed(session, attachment),
    )
    audit.record(
        session,
        "submissions.attachment.downloaded",
        actor=actor,
        now=now,
        subject=f"receipt:{submission.receipt_id}",
        after={"attachment": attachment.id},
        reason=reason.strip(),
        department_id=campaign.department_id,
    )
    return opened
