"""Staff pages of opinions: the list to sort, bulk acts, one opinion, its splitting."""

import re

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.forms.answers import MaskForm, ReasonForm, SortForm, SplitForm
from participation.campaigns.labels import FIELD_LABELS
from participation.campaigns.models import Campaign, Opinion
from participation.campaigns.queries import groups as group_queries
from participation.campaigns.queries import opinions as queries
from participation.campaigns.queries.masks import masks_with_people
from participation.campaigns.services import sorting
from participation.campaigns.services.groups import GroupWords, create_group
from participation.campaigns.services.sorting import Selection
from participation.campaigns.services.splitting import (
    find_parts,
    join_again,
    left_out,
    split_opinion,
)
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.opinion_lists import (
    Asked,
    asked_filter,
    hints_of,
    list_url,
    opinion_list,
)
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.submissions.labels import CHANNEL_LABELS
from participation.web import gate, transaction
from participation.web.acts import attempt, put_refusal, status_of
from participation.web.forms import put_error
from participation.web.history import history_of
from participation.web.row_numbers import row_number

_LARGEST_OPINION = 2**63 - 1
SEPARATOR = "-----"
# As typed with a Japanese keyboard too.
_SEPARATORS = re.compile(r"^[ 　]*[-－ー―—]{3,}[ 　]*$", re.MULTILINE)
ONE = "/<int:campaign_id>/opinions/<int(max=999999999999):opinion_id>"


@staff.get("/<int:campaign_id>/opinions")
@gate.requires(Permission.SUBMISSION_READ)
def opinions(campaign_id: int) -> ResponseReturnValue:
    """List opinions, first those that are in no group yet."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    return _list_page(campaign, actor, asked_filter(), SortForm(formdata=None))


@staff.post("/<int:campaign_id>/opinions/sort")
@gate.requires(Permission.ANSWER_WRITE)
def sort_opinions(campaign_id: int) -> ResponseReturnValue:
    """Do one act with all ticked opinions, or with all that the filter finds."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    group_id = row_number(request.args.get("group"))
    asked = asked_filter(group_id)
    if group_id is not None:
        group_queries.get_group(db.session(), campaign, group_id)
    form = SortForm()
    response, refusal = attempt(
        form, lambda: _sort(campaign, actor, asked, form), back=list_url(campaign, asked)
    )
    if response is not None:
        return response
    put_refusal(form, refusal)
    page = _list_page(campaign, actor, asked, form, ticked=_ticked())
    return page, status_of(form, refusal)


@staff.get(ONE)
@gate.requires(Permission.SUBMISSION_READ)
def opinion(campaign_id: int, opinion_id: int) -> ResponseReturnValue:
    """Show one opinion: as sent, as published, its parts and masks."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    found = queries.get_opinion(db.session(), campaign, opinion_id)
    return opinion_page(campaign, actor, found)


@staff.route(f"{ONE}/split", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def split(campaign_id: int, opinion_id: int) -> ResponseReturnValue:
    """Cut an opinion at the lines of hyphens."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_opinion(session, campaign, opinion_id)
    form = SplitForm(parts=found.text)
    status, notice = 200, ""
    if form.validate_on_submit():
        parts = _cut(form.parts.data or "")
        try:
            made = split_opinion(session, campaign, found, parts, actor=actor, now=clock.now())
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            status, notice = error.status, str(error)
        else:
            missing = left_out(found.text, find_parts(found.text, parts))
            number = len(made)
            transaction.commit()
            flash(_("%(number)s個に分けました。", number=number), "success")
            if missing:
                flash(
                    _(
                        "原文のうち%(number)s文字は、どの部分にも入っていません。原文には残っています。",
                        number=missing,
                    ),
                    "warning",
                )
            return redirect(_opinion_url(campaign_id, opinion_id), 303)
        found = queries.get_opinion(session, campaign, opinion_id)
    elif request.method == "GET" and found.split:
        return redirect(_opinion_url(campaign_id, opinion_id), 303)
    page = pages.page(
        "campaigns/staff/answers/split.html",
        campaign,
        actor,
        tab="groups",
        opinion=found,
        form=form,
        notice_text=notice,
        separator=SEPARATOR,
    )
    return page, 422 if form.errors or form.form_errors else status


