"""The audit log: who did what, with filters; looking at it is recorded as well."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation import audit
from participation.administration.filter_forms import AuditFilterForm, choices
from participation.administration.views.blueprints import staff
from participation.audit.changes import changes_of
from participation.audit.labels import action_words, subject_words
from participation.audit.models import AuditEvent
from participation.audit.queries import AuditFilter, find_events
from participation.core import clock
from participation.db.extension import db
from participation.departments.queries import all_departments, names
from participation.policy import Permission as P
from participation.web import transaction
from participation.web.gate import authorize, requires
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 50
_LARGEST_EVENT = 2**63 - 1


@staff.get("/audit")
@requires(P.AUDIT_READ)
def audit_log() -> ResponseReturnValue:
    """The events that the filter lets through, newest first."""
    actor = authorize(P.AUDIT_READ)
    session, now = db.session(), clock.now()
    today = clock.local_date(now)
    form = AuditFilterForm(request.args)
    form.department.choices = choices(
        {str(each.id): each.name_on(today) for each in all_departments(session)}
    )
    valid = form.validate()
    wanted = _filter(form) if valid else AuditFilter()
    before = row_number(request.args.get("before"), largest=_LARGEST_EVENT)
    events = find_events(session, wanted, limit=_PAGE + 1, before=before) if valid else []
    page = keyset_page(events, _PAGE)
    lines = [_line(event) for event in page.items]
    departments = names(
        session, {event.department_id for event in page.items if event.department_id}, today
    )
    audit.record(
        session,
        "audit.log.viewed",
        actor=actor,
        now=now,
        subject="audit:log",
        after={name: value for name, value in vars(wanted).items() if value not in ("", None)},
    )
    transaction.commit()
    body = render_template(
        "administration/audit.html",
        form=form,
        page=page,
        lines=lines,
        departments=departments,
        filtered=wanted != AuditFilter(),
    )
    return body, 200 if valid else 422


def _filter(form: AuditFilterForm) -> AuditFilter:
    return AuditFilter(
        actor=form.actor.data or "",
        action=form.action.data or "",
        subject=form.subject.data or "",
        department_id=int(form.department.data) if form.department.data else None,
        first_day=form.first_day.data,
        last_day=form.last_day.data,
    )


def _line(event: AuditEvent) -> dict[str, object]:
    # Plain values: after the commit below an event would be loaded again, one by one.
    return {
        "id": event.id,
        "occurred_at": event.occurred_at,
        "actor": event.actor_name,
        "action": _("：").join(_(word) for word in action_words(event.action)),
        "subject": " ".join(_(word) for word in subject_words(event.subject)),
        "department_id": event.department_id,
        "reason": event.reason,
        "changes": changes_of(event, _),
    }
