"""What the staff pages of one workshop share: loading with the right, and the row of tabs."""

from flask import render_template, request

from participation.core.actors import Actor
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.tabs import tabs_for
from participation.workshops.labels import STATE_LABELS, STATE_TONES
from participation.workshops.models import Workshop
from participation.workshops.queries.workshops import get_workshop

# Label, endpoint below staff.workshops, right; in the order of the work. A tab is the current one
# for its own endpoint and for every page whose template names it (``tab``).
TABS = (
    ("概要", "workshop", Permission.WORKSHOP_READ),
    ("日程と定員", "days", Permission.WORKSHOP_READ),
    ("申込み", "registrations", Permission.REGISTRATION_READ),
    ("抽選", "draws", Permission.REGISTRATION_READ),
    ("連絡", "letters", Permission.REGISTRATION_READ),
    ("当日の受付", "attendance", Permission.REGISTRATION_READ),
    ("アンケート", "questionnaire", Permission.WORKSHOP_READ),
    ("開催結果", "outcome", Permission.WORKSHOP_READ),
)


def load(workshop_id: int, permission: Permission) -> tuple[Workshop, Actor]:
    """Return the workshop and the actor who has ``permission`` over it.

    Raises:
        PermissionDenied: the actor has it nowhere.
        NotFound: there is no such workshop, or it is another department's.

    """
    gate.authorize(permission)
    workshop = get_workshop(db.session(), workshop_id)
    return workshop, gate.authorize(permission, workshop)


def page(template: str, workshop: Workshop, actor: Actor, *, tab: str, **context: object) -> str:
    """Render a staff page of ``workshop`` with its tabs.

    Args:
        template: extends ``workshops/staff/layout.html``.
        workshop: whose page it is.
        actor: whose rights decide which tabs are shown.
        tab: the endpoint (without its blueprint) of the tab that the page lies under.
        context: what the template needs beside.

    """
    tabs = tabs_for(actor, TABS, blueprint="staff.workshops", current=tab, workshop_id=workshop.id)
    return render_template(
        template,
        workshop=workshop,
        tabs=tabs,
        state_label=STATE_LABELS[workshop.state],
        state_tone=STATE_TONES[workshop.state],
        here=request.path,
        **context,
    )
