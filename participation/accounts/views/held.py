"""What was typed when the session had run out: shown, sent again or thrown away."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.accounts.labels import FIELD_LABELS
from participation.accounts.services import held_forms
from participation.accounts.views.blueprints import staff
from participation.core import clock
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction


@staff.get("/held")
@gate.requires(Permission.OWN_ACCOUNT)
def held() -> ResponseReturnValue:
    """List what is held for the signed-in person, each with a way on and a way out."""
    actor = gate.authorize(Permission.OWN_ACCOUNT)
    found = held_forms.held_forms(db.session(), actor.staff_id or 0, clock.now())
    return render_template("accounts/held.html", held=found, labels=FIELD_LABELS)


@staff.post("/held/<int:held_id>/discard")
@gate.requires(Permission.OWN_ACCOUNT)
def discard_held(held_id: int) -> ResponseReturnValue:
    """Throw one away."""
    actor = gate.authorize(Permission.OWN_ACCOUNT)
    held_forms.discard_held(db.session(), actor.staff_id or 0, held_id)
    transaction.commit()
    flash(_("保管していた入力を破棄しました。"), "success")
    return redirect(url_for(".held"), 303)
