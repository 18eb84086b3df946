"""Staff pages of groups: the worksheet, a new one, one group with its words and opinions."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.campaigns.forms.answers import GroupForm, PlaceForm, SortForm, show_version
from participation.campaigns.models import Campaign, OpinionGroup
from participation.campaigns.queries import groups as queries
from participation.campaigns.queries.amendments import amendments_of
from participation.campaigns.queries.counts import GroupCount, group_counts
from participation.campaigns.queries.groups import GroupFilter
from participation.campaigns.queries.opinions import commented_passages, public_text
from participation.campaigns.queries.progress import progress
from participation.campaigns.services import groups as services
from participation.campaigns.services.groups import GroupWords
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.opinion_lists import asked_filter, opinion_list
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError
from participation.core.text import clean_input
from participation.db.extension import db
from participation.policy import Permission
from participation.submissions.labels import CHANNEL_LABELS
from participation.web import gate
from participation.web.acts import attempt, put_refusal, status_of
from participation.web.history import history_of
from participation.web.row_numbers import row_number

_PAGE = 50
ONE = "/<int:campaign_id>/groups/<int:group_id>"
NO_CATEGORY = 0


@staff.get("/<int:campaign_id>/groups")
@gate.requires(Permission.SUBMISSION_READ)
def groups(campaign_id: int) -> ResponseReturnValue:
    """Show the worksheet: every group, and what is left to do."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    wanted = GroupFilter(
        section=clean_input(request.args.get("section", ""))[:200],
        category_id=row_number(request.args.get("category")),
        missing=request.args.get("missing", ""),
    )
    lines = queries.worksheet(
        session, campaign, wanted, limit=_PAGE + 1, after=row_number(request.args.get("after"))
    )
    arguments: dict[str, Any] = {
        name: value
        for name, value in (
            ("section", wanted.section),
            ("category", wanted.category_id),
            ("missing", wanted.missing),
        )
        if value
    }
    shown = lines[:_PAGE]
    return pages.page(
        "campaigns/staff/answers/groups.html",
        campaign,
        actor,
        tab="groups",
        lines=shown,
        next_url=url_for(
            ".groups",
            campaign_id=campaign.id,
            **arguments,
            after=shown[-1].group.position,
        )
        if len(lines) > _PAGE
        else None,
        first_url=url_for(".groups", campaign_id=campaign.id, **arguments)
        if request.args.get("after")
        else None,
        wanted=wanted,
        is_filtered=bool(arguments),
        left=queries.left(session, campaign),
        progress=progress(session, campaign),
        categories=queries.categories_of(session, campaign),
        sections=queries.sections_of(session, campaign),
        no_section=queries.NO_SECTION,
        writing=writing(session, campaign, actor),
    )


