"""Staff pages of draws: which lotteries there are, and drawing one."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import StateConflict
from participation.db.extension import db
from participation.policy import Permission, reaches
from participation.web import gate, transaction
from participation.web.forms import Form
from participation.workshops import priority
from participation.workshops.queries.draws import Lottery, lotteries_of
from participation.workshops.queries.workshops import get_pool
from participation.workshops.services import draws as services
from participation.workshops.views import pages
from participation.workshops.views.blueprints import staff
from participation.workshops.views.registration_words import pool_names
from participation.workshops.views.speech import deadline


@staff.get("/<int:workshop_id>/draws")
@gate.requires(Permission.REGISTRATION_READ)
def draws(workshop_id: int) -> ResponseReturnValue:
    """Show the lotteries of an event: until when, how many applied, what was drawn."""
    return _page(workshop_id)


@staff.post("/<int:workshop_id>/draws/<int:pool_id>")
@gate.requires(Permission.WORKSHOP_APPROVE)
def draw_seats(workshop_id: int, pool_id: int) -> ResponseReturnValue:
    """Draw the seats of a pool."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_APPROVE)
    session = db.session()
    pool = get_pool(session, found, pool_id)
    if not Form().validate_on_submit():
        return _page(workshop_id), 422
    try:
        record = services.draw(session, pool, actor=actor, now=clock.now())
    except StateConflict as error:
        transaction.discard()
        flash(str(error), "error")
        return redirect(url_for(".draws", workshop_id=workshop_id), 303)
    count = record.entries
    transaction.commit()
    flash(
        _("%(count)s件の申込みから抽選しました。結果のページを公開しました。", count=count),
        "success",
    )
    return redirect(url_for(".draws", workshop_id=workshop_id), 303)


def _page(workshop_id: int) -> str:
    found, actor = pages.load(workshop_id, Permission.REGISTRATION_READ)
    session, now = db.session(), clock.now()
    lotteries = lotteries_of(session, found.id)
    labels = {one.id: one.label for one in found.eligibilities}
    return pages.page(
        "workshops/staff/draws.html",
        found,
        actor,
        tab="draws",
        lotteries=lotteries,
        names=pool_names(found, [one.pool for one in lotteries]),
        refusals={
            one.pool.id: services.why_not(session, found, one.pool, now)
            for one in lotteries
            if one.draw is None
        },
        tiers=priority.tier_words(priority.with_words(found.priority, labels)),
        deadline=deadline,
        free=_free,
        may_draw=reaches(actor, Permission.WORKSHOP_APPROVE, found.department_id),
    )


def _free(one: Lottery) -> int:
    return (one.pool.capacity or 0) - one.pool.taken
