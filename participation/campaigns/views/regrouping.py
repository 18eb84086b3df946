"""Staff pages of groups as a whole: their order, merging, dissolving."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.forms.answers import PlaceForm
from participation.campaigns.models import OpinionGroup
from participation.campaigns.queries import groups as queries
from participation.campaigns.queries.counts import GroupCount, group_counts
from participation.campaigns.services import regrouping as services
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.groups import ONE, count_of, group_form, group_page, group_url
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.acts import attempt, put_refusal, status_of
from participation.web.row_numbers import row_number

_MOST_MERGED = 200


@staff.post(f"{ONE}/place")
@gate.requires(Permission.ANSWER_WRITE)
def place_group(campaign_id: int, group_id: int) -> ResponseReturnValue:
    """Move a group to another place of the printed order."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_group(session, campaign, group_id)
    form = PlaceForm()

    def act() -> str:
        services.place_group(
            session, campaign, found, form.place.data or 1, actor=actor, now=clock.now()
        )
        return str(_("並び順を変えました。"))

    response, refusal = attempt(form, act, back=group_url(campaign_id, group_id))
    if response is not None:
        return response
    put_refusal(form, refusal)
    found = queries.get_group(session, campaign, group_id)
    words = group_form(session, campaign, found)
    page = group_page(campaign, actor, found, words, place_form=form)
    return page, status_of(form, refusal)


@staff.route(f"{ONE}/dissolve", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def dissolve_group(campaign_id: int, group_id: int) -> ResponseReturnValue:
    """Ask, then remove a group; its opinions stay."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_group(session, campaign, group_id)

    def act() -> str:
        number = found.number
        services.dissolve_group(session, campaign, found, actor=actor, now=clock.now())
        return str(_("%(number)s番のグループをなくしました。", number=number))

    response, refusal = attempt(None, act, back=url_for(".groups", campaign_id=campaign_id))
    if response is not None:
        return response
    found = queries.get_group(session, campaign, group_id)
    page = pages.page(
        "campaigns/staff/answers/dissolve.html",
        campaign,
        actor,
        tab="groups",
        group=found,
        count=count_of(session, campaign, found),
        problem=refusal,
    )
    return page, status_of(None, refusal)


@staff.route("/<int:campaign_id>/groups/merge", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def merge_groups(campaign_id: int) -> ResponseReturnValue:
    """Show the chosen groups beside each other, then make one of them."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    ids = [row_number(text) for text in request.values.getlist("groups")[:_MOST_MERGED]]
    chosen = [queries.get_group(session, campaign, number) for number in ids if number is not None]
    if request.method == "GET" and len(chosen) < 2:  # noqa: PLR2004 -- one is nothing to merge
        flash(_("まとめるグループを2つ以上選んでください。"), "warning")
        return redirect(url_for(".groups", campaign_id=campaign_id), 303)

    def act() -> tuple[str, str]:
        into = _chosen(chosen, row_number(request.form.get("into")))
        number, target = into.number, group_url(campaign_id, into.id)
        services.merge_groups(session, campaign, into, chosen, actor=actor, now=clock.now())
        return _("%(number)s番のグループにまとめました。", number=number), target

    response, refusal = attempt(None, act)
    if response is not None:
        return response
    chosen = [queries.get_group(session, campaign, number) for number in ids if number is not None]
    page = pages.page(
        "campaigns/staff/answers/merge.html",
        campaign,
        actor,
        tab="groups",
        chosen=chosen,
        categories={row.id: row for row in queries.categories_of(session, campaign)},
        counts=group_counts(session, campaign, [each.id for each in chosen]),
        nothing=GroupCount(),
        problem=refusal,
    )
    return page, status_of(None, refusal)


def _chosen(groups: list[OpinionGroup], group_id: int | None) -> OpinionGroup:
    for each in groups:
        if each.id == group_id:
            return each
    raise InvalidInput(_("文を残すグループを1つ選んでください。"))
