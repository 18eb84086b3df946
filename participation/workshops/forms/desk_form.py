"""The desk's form: what the public form asks, with how and when it came, and open after hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from participation.core.errors import InvalidInput
from participation.core.wareki import parse_date
from participation.submissions.models import Channel
from participation.workshops.childcare import children_json
from participation.workshops.forms.public_checks import check_draft, child_of, party_of
from participation.workshops.forms.public_form import Draft, DraftChild, new_key, read_draft
from participation.workshops.queries.form_offers import FormOffer, OfferedPool
from participation.workshops.services.applying import NewApplication, Wish
from participation.workshops.services.desk import DESK_CHANNELS
from participation.workshops.services.extra_fields import PREFIX

CHILDREN = 3
_LONGEST_DAY = 30
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
# By these somebody is known and reached; what else a form asks may be missing on a paper.
_NEEDED = frozenset({"name", "representative"})


@dataclass(frozen=True)
class DeskDraft:
    """What stands in the desk's form."""

    draft: Draft = field(repr=False)
    channel: str = Channel.COUNTER.value
    arrived_on: str = ""
    late_ok: bool = False

    @property
    def day(self) -> date | None:
        """The day on which it came; None when it is no day."""
        try:
            return parse_date(self.arrived_on)
        except InvalidInput:
            return None

    @property
    def known_channel(self) -> Channel | None:
        """How it came; None when it is none of the desk's ways."""
        return next((one for one in DESK_CHANNELS if one.value == self.channel), None)


def as_desk(offer: FormOffer) -> FormOffer:
    """Return the offer as the desk has it: at any time, with what a paper may leave out.

    Whether it is too late, and whether there is a seat, is for the service to say.
    """
    return replace(
        offer,
        groups=tuple(replace(one, pools=tuple(map(_always, one.pools))) for one in offer.groups),
        childcare=tuple(map(_always, offer.childcare)),
        wanted=tuple(
            replace(one, required=one.required and one.key in _NEEDED) for one in offer.wanted
        ),
        extra=tuple(replace(one, required=False) for one in offer.extra),
    )


def empty_draft(offer: FormOffer, *, channel: str, arrived_on: str) -> DeskDraft:
    """Return a new form; what leaves no choice is chosen."""
    chosen = {}
    if len(offer.groups) == 1 and len(offer.groups[0].pools) == 1:
        chosen = {offer.groups[0].key: offer.groups[0].pools[0].id}
    draft = Draft(key=new_key(), chosen=chosen, children=(DraftChild(),) * CHILDREN)
    return DeskDraft(draft, channel, arrived_on)


def read_desk(form: MultiDict[str, str], offer: FormOffer) -> DeskDraft:
    """Return what the form holds."""
    return DeskDraft(
        draft=read_draft(form, offer),
        channel=form.get("channel", ""),
        arrived_on=form.get("arrived_on", "").strip()[:_LONGEST_DAY],
        late_ok=form.get("late_ok") == "yes",
    )


def check_desk(typed: DeskDraft, offer: FormOffer, now: datetime) -> dict[str, str]:
    """Return what is wrong: control's id to a sentence; empty when all is well."""
    errors: dict[str, str] = {}
    if typed.known_channel is None:
        errors["channel"] = _("申込みの方法を選んでください。")
    if typed.day is None:
        errors["arrived_on"] = _("受け付けた日を「2026-11-22」のように入力してください。")
    return {**errors, **check_draft(typed.draft, offer, now)}


def new_application(typed: DeskDraft, offer: FormOffer, now: datetime) -> NewApplication:
    """Return the application that a checked form asks for."""
    draft = typed.draft
    party = party_of(draft, offer) or 1
    children = [child for one in draft.sent_children if (child := child_of(one)) is not None]
    sender: Mapping[str, str] = {
        **draft.sender,
        **({"email": draft.mail_to} if draft.mail_to else {}),
        "needs": ",".join(draft.needs),
        "needs_note": draft.needs_note,
        "children": children_json(children),
        **{f"{PREFIX}{key}": value for key, value in draft.extra.items()},
    }
    return NewApplication(
        workshop_id=offer.id,
        channel=typed.known_channel or Channel.COUNTER,
        received_at=now,
        wishes=(
            *(Wish(pool_id, party) for pool_id in draft.chosen.values()),
            *(Wish(pool_id, len(children)) for pool_id in draft.childcare),
        ),
        party=party,
        sender=sender,
        idempotency_key=draft.key,
        eligibility_id=draft.eligibility_id,
        first_time=draft.first_time,
        invitation_code=draft.code,
    )


def _always(pool: OfferedPool) -> OfferedPool:
    return replace(pool, opens_at=_EVER, closes_at=_NEVER)