@staff.post(f"{ONE}/join")
@gate.requires(Permission.ANSWER_WRITE)
def join_opinion(campaign_id: int, opinion_id: int) -> ResponseReturnValue:
    """Undo the splitting of an opinion."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_opinion(session, campaign, opinion_id)

    def act() -> str:
        join_again(session, campaign, found, actor=actor, now=clock.now())
        return str(_("分割を取り消しました。元の意見に戻っています。"))

    response, refusal = attempt(None, act, back=_opinion_url(campaign_id, opinion_id))
    if response is not None:
        return response
    found = queries.get_opinion(session, campaign, opinion_id)
    return opinion_page(campaign, actor, found, problem=refusal), status_of(None, refusal)


def opinion_page(
    campaign: Campaign,
    actor: Actor,
    found: Opinion,
    *,
    mask_form: MaskForm | None = None,
    remove_form: ReasonForm | None = None,
    problem: DomainError | None = None,
) -> str:
    """Render the page of one opinion, with the forms as they were sent if there was an error."""
    session = db.session()
    masks = masks_with_people(session, found)
    return pages.page(
        "campaigns/staff/answers/opinion.html",
        campaign,
        actor,
        tab="groups",
        opinion=found,
        line=queries.lines_of(session, [found.id])[0],
        public=queries.public_text(session, [found])[found.id],
        parts=queries.parts_of(session, found),
        masks=masks,
        channels=CHANNEL_LABELS,
        field_labels=FIELD_LABELS,
        hints=hints_of(found.text, found.reason, found.place),
        mask_form=mask_form or MaskForm(formdata=None),
        remove_form=remove_form or ReasonForm(formdata=None),
        problem=str(problem) if problem else "",
        actor_id=actor.staff_id,
        history=history_of(session, f"opinion:{found.id}", with_changes=True),
        writing=writing(session, campaign, actor),
    )


def _list_page(
    campaign: Campaign,
    actor: Actor,
    asked: Asked,
    form: SortForm,
    *,
    ticked: frozenset[int] = frozenset(),
) -> str:
    session = db.session()
    return pages.page(
        "campaigns/staff/answers/opinions.html",
        campaign,
        actor,
        tab="groups",
        listed=opinion_list(session, campaign, asked, form, ticked=ticked),
        channels=CHANNEL_LABELS,
        sections=group_queries.sections_of(session, campaign),
        passages=queries.commented_passages(session, campaign),
        no_section=group_queries.NO_SECTION,
        writing=writing(session, campaign, actor),
    )


def _sort(campaign: Campaign, actor: Actor, asked: Asked, form: SortForm) -> str:
    """Do the act of the pressed button; return what to say of it."""
    session, now = db.session(), clock.now()
    every = form.scope.data == "every"
    selection = Selection(every=asked.wanted) if every else Selection(ids=tuple(_ticked()))
    act = request.form.get("act")
    if act in {"outside", "inside"}:
        number = sorting.set_out_of_scope(
            session,
            campaign,
            selection,
            outside=act == "outside",
            reason=form.outside_reason.data or "",
            actor=actor,
            now=now,
        )
        if act == "outside":
            return str(_("%(number)s件を対象外にしました。", number=number))
        return str(_("%(number)s件の「対象外」を外しました。", number=number))
    if act == "assign":
        number = sorting.assign_opinions(
            session, campaign, selection, form.to_section.data or "", actor=actor, now=now
        )
        return str(_("%(number)s件の担当を変えました。", number=number))
    if act == "new":
        if not every and not selection.ids:
            raise InvalidInput(_("意見を1件以上選んでください。"))
        group = create_group(
            session, campaign, GroupWords(heading=form.new_heading.data or ""), actor=actor, now=now
        )
    elif act == "add":
        found = (
            group_queries.group_by_number(session, campaign, form.to_group.data)
            if form.to_group.data
            else None
        )
        if found is None:
            raise InvalidInput(_("この番号のグループはありません。"), field="to_group")
        group = found
    elif act == "ungroup":
        number = sorting.put_in_group(session, campaign, selection, None, actor=actor, now=now)
        return str(_("%(number)s件をグループから外しました。", number=number))
    else:
        raise InvalidInput(_("行う操作のボタンを押してください。"))
    name = group.number
    number = sorting.put_in_group(session, campaign, selection, group, actor=actor, now=now)
    return str(_("%(number)s件を%(group)s番のグループに入れました。", number=number, group=name))


def _ticked() -> frozenset[int]:
    numbers = (row_number(text, largest=_LARGEST_OPINION) for text in request.form.getlist("ids"))
    return frozenset(number for number in numbers if number is not None)


def _cut(text: str) -> list[str]:
    """Return the pieces between lines of three or more hyphens."""
    return _SEPARATORS.split(text)


def _opinion_url(campaign_id: int, opinion_id: int) -> str:
    return url_for(".opinion", campaign_id=campaign_id, opinion_id=opinion_id)
