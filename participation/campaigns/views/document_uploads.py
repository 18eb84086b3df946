"""The file of a form about a document: checked, stored at once, and kept when the form is not."""

import uuid

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from participation.campaigns.forms.documents import VersionForm
from participation.campaigns.models import Campaign
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.files.models import StoredFile
from participation.files.services import store
from participation.submissions.services.uploads import check_upload
from participation.web import transaction

# The request as a whole has a limit as well (MAX_UPLOAD_BYTES).
_MOST_BYTES = 100 * 1024 * 1024
_KEPT_SECONDS = 12 * 60 * 60  # as long as a session at most


def take_file(form: VersionForm, campaign: Campaign, actor: Actor) -> StoredFile | None:
    """Return the file that came with the form now or on an earlier try; None without one.

    It is stored and committed before anything else is looked at, and the form carries its number,
    signed: what is wrong with another field costs nobody an upload.
    """
    upload = form.file.data
    if isinstance(upload, FileStorage) and upload.filename:
        data = upload.read()
        try:
            # Before anything is asked of the database: decoding a picture takes its time.
            media_type, data = check_upload(data, upload.filename, most_bytes=_MOST_BYTES)
        except InvalidInput as error:
            form.file.errors = [*form.file.errors, str(error)]
            return None
        stored = store(
            db.session(),
            data,
            name=upload.filename,
            media_type=media_type,
            actor=actor,
            now=clock.now(),
        )
        token = _signer().dumps([str(stored.id), actor.staff_id, campaign.id])
        transaction.commit()
        form.kept.data = token
        form.kept.raw_data = None
        return stored
    return _kept(form.kept.data or "", campaign, actor)


def _kept(token: str, campaign: Campaign, actor: Actor) -> StoredFile | None:
    try:
        number, staff_id, campaign_id = _signer().loads(token, max_age=_KEPT_SECONDS)
    except (BadSignature, ValueError):
        return None
    if (staff_id, campaign_id) != (actor.staff_id, campaign.id):
        return None
    return db.session().get(StoredFile, uuid.UUID(number))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="document-file")
