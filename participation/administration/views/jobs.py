"""Long work: the list, one job with its progress, and another try."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.administration import services
from participation.administration.filter_forms import JobFilterForm
from participation.administration.labels import JOB_KINDS
from participation.administration.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Actor, Role
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.jobs.labels import STATE_LABELS
from participation.jobs.models import Job, JobState
from participation.jobs.queries import get_job, list_jobs
from participation.policy import Permission as P
from participation.policy import holds
from participation.web import transaction
from participation.web.gate import authorize, requires
from participation.web.local_paths import local_path
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 50
# Who sees everybody's jobs; all others see those they asked for.
_OVERSEERS = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR)


@staff.get("/jobs")
@requires(P.JOB_READ)
def jobs() -> ResponseReturnValue:
    """The jobs that the signed-in person may see, newest first."""
    actor = authorize(P.JOB_READ)
    form = JobFilterForm(request.args)
    state = JobState(form.state.data) if form.validate() and form.state.data else None
    found = list_jobs(
        db.session(),
        limit=_PAGE + 1,
        before=row_number(request.args.get("before")),
        state=state,
        created_by=None if _oversees(actor) else actor.staff_id,
    )
    return render_template(
        "administration/jobs.html",
        form=form,
        page=keyset_page(found, _PAGE),
        state_labels=STATE_LABELS,
        kind_labels=JOB_KINDS,
        filtered=state is not None,
    )


@staff.get("/jobs/<int:job_id>")
@requires(P.JOB_READ)
def job(job_id: int) -> ResponseReturnValue:
    """One job; once it is done, on to ``?next=`` if there is one."""
    actor = authorize(P.JOB_READ)
    found = _visible_job(actor, job_id)
    onward = local_path(request.args.get("next"), "")
    if found.state is JobState.DONE and onward:
        return redirect(onward, 303)
    return render_template(
        "administration/job.html",
        job=found,
        onward=onward,
        kind_label=JOB_KINDS.get(found.kind, found.kind),
        state_label=STATE_LABELS[found.state],
        running=found.state in {JobState.QUEUED, JobState.RUNNING},
        words=_words(found),
        may_retry=found.state is JobState.FAILED and holds(actor, P.JOB_WRITE),
    )


@staff.get("/jobs/<int:job_id>/status")
@requires(P.JOB_READ)
def job_status(job_id: int) -> ResponseReturnValue:
    """The same for the page's script."""
    actor = authorize(P.JOB_READ)
    found = _visible_job(actor, job_id)
    onward = local_path(request.args.get("next"), "")
    # The page itself goes on to ``next`` when the job is done, and says why when it failed.
    return jsonify(
        done=found.done_units,
        total=found.total_units,
        label=_words(found),
        state=found.state.value,
        url=url_for(".job", job_id=job_id, next=onward or None),
    )


@staff.post("/jobs/<int:job_id>/retry")
@requires(P.JOB_WRITE)
def job_retry(job_id: int) -> ResponseReturnValue:
    """Run a failed job again."""
    actor = authorize(P.JOB_WRITE)
    found = _visible_job(actor, job_id)
    services.retry_job(db.session(), found, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("もう一度実行します。"), "success")
    onward = local_path(request.form.get("next"), "")
    return redirect(url_for(".job", job_id=job_id, next=onward or None), 303)


def _oversees(actor: Actor) -> bool:
    return any(actor.has_role(role) for role in _OVERSEERS)


def _visible_job(actor: Actor, job_id: int) -> Job:
    found = get_job(db.session(), job_id)
    if not _oversees(actor) and found.created_by != actor.staff_id:
        raise NotFound("お探しの処理は見つかりませんでした。")
    return found


def _words(found: Job) -> str:
    """Return the state in one line, with the step and the figures where there are any."""
    parts: list[str] = [_(STATE_LABELS[found.state])]
    if found.state is JobState.QUEUED and found.error:
        parts = [_("問題が起きたため、まもなくもう一度試します")]
    if found.label:
        parts.append(found.label)
    if found.state is JobState.RUNNING and found.total_units:
        parts.append(_("%(total)s件中%(done)s件", done=found.done_units, total=found.total_units))
    return "：".join(parts)
