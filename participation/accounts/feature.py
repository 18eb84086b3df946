"""What this feature adds to the app."""

from datetime import datetime

from flask import Flask, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.accounts import login
from participation.accounts.cli import group
from participation.accounts.services import held_forms, sessions
from participation.accounts.views import held, invitation, own_account, sign_in
from participation.accounts.views.blueprints import staff
from participation.core.actors import Actor
from participation.policy import Permission
from participation.web.feature import Feature, NavigationLink, WaitingTask

# Imported for their routes.
VIEWS = (held, invitation, own_account, sign_in)


def _setup(app: Flask) -> None:
    login.init_app(app)


def _waiting(session: Session, actor: Actor, now: datetime) -> list[WaitingTask]:
    """A form that was held is the first thing to look at."""
    count = held_forms.count_held(session, actor.staff_id, now) if actor.staff_id else 0
    if not count:
        return []
    return [WaitingTask(_("保管している入力"), count, url_for("staff.accounts.held"))]


def _erase(session: Session, now: datetime) -> int:
    """A duty of the worker: held forms after a day, rows of sessions long over."""
    return held_forms.erase_old(session, now) + sessions.erase_old(session, now)


feature = Feature(
    name="accounts",
    staff=(staff,),
    cli=(group,),
    sweeps=(_erase,),
    navigation=(
        NavigationLink("アカウント", "staff.accounts.account", Permission.OWN_ACCOUNT, 90),
    ),
    waiting=_waiting,
    setup=_setup,
)
