"""Staff pages: the list of campaigns, a new one, and one campaign's overview."""

from datetime import date, datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.audit.changes import changes_of
from participation.audit.labels import action_words
from participation.audit.queries import AuditFilter, find_events
from participation.campaigns import checks
from participation.campaigns.forms.campaigns import NewCampaignForm
from participation.campaigns.labels import NOTICE_LABELS, OUTCOME_LABELS, STATE_LABELS
from participation.campaigns.models import (
    Campaign,
    CampaignState,
    Procedure,
    SubjectType,
)
from participation.campaigns.phases import phase
from participation.campaigns.queries import campaign_lists as lists
from participation.campaigns.services import campaigns as services
from participation.campaigns.services import steps
from participation.campaigns.services.state_machine import ANNOUNCE, CANCEL, REVIEW
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.campaigns.views.overview import next_step, sections
from participation.campaigns.views.speech import day_of, department_names, state_word, words
from participation.core import clock
from participation.core.actors import Actor
from participation.core.deadlines import end_of_day
from participation.db.extension import db
from participation.departments.planning import offer_plan
from participation.departments.queries import all_departments, get_department
from participation.policy import Permission, holds, reachable_departments, reaches
from participation.web import gate
from participation.web.acts import attempt, status_of
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number
from participation.web.templating import translated

_PAGE = 50
_HISTORY = 30


@staff.get("/")
@gate.requires(Permission.CAMPAIGN_READ)
def index() -> ResponseReturnValue:
    """List the campaigns within reach."""
    actor = gate.authorize(Permission.CAMPAIGN_READ)
    session, now = db.session(), clock.now()
    reach = reachable_departments(actor, Permission.CAMPAIGN_READ)
    wanted = _wanted()
    rows = lists.for_staff(
        session,
        wanted,
        reach=reach,
        limit=_PAGE + 1,
        before=row_number(request.args.get("before")),
    )
    page = keyset_page(rows, _PAGE)
    today = clock.local_date(now)
    return render_template(
        "campaigns/staff/index.html",
        page=page,
        names=department_names(session, page.items),
        states={one.id: state_word(one, now) for one in page.items},
        period=lambda one: words().planned(one.opens_on, one.closes_on, one.planned_period),
        wanted=wanted,
        is_narrowed=wanted != lists.CampaignFilter(),
        years=lists.years(session, announced_only=False),
        state_labels=STATE_LABELS,
        departments=[
            (one.id, one.name_on(today))
            for one in all_departments(session)
            if reach is None or one.id in reach
        ],
        may_write=holds(actor, Permission.CAMPAIGN_WRITE),
    )


@staff.route("/new", methods=["GET", "POST"])
@gate.requires(Permission.CAMPAIGN_WRITE)
def create() -> ResponseReturnValue:
    """Make a campaign."""
    actor = gate.authorize(Permission.CAMPAIGN_WRITE)
    session, now = db.session(), clock.now()
    form = NewCampaignForm()
    offer_plan(
        form,
        session,
        actor=actor,
        permission=Permission.CAMPAIGN_WRITE,
        today=clock.local_date(now),
    )

    def act() -> tuple[str, str]:
        department = get_department(session, form.department_id.data)
        gate.authorize(Permission.CAMPAIGN_WRITE, gate.Owned(department.id))
        made = services.create_campaign(
            session,
            department=department,
            title=form.title.data or "",
            procedure=Procedure(form.procedure.data),
            subject_type=SubjectType(form.subject_type.data),
            year=form.fiscal_year.data,
            takes_opinions=bool(form.takes_opinions.data),
            actor=actor,
            now=now,
        )
        done = _("意見募集を作りました。続けて内容を入力してください。")
        return done, url_for(".campaign", campaign_id=made.id)

    response, refusal = attempt(form, act)
    if response is not None:
        return response
    return render_template("campaigns/staff/new.html", form=form), status_of(form, refusal)


@staff.get("/<int:campaign_id>")
@gate.requires(Permission.CAMPAIGN_READ)
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show one campaign: where it stands, what is missing, what comes next."""
    found, actor = pages.load(campaign_id, Permission.CAMPAIGN_READ)
    session, now = db.session(), clock.now()
    before_opening = found.state in {CampaignState.PREPARING, CampaignState.PLANNED}
    is_over = phase(found, now) in {CampaignState.CLOSED, CampaignState.REVIEWING}
    findings = (
        checks.checks_before_opening(session, found, now)
        if before_opening
        else checks.checks_before_publishing(session, found, now)
        if is_over
        else []
    )
    return pages.page(
        "campaigns/staff/campaign.html",
        found,
        actor,
        tab="campaign",
        department=get_department(session, found.department_id).name_on(day_of(found)),
        findings=findings,
        before_opening=before_opening,
        period=words().planned(found.opens_on, found.closes_on, found.planned_period),
        sections=sections(session, found, now),
        next_step=next_step(found, now),
        counting_ends=_counting_ends(found, now),
        acts=_acts(found, actor, now),
        may_write=reaches(actor, Permission.CAMPAIGN_WRITE, found.department_id),
        is_public=found.announced_on is not None,
        events=[
            (
                event,
                translated(action_words(event.action)[-1]),
                # The other acts say by their name what they change.
                [change.field for change in changes_of(event, translated)]
                if event.action.endswith(".edited")
                else [],
            )
            for event in find_events(
                session, AuditFilter(subject=f"campaign:{found.id}"), limit=_HISTORY
            )
        ],
        notice_labels=NOTICE_LABELS,
        outcome_label=OUTCOME_LABELS[found.outcome] if found.outcome else "",
    )


def _acts(found: Campaign, actor: Actor, now: datetime) -> dict[str, bool]:
    """Return which steps ``actor`` may take now."""
    decides = reaches(actor, Permission.CAMPAIGN_APPROVE, found.department_id)
    writes = reaches(actor, Permission.CAMPAIGN_WRITE, found.department_id)
    running = found.closes_on is not None and now < end_of_day(found.closes_on)
    begun = found.opens_on is not None and found.opens_on <= clock.local_date(now)
    return {
        "announce": decides and found.state in ANNOUNCE.sources,
        "fix_period": decides and found.state is CampaignState.PLANNED and not begun,
        "extend": decides and found.state in steps.EXTENDABLE and running,
        "begin_review": writes and found.state in REVIEW.sources,
        "cancel": decides and found.state in CANCEL.sources,
        "notice": writes and found.announced_on is not None,
    }


def _counting_ends(found: Campaign, now: datetime) -> date | None:
    is_over = phase(found, now) in {CampaignState.CLOSED, CampaignState.REVIEWING}
    if found.closes_on is None or not is_over:
        return None
    last = checks.counting_ends(found, found.closes_on)
    waits = last > found.closes_on and now < end_of_day(last)
    return last if waits else None


def _wanted() -> lists.CampaignFilter:
    state = request.args.get("state", "")
    known = {one.value: one for one in CampaignState}
    return lists.CampaignFilter(
        fiscal_year=row_number(request.args.get("year")),
        department_id=row_number(request.args.get("department")),
        state=known.get(state),
    )
