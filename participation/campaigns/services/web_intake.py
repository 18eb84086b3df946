"""What residents send through the site: decided and stored in one transaction, many at a time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignChannel,
    CampaignState,
    Document,
    DocumentVersion,
    Passage,
)
from participation.campaigns.periods import closing_moment
from participation.campaigns.services.intake import (
    NewSubmission,
    Prepared,
    prepare,
    store_prepared,
)
from participation.campaigns.services.receipt_letter import receipt_letter
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, NotFound, StateConflict
from participation.mail import services as mail
from participation.privacy.crypto import Keyring, keyring
from participation.submissions.models import Channel
from participation.submissions.services.challenges import SpentChallenge, spend
from participation.submissions.services.receipts import find_by_keys
from participation.submissions.services.saved_forms import forget_forms

RESIDENT = Actor(staff_id=None, name="提出者（このサイト）")
_UNSEEN = frozenset({CampaignState.PREPARING})
_PERIODS = (
    select(
        Campaign.id,
        Campaign.department_id,
        Campaign.state,
        Campaign.title,
        Campaign.opens_on,
        Campaign.closes_on,
        CampaignChannel.closing_time,
    )
    .outerjoin(
        CampaignChannel,
        and_(
            CampaignChannel.campaign_id == Campaign.id,
            CampaignChannel.channel == Channel.WEB,
        ),
    )
    .where(Campaign.id.in_(bindparam("ids", expanding=True)))
)


class ChallengeSpent(DomainError):  # noqa: N818 -- in line with core.errors
    """The proof of work went with another submission; the form gets a new one."""

    status = 409


@dataclass(frozen=True)
class SentForm:
    """A form as it was sent, its rows ready, with what is used up by it."""

    prepared: Prepared
    # The copy of the receipt by mail; ``late`` as it speaks of it.
    letter: dict[str, Any] | None
    late: bool
    receipt_url: str  # where the receipt is looked up
    solution: SpentChallenge | None = None
    saved_form_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Received:
    """How it was taken in."""

    submission_id: int
    number: str
    again: bool  # this form had come before; nothing new was stored
    late: bool


@dataclass(frozen=True)
class _Period:
    department_id: int
    state: CampaignState
    title: str
    opens_on: date | None
    closes_on: date | None
    closing_time: str | None


def sent_form(
    keys: Keyring,
    new: NewSubmission,
    *,
    title: str,
    receipt_url: str,
    solution: SpentChallenge | None,
    saved_form_id: uuid.UUID | None,
) -> SentForm:
    """Return a form with its rows encrypted and hashed, before any lock is held.

    Args:
        keys: the installation's keys.
        new: the submission; ``late`` as far as it is known, the writer decides it.
        title: of the campaign, for the mail.
        receipt_url: where the receipt is looked up, for the mail.
        solution: the proof of work, where one was asked for.
        saved_form_id: what was put aside for the form and is not needed any more.

    """
    prepared = prepare(keys, new)
    letter = None
    if new.mail_to:
        message = receipt_letter(title, new, prepared.number, receipt_url, late=new.late)
        letter = mail.prepare(keys, message, now=new.received_at)
    return SentForm(prepared, letter, new.late, receipt_url, solution, saved_form_id)


def receive(
    session: Session, forms: Sequence[SentForm], *, now: datetime
) -> list[Received | DomainError]:
    """Store forms in the one transaction of ``session``; the caller commits (db.group_commit).

    Whether one is late is decided here, by the period as it stands in this transaction and the
    moment its request began. A late one is kept and marked. A form that came before is answered
    as it was then, whatever has happened to the campaign since.

    Args:
        session: the session of the writer.
        forms: what waits.
        now: when they are stored.

    Returns:
        For each form how it was taken in, or the error that its sender gets.

    """
    # First, since it waits for a writer elsewhere that spends the same: what that one stored is
    # then seen by the next statement, and a double click is told apart from a second use.
    spent = spend(session, [form.solution for form in forms if form.solution is not None])
    periods = _periods(session, {form.prepared.new.campaign_id for form in forms})
    passages = _passages(session, forms)
    results: dict[int, Received | DomainError] = {}
    for position, form in enumerate(forms):
        refusal = _refusal(periods.get(form.prepared.new.campaign_id), form, spent)
        if refusal is not None:
            results[position] = refusal
    if results:
        refused = [forms[position].prepared.new.idempotency_key for position in results]
        known = find_by_keys(session, refused)
        results = {
            position: refusal
            for position, refusal in results.items()
            if forms[position].prepared.new.idempotency_key not in known
        }
    chosen = [position for position in range(len(forms)) if position not in results]
    for position in chosen:
        _decide(forms[position].prepared, periods, passages)
    stored = store_prepared(
        session,
        [forms[position].prepared for position in chosen],
        actor=RESIDENT,
        now=now,
        departments={row_id: period.department_id for row_id, period in periods.items()},
    )
    for position, one in zip(chosen, stored, strict=True):
        late = bool(forms[position].prepared.submission["late"])
        results[position] = Received(one.submission_id, one.number, one.again, late)
    fresh = [forms[position] for position, one in zip(chosen, stored, strict=True) if not one.again]
    mail.send_prepared(
        session,
        [row for form in fresh if (row := _letter_row(session, form, periods)) is not None],
    )
    forget_forms(
        session,
        [form_id for position in chosen if (form_id := forms[position].saved_form_id) is not None],
    )
    return [results[position] for position in range(len(forms))]


def _refusal(period: _Period | None, form: SentForm, spent: set[str]) -> DomainError | None:
    """Return why nothing can be sent at all; late is no reason."""
    received_at = form.prepared.new.received_at
    if period is None or period.state in _UNSEEN or period.closes_on is None:
        return NotFound("お探しの意見募集は見つかりませんでした。")
    if period.closing_time is None:
        return StateConflict(
            "この意見募集は、このサイトからは提出できません。ほかの提出方法をご利用ください。"
        )
    if period.state is CampaignState.CANCELLED:
        return StateConflict("この意見募集は中止されました。入力した内容は送信されていません。")
    if period.opens_on is None or clock.local_date(received_at) < period.opens_on:
        return StateConflict("この意見募集はまだ始まっていません。")
    if form.solution is not None and form.solution.signature not in spent:
        return ChallengeSpent("確認のための計算をやり直します。もう一度送信してください。")
    return None


def _decide(
    prepared: Prepared, periods: dict[int, _Period], passages: set[tuple[int, int]]
) -> None:
    """Put into the rows what only the database knows: lateness, and which passages there are."""
    campaign_id = prepared.new.campaign_id
    period = periods.get(campaign_id)
    if period is not None and period.closes_on is not None:
        closes_at = closing_moment(period.closes_on, period.closing_time or "24:00")
        prepared.submission["late"] = prepared.new.received_at >= closes_at
    for row in prepared.opinions:
        if row["passage_id"] is not None and (campaign_id, row["passage_id"]) not in passages:
            row["passage_id"] = None


def _periods(session: Session, campaign_ids: set[int]) -> dict[int, _Period]:
    rows = session.connection().execute(_PERIODS, {"ids": list(campaign_ids)})
    return {
        campaign_id: _Period(department_id, state, title, opens_on, closes_on, closing_time)
        for campaign_id, department_id, state, title, opens_on, closes_on, closing_time in rows
    }


def _passages(session: Session, forms: Sequence[SentForm]) -> set[tuple[int, int]]:
    """Return (campaign, passage) of the named passages that residents can read."""
    wanted = {
        opinion.passage_id
        for form in forms
        for opinion in form.prepared.new.opinions
        if opinion.passage_id is not None
    }
    if not wanted:
        return set()
    rows = session.execute(
        select(Document.campaign_id, Passage.id)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .join(Passage, Passage.version_id == DocumentVersion.id)
        .where(Passage.id.in_(wanted), DocumentVersion.published_at.is_not(None))
    )
    return {(campaign_id, passage_id) for campaign_id, passage_id in rows}


def _letter_row(
    session: Session, form: SentForm, periods: dict[int, _Period]
) -> dict[str, Any] | None:
    """Return the letter, written anew where the deadline moved meanwhile."""
    late = bool(form.prepared.submission["late"])
    if form.letter is None or late == form.late:
        return form.letter
    new = form.prepared.new
    title = periods[new.campaign_id].title
    message = receipt_letter(title, new, form.prepared.number, form.receipt_url, late=late)
    return mail.prepare(keyring(session), message, now=new.received_at)
