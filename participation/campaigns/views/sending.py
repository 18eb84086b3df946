"""The last step: a confirmed form becomes a submission, and its sender gets the receipt."""

from datetime import datetime

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from participation.campaigns.forms.public_form import (
    Draft,
    check_draft,
    sent_opinions,
    sent_sender,
)
from participation.campaigns.queries.form_offers import FormOffer
from participation.campaigns.services.intake import NewOpinion, NewSubmission
from participation.campaigns.services.sent_before import same_as_stored
from participation.campaigns.services.web_intake import (
    ChallengeSpent,
    Received,
    SentForm,
    sent_form,
)
from participation.campaigns.views import submit_pages, writer
from participation.core import clock
from participation.core.errors import DomainError
from participation.db.engine import reading_until_a_write
from participation.db.extension import db
from participation.db.group_commit import NotStoredError
from participation.submissions.floods import Pressed, under_pressure
from participation.submissions.issuing import Issued, app_keys, issue
from participation.submissions.models import Channel
from participation.submissions.networks import network_key
from participation.submissions.patience import first_try
from participation.submissions.services.receipts import secret_of_form
from participation.submissions.services.saved_forms import SavedContent, saved_form
from participation.web import language

_TRAPPED = "人には見えない欄に入力がありました。自動で送信されたものかもしれません。"
_BUSY = "同じネットワークから短い時間に多くの提出があったときに届きました。"


def send(offer: FormOffer, draft: Draft) -> ResponseReturnValue:
    """Store a form and lead to its receipt; the same form sent again leads to the same receipt.

    The request's transactions are over before the writer is asked, and nothing here but a form
    with files asks the database at all.
    """
    now: datetime = g.received_at
    content = _put_aside(offer, draft, now)
    files = () if content is None else content.files
    errors = check_draft(draft, offer.wanted, [row_id for row_id, _label in offer.eligibilities])
    if errors:
        return submit_pages.form(offer, draft, files=files, now=now, errors=errors)
    keys = app_keys()
    tried_at = (draft.tried and first_try(keys, draft.key, draft.digest, draft.tried, now)) or now
    pressed = under_pressure(keys, draft, network_key(keys, request.remote_addr), now)
    if pressed is None:
        return submit_pages.confirmation(offer, draft, files=files, now=now, tried_at=tried_at)
    secret = secret_of_form(keys, draft.key)
    form = _form(offer, draft, content, pressed, secret=secret, received_at=tried_at)
    try:
        received = writer.store(form)
    except ChallengeSpent:
        return submit_pages.confirmation(offer, draft, files=files, now=now, tried_at=tried_at)
    except (NotStoredError, DomainError) as error:
        return _not_taken(offer, draft, error, tried_at)
    if received.again and not _is_same(form, received):
        return submit_pages.sent_before(offer, draft, received.number)
    return issue(Issued(received.number, secret), clock.now())


def _not_taken(
    offer: FormOffer, draft: Draft, error: NotStoredError | DomainError, tried_at: datetime
) -> ResponseReturnValue:
    if isinstance(error, DomainError):
        return submit_pages.refused(offer, draft, str(error), error.status)
    return submit_pages.unavailable(offer, draft, tried_at)


def _note(pressed: Pressed) -> str:
    """Return what to tell the staff's list of the flood that a form came in; nothing is refused."""
    notes = [_TRAPPED] if pressed.trapped else []
    return " ".join([*notes, _BUSY] if pressed.busy else notes)


def _form(
    offer: FormOffer,
    draft: Draft,
    content: SavedContent | None,
    pressed: Pressed,
    *,
    secret: str,
    received_at: datetime,
) -> SentForm:
    sender = sent_sender(draft)
    new = NewSubmission(
        campaign_id=offer.id,
        channel=Channel.WEB,
        received_at=received_at,
        arrived_on=clock.local_date(received_at),
        opinions=tuple(
            NewOpinion(one.text, one.place, one.reason, one.passage_id)
            for one in sent_opinions(draft)
        ),
        sender=sender,
        idempotency_key=draft.key,
        late=offer.is_over(received_at),
        anonymous=_asks_name(offer) and not (sender.get("name") or sender.get("organisation")),
        eligibility_id=draft.eligibility_id if offer.eligibilities else None,
        attachments=() if content is None else content.files,
        network_key=pressed.network,
        mail_to=draft.mail_to,
        language=language.choose(),
        secret=secret,
        flag_note=_note(pressed),
    )
    return sent_form(
        app_keys(),
        new,
        title=offer.title,
        receipt_url=submit_pages.base_url() + url_for("receipts.lookup"),
        solution=pressed.solution,
        saved_form_id=None if content is None else content.id,
    )


def _asks_name(offer: FormOffer) -> bool:
    return any(one.key in {"name", "organisation"} for one in offer.wanted)


def _put_aside(offer: FormOffer, draft: Draft, now: datetime) -> SavedContent | None:
    if not draft.saved:
        return None
    with reading_until_a_write():
        content = saved_form(db.session(), draft.saved, f"campaign:{offer.id}", now)
    db.session.rollback()
    return content


def _is_same(form: SentForm, received: Received) -> bool:
    with reading_until_a_write():
        return same_as_stored(db.session(), received.submission_id, form.prepared.new)