@staff.route("/<int:campaign_id>/groups/new", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def new_group(campaign_id: int) -> ResponseReturnValue:
    """Make a group without opinions."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    form = group_form(session, campaign)

    def act() -> tuple[str, str]:
        made = services.create_group(session, campaign, _typed(form), actor=actor, now=clock.now())
        return _("グループを作りました。"), group_url(campaign_id, made.id)

    response, refusal = attempt(form, act)
    if response is not None:
        return response
    put_refusal(form, refusal)
    page = pages.page(
        "campaigns/staff/answers/new_group.html",
        campaign,
        actor,
        tab="groups",
        form=form,
        sections=queries.sections_of(session, campaign),
    )
    return page, status_of(form, refusal)


@staff.get(ONE)
@gate.requires(Permission.SUBMISSION_READ)
def group(campaign_id: int, group_id: int) -> ResponseReturnValue:
    """Show one group: its words, its amendments, its opinions, its history."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    found = queries.get_group(session, campaign, group_id)
    return group_page(campaign, actor, found, group_form(session, campaign, found))


@staff.post(f"{ONE}/edit")
@gate.requires(Permission.ANSWER_WRITE)
def edit_group(campaign_id: int, group_id: int) -> ResponseReturnValue:
    """Save the words; what somebody else wrote meanwhile is shown beside what was typed here."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_group(session, campaign, group_id)
    form = group_form(session, campaign)

    def act() -> str:
        changed = services.edit_group(
            session,
            campaign,
            found,
            _typed(form),
            version=form.version.data or 0,
            actor=actor,
            now=clock.now(),
        )
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    response, refusal = attempt(form, act, back=group_url(campaign_id, group_id))
    if response is not None:
        return response
    if refusal is not None:
        return _conflict_page(campaign_id, group_id, actor, form, refusal)
    found = queries.get_group(session, campaign, group_id)
    return group_page(campaign, actor, found, form), 422


def group_form(
    session: Session, campaign: Campaign, found: OpinionGroup | None = None
) -> GroupForm:
    """Return the form as it was sent, or with the words of ``found``."""
    form = GroupForm(
        formdata=None if found is not None else request.form,
        obj=found,
        data={"category_id": found.category_id or NO_CATEGORY} if found is not None else None,
    )
    if found is not None:
        form.category_id.data = found.category_id or NO_CATEGORY
    form.category_id.choices = [
        SelectChoice(NO_CATEGORY, _("（未定）")),
        *(
            SelectChoice(row.id, f"{row.code}　{row.label}")
            for row in queries.categories_of(session, campaign)
        ),
    ]
    return form


def _typed(form: GroupForm) -> GroupWords:
    return GroupWords(
        heading=form.heading.data or "",
        summary=form.summary.data or "",
        view=form.view.data or "",
        category_id=form.category_id.data or None,
        assigned_to=form.assigned_to.data or "",
        ready=bool(form.ready.data),
    )


def group_page(
    campaign: Campaign,
    actor: Actor,
    found: OpinionGroup,
    form: GroupForm,
    *,
    place_form: PlaceForm | None = None,
) -> str:
    """Render the page of one group, with the forms as they were sent if there was an error."""
    session = db.session()
    listed = opinion_list(session, campaign, asked_filter(found.id), SortForm(formdata=None))
    category = next(
        (row for row in queries.categories_of(session, campaign) if row.id == found.category_id),
        None,
    )
    order = [each.id for each in queries.groups_in_order(session, campaign)]
    place = order.index(found.id)
    return pages.page(
        "campaigns/staff/answers/group.html",
        campaign,
        actor,
        tab="groups",
        group=found,
        category=category,
        count=count_of(session, campaign, found),
        form=form,
        place_form=place_form or PlaceForm(formdata=None, place=place + 1),
        previous_id=order[place - 1] if place else None,
        next_id=order[place + 1] if place + 1 < len(order) else None,
        amendments=amendments_of(session, found),
        listed=listed,
        public=public_text(session, [line.opinion for line in listed.page.items]),
        channels=CHANNEL_LABELS,
        sections=queries.sections_of(session, campaign),
        passages=commented_passages(session, campaign),
        no_section=queries.NO_SECTION,
        history=history_of(session, f"opinion_group:{found.id}", with_changes=True),
        writing=writing(session, campaign, actor),
    )


def _conflict_page(
    campaign_id: int, group_id: int, actor: Actor, form: GroupForm, error: DomainError
) -> ResponseReturnValue:
    """Show both texts; nothing that was typed is lost, whatever the reason of the refusal."""
    session = db.session()
    campaign, _actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    found = queries.get_group(session, campaign, group_id)
    labels = {
        row.id: f"{row.code}　{row.label}" for row in queries.categories_of(session, campaign)
    }
    rows = [
        (_("章・項目"), found.heading, form.heading.data or ""),
        (_("要旨"), found.summary, form.summary.data or ""),
        (_("市の考え方"), found.view, form.view.data or ""),
        (
            _("対応区分"),
            labels.get(found.category_id or NO_CATEGORY, _("（未定）")),
            labels.get(form.category_id.data or NO_CATEGORY, _("（未定）")),
        ),
        (_("担当の係"), found.assigned_to, form.assigned_to.data or ""),
        (
            _("回答作成済み"),
            _("はい") if found.ready else _("いいえ"),
            _("はい") if form.ready.data else _("いいえ"),
        ),
    ]
    show_version(form.version, found.version)
    page = pages.page(
        "campaigns/staff/answers/conflict.html",
        campaign,
        actor,
        tab="groups",
        group=found,
        form=form,
        rows=rows,
        message=str(error),
        latest=next(
            iter(history_of(session, f"opinion_group:{found.id}", with_changes=True)), None
        ),
        writing=writing(session, campaign, actor),
    )
    return page, 409


def count_of(session: Session, campaign: Campaign, found: OpinionGroup) -> GroupCount:
    """Return how much stands in a group."""
    return group_counts(session, campaign, [found.id]).get(found.id, GroupCount())


def group_url(campaign_id: int, group_id: int) -> str:
    """Return the address of a group's page."""
    return url_for(".group", campaign_id=campaign_id, group_id=group_id)
