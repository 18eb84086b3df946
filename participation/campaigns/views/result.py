"""Staff pages of a result: write it, see it as residents will, 決裁, publish, correct."""

from typing import Any

from flask import current_app, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns import checks
from participation.campaigns.forms.results import ResultForm
from participation.campaigns.labels import OUTCOME_LABELS, RESULT_LABELS
from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    CampaignState,
    Outcome,
    ResultState,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.queries.pictures import received_by_day
from participation.campaigns.queries.progress import progress
from participation.campaigns.queries.result_building import gather
from participation.campaigns.queries.result_checks import missing
from participation.campaigns.services import results as services
from participation.campaigns.services.results import ResultWords
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.result_pages import (
    Addresses,
    FrozenSource,
    LiveSource,
    Source,
    read_result,
    read_texts,
)
from participation.core import clock
from participation.core.actors import Actor
from participation.core.charts import Share, done_of
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.files import web as files
from participation.files.frozen import FORMATS
from participation.policy import Permission, reaches
from participation.web import gate
from participation.web.acts import attempt, status_of

_TONES = {
    ResultState.DRAFT: "neutral",
    ResultState.SUBMITTED: "warning",
    ResultState.RETURNED: "error",
    ResultState.APPROVED: "success",
    ResultState.PUBLISHED: "info",
    ResultState.DISCARDED: "neutral",
}
_EDITABLE = (ResultState.DRAFT, ResultState.RETURNED)
_OVER = (CampaignState.CLOSED, CampaignState.REVIEWING, CampaignState.PUBLISHED)


@staff.get("/<int:campaign_id>/result")
@gate.requires(Permission.CAMPAIGN_READ)
def result(campaign_id: int) -> ResponseReturnValue:
    """Show how far the result is, what is missing, and what comes next."""
    campaign, actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    session, now = db.session(), clock.now()
    found = queries.result_under_way(session, campaign.id)
    is_editable = found is None or found.state in _EDITABLE
    published = queries.published_results(session, campaign.id)
    shown = found or (published[0] if published else None)
    return pages.page(
        "campaigns/staff/result.html",
        campaign,
        actor,
        tab="result",
        result=found,
        published=published,
        labels=RESULT_LABELS,
        tones=_TONES,
        outcomes=OUTCOME_LABELS,
        missing=missing(session, campaign, found, now)
        if is_editable and not _is_done(campaign, found)
        else [],
        page_urls=_missing_urls(campaign),
        findings=checks.checks_before_publishing(session, campaign, now),
        downloads=queries.downloads(session, shown.id) if shown else {},
        file_urls=file_urls(campaign, shown) if shown else {},
        is_frozen=found is not None and bool(found.snapshot_sha256),
        is_being_frozen=found is not None and services.is_being_frozen(session, found),
        days=received_by_day(session, campaign),
        progress=_progress(campaign),
        is_over=campaign.state in _OVER,
        **_rights(campaign, found, actor),
    )


