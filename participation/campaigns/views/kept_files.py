"""Files of a form that is not sent yet: checked, sealed, and put aside with the form."""

from dataclasses import replace
from datetime import datetime

from flask import request
from flask_babel import gettext as _

from participation.campaigns.forms.public_form import Draft
from participation.campaigns.services.web_intake import RESIDENT
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.submissions.services.saved_forms import (
    KEPT_UNASKED,
    SavedContent,
    save_form,
    saved_form,
)
from participation.submissions.services.sealed_files import SealedFile, seal
from participation.submissions.services.uploads import MOST_FILES, check_upload
from participation.web import transaction

_LONGEST_NAME = 200


def take_uploads(
    draft: Draft, content: SavedContent | None, *, subject: str, allowed: bool, now: datetime
) -> tuple[Draft, SavedContent | None, dict[str, str]]:
    """Keep the files of this request with the form.

    Returns:
        The form with the token of what is put aside, what is put aside, and what was refused:
        the control's id to a sentence.

    """
    uploads = [one for one in request.files.getlist("files") if one.filename]
    if not uploads or not allowed:
        return draft, content, {}
    kept = () if content is None else content.files
    checked: list[tuple[str, str, bytes]] = []
    problems: list[str] = []
    for upload in uploads:
        name = (upload.filename or "")[-_LONGEST_NAME:]
        if len(kept) + len(checked) >= MOST_FILES:
            problems.append(
                _("「%(name)s」：添付できるのは%(most)s件までです。", name=name, most=MOST_FILES)
            )
            continue
        try:
            # Before anything is asked of the database: decoding a picture takes its time.
            checked.append((name, *check_upload(upload.read(), name)))
        except InvalidInput as error:
            problems.append(str(error))
    session = db.session()
    new = [
        seal(session, data, name=name, media_type=media_type, actor=RESIDENT, now=now)
        for name, media_type, data in checked
    ]
    if new:
        draft, content = _keep(draft, content, (*kept, *new), subject=subject, now=now)
    return draft, content, {"files": "\n".join(problems)} if problems else {}


def drop(
    draft: Draft, content: SavedContent | None, number: int, *, subject: str, now: datetime
) -> tuple[Draft, tuple[SealedFile, ...]]:
    """Take one file off the form; without its key nobody can read it any more."""
    if content is None:
        return draft, ()
    left = tuple(one for position, one in enumerate(content.files) if position != number)
    draft, kept = _keep(draft, content, left, subject=subject, now=now)
    return draft, () if kept is None else kept.files


def _keep(
    draft: Draft,
    content: SavedContent | None,
    files: tuple[SealedFile, ...],
    *,
    subject: str,
    now: datetime,
) -> tuple[Draft, SavedContent | None]:
    session = db.session()
    expires_at = None if content is None else content.expires_at
    token = save_form(
        session,
        token=draft.saved,
        subject=subject,
        # What was typed is written down only when its writer asks for it.
        fields=content.fields if content is not None else {},
        files=files,
        asked=content is not None and content.asked,
        now=now,
        expires_at=expires_at or now + KEPT_UNASKED,
    )
    kept = saved_form(session, token, subject, now)
    transaction.commit()
    return replace(draft, saved=token), kept
