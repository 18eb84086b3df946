"""What the overview of a campaign lists, section by section, and what comes next."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.campaigns.labels import (
    ANONYMOUS_LABELS,
    COUNTING_LABELS,
    NEXT_LABELS,
    NEXT_WITHOUT_PERIOD,
    PROCEDURE_LABELS,
    SECTION_LABELS,
    SUBJECT_LABELS,
)
from participation.campaigns.models import Campaign, CampaignState
from participation.campaigns.phases import phase
from participation.campaigns.services.editing import may_edit
from participation.campaigns.views.speech import words
from participation.city.areas_form import chosen_areas
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.sender_fields import sender_fields
from participation.web.templating import fiscal_year_filter, translated, wareki_filter

Rows = list[tuple[str, str]]


def next_step(campaign: Campaign, now: datetime) -> str:
    """Return what comes next."""
    state = phase(campaign, now)
    if state is CampaignState.PLANNED and campaign.opens_on is None:
        return NEXT_WITHOUT_PERIOD
    return NEXT_LABELS[state]


def sections(
    session: Session, campaign: Campaign, now: datetime
) -> list[tuple[str, str, bool, Rows]]:
    """Return (name, label, whether it can be edited now, rows) of each section."""
    rows = {
        "basics": _basics(campaign),
        "period": _period(campaign),
        "channels": _channels(campaign),
        "eligibility": [
            (str(number), one.label) for number, one in enumerate(campaign.eligibilities, start=1)
        ],
        "places": _places(campaign),
        "areas": [(_("分野"), "、".join(chosen_areas(session, f"campaign:{campaign.id}")))],
        "contact": [
            (_("係"), campaign.section_name),
            (_("電話"), campaign.phone),
            (_("FAX"), campaign.fax),
            (_("電子メール"), campaign.email),
        ],
        "sender": _sender(campaign),
        "counting": [(_("件数の数え方"), translated(COUNTING_LABELS[campaign.counting_rule]))],
        "result": [
            (_("結果公表の予定日"), wareki_filter(campaign.result_due_on)),
            (_("結果を掲載する期限"), wareki_filter(campaign.published_until)),
        ],
    }
    return [
        (name, label, may_edit(campaign, name, now), rows[name])
        for name, label in SECTION_LABELS.items()
    ]


def _basics(campaign: Campaign) -> Rows:
    return [
        (_("手続"), translated(PROCEDURE_LABELS[campaign.procedure])),
        (_("年度"), fiscal_year_filter(campaign.fiscal_year)),
        (_("趣旨・目的・背景"), campaign.purpose),
        (_("案の種類"), translated(SUBJECT_LABELS[campaign.subject_type])),
        (_("計画などの名称"), campaign.plan_name),
        (_("段階"), campaign.plan_stage),
        (_("根拠となる法令など"), campaign.legal_basis),
    ]


def _period(campaign: Campaign) -> Rows:
    rows = [
        (_("予告した日"), wareki_filter(campaign.announced_on)),
        (
            _("期間"),
            words().planned(campaign.opens_on, campaign.closes_on, campaign.planned_period),
        ),
    ]
    if campaign.short_reason:
        rows.append((_("期間が規則より短い理由"), campaign.short_reason))
    return rows


def _channels(campaign: Campaign) -> Rows:
    speech = words()
    rows = []
    for one in campaign.channels:
        deadline = (
            speech.deadline(one, campaign.closes_on)
            if campaign.closes_on
            else _("期間が決まると、締切の言葉を表示します。")
        )
        text = "\n".join(part for part in (deadline, one.destination) if part)
        rows.append((translated(CHANNEL_LABELS[one.channel]), text))
    return rows


def _places(campaign: Campaign) -> Rows:
    rows = []
    for one in campaign.places:
        days = ""
        if one.opens_on or one.closes_on:
            days = _(
                "%(first)s～%(last)s",
                first=wareki_filter(one.opens_on),
                last=wareki_filter(one.closes_on),
            )
        rows.append((one.name, "\n".join(part for part in (one.address, one.hours, days) if part)))
    return rows


def _sender(campaign: Campaign) -> Rows:
    asked = [
        _("%(what)s（必須）", what=translated(one.label))
        if one.required
        else _("%(what)s（任意）", what=translated(one.label))
        for one in sender_fields(campaign.sender_fields)
    ]
    return [
        (_("聞くこと"), "、".join(asked)),
        (_("添付"), _("受け付ける") if campaign.accepts_attachments else _("受け付けない")),
        (_("氏名のない意見"), translated(ANONYMOUS_LABELS[campaign.anonymous_policy])),
        (
            _("氏名・連絡先の消去"),
            _("結果の公表から%(days)s日後", days=campaign.retention_days),
        ),
    ]