@staff.route("/<int:campaign_id>/result/edit", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def edit_result(campaign_id: int) -> ResponseReturnValue:
    """Write the result; the first saving makes the draft."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.result_under_way(session, campaign.id)
    published = queries.latest_published(session, campaign.id)
    earlier = found or published
    form = ResultForm(
        outcome=earlier.outcome.value if earlier and earlier.outcome else None,
        outcome_note=earlier.outcome_note if earlier else "",
        introduction=earlier.introduction if earlier else "",
        correction=found.correction if found else "",
        version=str(found.version) if found else "0",
    )
    is_correction = published is not None
    if not is_correction:
        del form.correction

    def act() -> str:
        _save(campaign, found, form, actor)
        return str(_("結果の下書きを保存しました。"))

    response, conflict = attempt(form, act, back=url_for(".result", campaign_id=campaign_id))
    if response is not None:
        return response
    current = None
    if conflict:
        campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
        current = queries.result_under_way(session, campaign.id)
        if current is not None and current.state in _EDITABLE:
            # Saving once more says that the other's words were seen.
            form.version.data = str(current.version)
    body = pages.page(
        "campaigns/staff/result_edit.html",
        campaign,
        actor,
        tab="result",
        form=form,
        conflict=conflict,
        current=current,
        is_correction=is_correction,
    )
    return body, status_of(form, conflict)


def _save(campaign: Campaign, found: CampaignResult | None, form: ResultForm, actor: Actor) -> None:
    words = ResultWords(
        outcome=Outcome(form.outcome.data),
        outcome_note=form.outcome_note.data or "",
        introduction=form.introduction.data or "",
        correction=(form.correction.data or "") if "correction" in form else "",
    )
    session, now = db.session(), clock.now()
    version = form.version.data or "0"
    if found is None:
        services.draft_result(session, campaign, words, actor=actor, now=now)
        return
    services.edit_result(
        session,
        campaign,
        found,
        words,
        version=int(version) if version.isascii() and version.isdecimal() else 0,
        actor=actor,
        now=now,
    )


@staff.get("/<int:campaign_id>/result/<int:result_id>/preview")
@gate.requires(Permission.SUBMISSION_READ)
def preview_result(campaign_id: int, result_id: int) -> ResponseReturnValue:
    """Show the result exactly as residents will see it."""
    campaign, actor, found = load_result(campaign_id, result_id, Permission.SUBMISSION_READ)
    page = read_result(_source(campaign, found), _addresses(campaign, found))
    return pages.page(
        "campaigns/staff/result_preview.html",
        campaign,
        actor,
        tab="result",
        result=found,
        page=page,
        is_frozen=bool(found.snapshot_sha256),
        downloads=queries.downloads(db.session(), found.id),
        file_urls=file_urls(campaign, found),
    )


@staff.get("/<int:campaign_id>/result/<int:result_id>/preview/opinions/<int:answer_number>")
@gate.requires(Permission.SUBMISSION_READ)
def preview_result_opinions(
    campaign_id: int, result_id: int, answer_number: int
) -> ResponseReturnValue:
    """Show all opinions behind one answer as residents will read them."""
    campaign, actor, found = load_result(campaign_id, result_id, Permission.SUBMISSION_READ)
    page = read_texts(_source(campaign, found), answer_number, _addresses(campaign, found))
    return pages.page(
        "campaigns/staff/result_opinions.html", campaign, actor, tab="result", page=page
    )


@staff.get(
    "/<int:campaign_id>/result/<int:result_id>/<any('pdf','xlsx','csv','csv-cp932'):result_format>"
)
@gate.requires(Permission.SUBMISSION_READ)
def download_result(campaign_id: int, result_id: int, result_format: str) -> ResponseReturnValue:
    """Hand out a file of a result, published or not."""
    _campaign, _actor, found = load_result(campaign_id, result_id, Permission.SUBMISSION_READ)
    stored = queries.stored_file(db.session(), found.id, result_format)
    return files.send(stored, inline=result_format == "pdf")


def _progress(campaign: Campaign) -> tuple[Share, ...]:
    """Return how many groups of each section (係) are ready, as a chart."""
    found = progress(db.session(), campaign)
    lines = [(each.section or _("担当未定"), each.ready, each.groups) for each in found.sections]
    if len(lines) > 1:
        lines.append((_("全体"), found.total.ready, found.total.groups))
    return done_of(lines)


def load_result(
    campaign_id: int, result_id: int, permission: Permission
) -> tuple[Campaign, Actor, CampaignResult]:
    """Return a result with its campaign and the actor who has ``permission`` over it.

    Raises:
        PermissionDenied: the actor has it nowhere.
        NotFound: there is no such result, or it is another department's.

    """
    campaign, actor = pages.load(campaign_id, permission)
    found = queries.get_result(db.session(), campaign.id, result_id)
    if found.state is ResultState.DISCARDED:
        raise NotFound("この結果の作成は取りやめられました。")
    return campaign, actor, found


def _source(campaign: Campaign, found: CampaignResult) -> Source:
    session = db.session()
    if found.snapshot_sha256:
        return FrozenSource(session, found.id)
    gathered = gather(session, campaign, found, day=clock.local_date(clock.now()))
    return LiveSource(gathered.snapshot)


def _addresses(campaign: Campaign, found: CampaignResult) -> Addresses:
    return Addresses(
        page=lambda page: url_for(
            ".preview_result",
            campaign_id=campaign.id,
            result_id=found.id,
            page=page if page > 1 else None,
        ),
        texts=lambda answer, page: url_for(
            ".preview_result_opinions",
            campaign_id=campaign.id,
            result_id=found.id,
            answer_number=answer,
            page=page if page > 1 else None,
        ),
    )


def file_urls(campaign: Campaign, found: CampaignResult) -> dict[str, str]:
    """Return where staff find the files of a result, by format."""
    return {
        name: url_for(
            ".download_result",
            campaign_id=campaign.id,
            result_id=found.id,
            result_format=name,
        )
        for name in FORMATS
    }


def _missing_urls(campaign: Campaign) -> dict[str, str]:
    endpoints = {
        "campaign": "campaign",
        "groups": "groups",
        "amendments": "amendments",
        "submissions": "submissions",
        "result": "edit_result",
    }
    return {
        page: url_for(f".{endpoint}", campaign_id=campaign.id)
        for page, endpoint in endpoints.items()
        if f"staff.campaigns.{endpoint}" in current_app.view_functions
    }


def _is_done(campaign: Campaign, found: CampaignResult | None) -> bool:
    """Whether there is nothing to do now: it is published, and no correction was begun."""
    return found is None and campaign.state is CampaignState.PUBLISHED


def _rights(campaign: Campaign, found: CampaignResult | None, actor: Actor) -> dict[str, Any]:
    return {
        "may_write": reaches(actor, Permission.ANSWER_WRITE, campaign.department_id),
        "may_approve": reaches(actor, Permission.CAMPAIGN_APPROVE, campaign.department_id),
        "is_own": found is not None and found.submitted_by == actor.staff_id,
    }
