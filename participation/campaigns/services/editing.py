"""Editing a campaign section by section, never over somebody else's change.

What may be changed when: everything while it is being prepared; what residents were promised
(senders' questions, retention, anonymity) until it opens; the rules of the deadlines only with a
public notice once opinions come in; nothing once the result is out.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from participation.audit.life import count, differing
from participation.campaigns.models import Campaign, Eligibility
from participation.campaigns.models import CampaignState as S
from participation.campaigns.phases import phase
from participation.campaigns.services.state_machine import hold, record
from participation.campaigns.services.steps import check_period
from participation.city.areas import set_areas
from participation.city.lists import check_eligibility
from participation.core import fiscal_year
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.submissions.sender_fields import FIELDS

_BEFORE_OPENING = frozenset({S.PREPARING, S.PLANNED})
_BEFORE_RESULT = frozenset({S.PREPARING, S.PLANNED, S.OPEN, S.CLOSED, S.REVIEWING})
_ALWAYS = _BEFORE_RESULT | {S.PUBLISHED}
# Section → its columns and the states (by the dates) in which it may be changed.
SECTIONS: dict[str, tuple[tuple[str, ...], frozenset[S]]] = {
    "basics": (
        ("title", "purpose", "subject_type", "plan_name", "plan_stage", "legal_basis"),
        _BEFORE_RESULT,
    ),
    "period": (
        ("opens_on", "closes_on", "planned_period", "short_reason"),
        frozenset({S.PREPARING}),
    ),
    "result": (("result_due_on", "published_until"), _ALWAYS),
    "contact": (("section_name", "phone", "fax", "email"), _ALWAYS),
    "sender": (
        ("sender_fields", "accepts_attachments", "anonymous_policy", "retention_days"),
        _BEFORE_OPENING,
    ),
    "counting": (("counting_rule",), _BEFORE_RESULT),
    "eligibility": ((), _BEFORE_OPENING | {S.OPEN}),
    "channels": ((), _BEFORE_OPENING | {S.OPEN}),
    "places": ((), _BEFORE_RESULT),
    "areas": ((), frozenset(S)),
}
_REQUIRED = {"title": "件名を入力してください。"}


def may_edit(campaign: Campaign, section: str, now: datetime) -> bool:
    """Whether ``section`` can still be changed at ``now``."""
    return phase(campaign, now) in SECTIONS[section][1]


def edit_fields(
    session: Session,
    campaign: Campaign,
    section: str,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change the columns of a section; return whether anything differs.

    Args:
        session: the session of the act.
        campaign: whose section it is.
        section: one of ``SECTIONS`` that has columns.
        values: the columns' new values, texts as typed.
        version: the version that the editor saw.
        actor: who edits.
        now: when.

    Raises:
        StateConflict: somebody changed the campaign meanwhile, or it is past this.
        InvalidInput: a value cannot be.

    """
    begin(session, campaign, section, version, now)
    columns = SECTIONS[section][0]
    new = {name: _cleaned(name, values[name]) for name in columns}
    if section == "period":
        _check_days(new["opens_on"], new["closes_on"])
    if section == "sender":
        _check_sender_fields(new["sender_fields"])
    if section == "result" and campaign.closes_on is not None:
        for name in columns:
            if new[name] is not None and new[name] < campaign.closes_on:
                raise InvalidInput("期間の最後の日以降の日にしてください。", field=name)
    before, after = differing(campaign, new)
    if not after:
        return False
    for name, value in after.items():
        setattr(campaign, name, value)
    if campaign.opens_on is not None:
        campaign.fiscal_year = fiscal_year.fiscal_year_of(campaign.opens_on)
    record(session, campaign, "edited", actor=actor, now=now, before=before, after=after)
    return True


def edit_eligibility(
    session: Session,
    campaign: Campaign,
    lines: Sequence[str],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set the classes of people who may submit; once it is open, only more can be added.

    Raises:
        StateConflict: as for ``edit_fields``.
        InvalidInput: a line cannot be, or one that people may have chosen already is changed.

    """
    begin(session, campaign, "eligibility", version, now)
    new = check_eligibility(list(lines), field="lines")
    before = [one.label for one in campaign.eligibilities]
    if before == new:
        return False
    if phase(campaign, now) is S.OPEN and new[: len(before)] != before:
        raise InvalidInput(
            "募集が始まっているため、今ある行は変えられません。"
            "提出した方が選んでいるかもしれないためです。新しい行は後ろに追加できます。",
            field="lines",
        )
    for position, label in enumerate(new):
        if position < len(before):
            campaign.eligibilities[position].label = label
        else:
            campaign.eligibilities.append(Eligibility(position=position, label=label))
    del campaign.eligibilities[len(new) :]
    record(
        session,
        campaign,
        "eligibility_edited",
        actor=actor,
        now=now,
        before={"eligibility": before},
        after={"eligibility": new},
    )
    return True


def edit_areas(
    session: Session,
    campaign: Campaign,
    chosen: Sequence[str],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Say which areas of interest the campaign is about.

    Raises:
        StateConflict: as for ``edit_fields``.
        InvalidInput: an area that the city does not have.

    """
    begin(session, campaign, "areas", version, now)
    changed = set_areas(
        session,
        f"campaign:{campaign.id}",
        chosen,
        department_id=campaign.department_id,
        actor=actor,
        now=now,
    )
    if changed:
        count(session, campaign, now)
    return changed


def begin(session: Session, campaign: Campaign, section: str, version: int, now: datetime) -> None:
    """Lock the campaign and check that ``section`` may be changed by who saw ``version``.

    Raises:
        StateConflict: somebody changed the campaign meanwhile, or it is past this.

    """
    hold(session, campaign)
    if campaign.version != version:
        raise StateConflict(
            "編集している間に、ほかの人がこの意見募集を変更しました。"
            "入力した内容と最新の内容を見比べて、もう一度保存してください。"
        )
    if not may_edit(campaign, section, now):
        raise StateConflict(
            "この部分は、今の状態では変えられません。概要で状態を確かめてください。"
        )


def _cleaned(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    value = clean_input(value)
    if name in _REQUIRED and not value.strip():
        raise InvalidInput(_REQUIRED[name], field=name)
    return value


def _check_days(opens_on: date | None, closes_on: date | None) -> None:
    if (opens_on is None) != (closes_on is None):
        raise InvalidInput(
            "最初の日と最後の日の両方を入力してください。決まっていないときは両方を空欄にします。",
            field="opens_on" if opens_on is None else "closes_on",
        )
    if opens_on is not None and closes_on is not None:
        check_period(opens_on, closes_on)


def _check_sender_fields(plain: Sequence[Mapping[str, Any]]) -> None:
    unknown = {line["key"] for line in plain} - set(FIELDS)
    if unknown:
        raise InvalidInput("知らない項目があります。画面を開き直してください。")
