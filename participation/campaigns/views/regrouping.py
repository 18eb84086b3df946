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
from participation.core.errors import InvalidInput, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
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
    status = 422
    if form.validate_on_submit():
        try:
            services.place_group(
                session, campaign, found, form.place.data or 1, actor=actor, now=clock.now()
            )
        except StateConflict as error:
            transaction.discard()
            status = error.status
            form.form_errors.append(str(error))
            found = queries.get_group(session, campaign, group_id)
        else:
            transaction.commit()
            flash(_("並び順を変えました。"), "success")
            return redirect(group_url(campaign_id, group_id), 303)
    words = group_form(session, campaign, found)
    return group_page(campaign, actor, found, words, place_form=form), status


@staff.route(f"{ONE}/dissolve", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def dissolve_group(campaign_id: int, group_id: int) -> ResponseReturnValue:
    """Ask, then remove a group; its opinions stay."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_group(session, campaign, group_id)
    problem, status = "", 200
    if request.method == "POST":
        number = found.number
        try:
            services.dissolve_group(session, campaign, found, actor=actor, now=clock.now())
        except StateConflict as error:
            transaction.discard()
            problem, status = str(error), error.status
            found = queries.get_group(session, campaign, group_id)
        else:
            transaction.commit()
            flash(_("%(number)s番のグループをなくしました。", number=number), "success")
            return redirect(url_for(".groups", campaign_id=campaign_id), 303)
    page = pages.page(
        "campaigns/staff/answers/dissolve.html",
        campaign,
        actor,
        tab="groups",
        group=found,
        count=count_of(session, campaign, found),
        problem=problem,
    )
    return page, status


@staff.route("/<int:campaign_id>/groups/merge", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def merge_groups(campaign_id: int) -> ResponseReturnValue:
    """Show the chosen groups beside each other, then make one of them."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    ids = [row_number(text) for text in request.values.getlist("groups")[:_MOST_MERGED]]
    chosen = [queries.get_group(session, campaign, number) for number in ids if number is not None]
    problem, status = "", 200
    if request.method == "POST":
        into_id = row_number(request.form.get("into"))
        try:
            into = _chosen(chosen, into_id)
            number = into.number
            services.merge_groups(session, campaign, into, chosen, actor=actor, now=clock.now())
        except (InvalidInput, StateConflict) as error:
            transaction.discard()
            problem, status = str(error), error.status
            chosen = [queries.get_group(session, campaign, n) for n in ids if n is not None]
        else:
            transaction.commit()
            flash(_("%(number)s番のグループにまとめました。", number=number), "success")
            return redirect(group_url(campaign_id, into_id or 0), 303)
    elif len(chosen) < 2:  # noqa: PLR2004 -- one is nothing to merge
        flash(_("まとめるグループを2つ以上選んでください。"), "warning")
        return redirect(url_for(".groups", campaign_id=campaign_id), 303)
    page = pages.page(
        "campaigns/staff/answers/merge.html",
        campaign,
        actor,
        tab="groups",
        chosen=chosen,
        categories={row.id: row for row in queries.categories_of(session, campaign)},
        counts=group_counts(session, campaign, [each.id for each in chosen]),
        nothing=GroupCount(),
        problem=problem,
    )
    return page, status


def _chosen(groups: list[OpinionGroup], group_id: int | None) -> OpinionGroup:
    for each in groups:
        if each.id == group_id:
            return each
    raise InvalidInput(_("文を残すグループを1つ選んでください。"))
