"""Staff pages: the list of workshops, a new one, and one workshop's overview."""

from datetime import datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.audit.changes import changes_of
from participation.audit.labels import action_words
from participation.audit.queries import AuditFilter, find_events
from participation.city import queries as city
from participation.core import clock
from participation.core.actors import Actor
from participation.db.extension import db
from participation.departments.planning import offer_plan
from participation.departments.queries import all_departments, get_department
from participation.policy import Permission, holds, reachable_departments, reaches
from participation.web import gate
from participation.web.acts import attempt, status_of
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number
from participation.web.templating import translated
from participation.workshops.checks import checks_before_announcing
from participation.workshops.forms.workshops import NewWorkshopForm
from participation.workshops.labels import NEXT_LABELS, NOTICE_LABELS, STATE_LABELS, STATE_TONES
from participation.workshops.models import SignUp, Workshop, WorkshopState
from participation.workshops.queries import workshop_lists as lists
from participation.workshops.services import workshops as services
from participation.workshops.services.state_machine import ANNOUNCE, CANCEL, POSTPONE, RESUME
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.overview import sections
from participation.workshops.views.speech import day_of, department_names, hours, span

_PAGE = 50
_HISTORY = 30


@staff.get("/")
@gate.requires(Permission.WORKSHOP_READ)
def index() -> ResponseReturnValue:
    """List the workshops within reach."""
    actor = gate.authorize(Permission.WORKSHOP_READ)
    session = db.session()
    today = clock.local_date(clock.now())
    reach = reachable_departments(actor, Permission.WORKSHOP_READ)
    wanted = _wanted()
    rows = lists.for_staff(
        session,
        wanted,
        reach=reach,
        limit=_PAGE + 1,
        before=row_number(request.args.get("before")),
    )
    page = keyset_page(rows, _PAGE)
    kinds = city.kinds(session)
    return render_template(
        "workshops/staff/index.html",
        page=page,
        names=department_names(session, page.items),
        kind_labels={kind.key: kind.label for kind in kinds},
        span=span,
        wanted=wanted,
        is_narrowed=wanted != lists.WorkshopFilter(),
        years=lists.years(session),
        state_labels=STATE_LABELS,
        state_tones=STATE_TONES,
        kinds=[(kind.key, kind.label) for kind in kinds],
        departments=[
            (one.id, one.name_on(today))
            for one in all_departments(session)
            if reach is None or one.id in reach
        ],
        may_write=holds(actor, Permission.WORKSHOP_WRITE),
        may_edit_kinds=holds(actor, Permission.WORKSHOP_KIND_WRITE),
    )


@staff.route("/new", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def create() -> ResponseReturnValue:
    """Make a workshop."""
    actor = gate.authorize(Permission.WORKSHOP_WRITE)
    session, now = db.session(), clock.now()
    form = NewWorkshopForm()
    offer_plan(
        form,
        session,
        actor=actor,
        permission=Permission.WORKSHOP_WRITE,
        today=clock.local_date(now),
    )
    form.kind.choices = [
        SelectChoice(kind.key, kind.label) for kind in city.kinds(session) if kind.active
    ]

    def act() -> tuple[str, str]:
        department = get_department(session, form.department_id.data)
        gate.authorize(Permission.WORKSHOP_WRITE, gate.Owned(department.id))
        made = services.create_workshop(
            session,
            department=department,
            title=form.title.data or "",
            kind=form.kind.data,
            sign_up=SignUp(form.sign_up.data),
            year=form.fiscal_year.data,
            actor=actor,
            now=now,
        )
        done = _("催しを作りました。続けて内容と日程を入力してください。")
        return done, url_for(".workshop", workshop_id=made.id)

    response, refusal = attempt(form, act)
    if response is not None:
        return response
    return render_template("workshops/staff/new.html", form=form), status_of(form, refusal)


@staff.get("/<int:workshop_id>")
@gate.requires(Permission.WORKSHOP_READ)
def workshop(workshop_id: int) -> ResponseReturnValue:
    """Show one workshop: where it stands, what is missing, what comes next."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    session, now = db.session(), clock.now()
    preparing = found.state is WorkshopState.PREPARING
    return pages.page(
        "workshops/staff/workshop.html",
        found,
        actor,
        tab="workshop",
        department=get_department(session, found.department_id).name_on(day_of(found)),
        findings=checks_before_announcing(session, found, now) if preparing else [],
        hours=hours,
        span=span(found),
        public_url=_public_url(found),
        sections=sections(session, found),
        next_step=NEXT_LABELS[found.state],
        acts=_acts(found, actor, now),
        may_write=reaches(actor, Permission.WORKSHOP_WRITE, found.department_id),
        events=[
            (
                event,
                _act_words(event.action),
                # The other acts say by their name what they change.
                [change.field for change in changes_of(event, translated)]
                if event.action.endswith("edited")
                else [],
            )
            for event in find_events(
                session, AuditFilter(subject=f"workshop:{found.id}"), limit=_HISTORY
            )
        ],
        notice_labels=NOTICE_LABELS,
    )


def _act_words(action: str) -> str:
    """Return what was done; what was done to the event itself needs no thing before the verb."""
    words = [translated(word) for word in action_words(action)]
    return words[-1] if action.startswith("workshops.workshop.") else _("：").join(words)


def _public_url(found: Workshop) -> str:
    if found.state is WorkshopState.PREPARING:
        return ""
    return url_for("workshops_public.workshop", workshop_id=found.id)


def _acts(found: Workshop, actor: Actor, now: datetime) -> dict[str, bool]:
    """Return which steps ``actor`` may take now."""
    decides = reaches(actor, Permission.WORKSHOP_APPROVE, found.department_id)
    writes = reaches(actor, Permission.WORKSHOP_WRITE, found.department_id)
    ahead = any(not day.stop_reason and day.ends_at > now for day in found.days)
    return {
        "announce": decides and found.state in ANNOUNCE.sources,
        "postpone": decides and found.state in POSTPONE.sources and ahead,
        "resume": decides and found.state in RESUME.sources,
        "cancel": decides
        and found.state in CANCEL.sources
        and (ahead or found.state is WorkshopState.POSTPONED),
        "delete": writes and found.state is WorkshopState.PREPARING,
        "notice": writes and found.state is not WorkshopState.PREPARING,
    }


def _wanted() -> lists.WorkshopFilter:
    known = {one.value: one for one in WorkshopState}
    return lists.WorkshopFilter(
        fiscal_year=row_number(request.args.get("year")),
        department_id=row_number(request.args.get("department")),
        state=known.get(request.args.get("state", "")),
        kind=request.args.get("kind") or None,
    )
