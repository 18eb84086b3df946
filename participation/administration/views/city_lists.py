"""The lists of the city's profile: closed days and places."""

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.administration.city_forms import ClosedDayForm, PlaceForm
from participation.administration.form_errors import carried_out
from participation.administration.views.blueprints import staff
from participation.city import queries, services
from participation.city.models import Place
from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction


@staff.route("/city/closed-days", methods=["GET", "POST"])
@gate.requires(Permission.CITY_WRITE)
def closed_days() -> ResponseReturnValue:
    """List closed days and add one."""
    actor = gate.authorize(Permission.CITY_WRITE)
    form = ClosedDayForm()

    def act() -> None:
        services.add_closed_day(
            db.session(),
            form.day.data or date.min,
            form.label.data or "",
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("休みの日を追加しました。"), "success")
        return redirect(url_for(".closed_days"), 303)
    page = render_template(
        "administration/closed_days.html",
        form=form,
        closed_days=queries.all_closed_days(db.session()),
    )
    return page, 422 if form.errors else 200


@staff.post("/city/closed-days/<day>/remove")
@gate.requires(Permission.CITY_WRITE)
def remove_closed_day(day: str) -> ResponseReturnValue:
    """Take a closed day off the list."""
    actor = gate.authorize(Permission.CITY_WRITE)
    try:
        which = date.fromisoformat(day)
    except ValueError:
        raise NotFound("この日は登録されていません。一覧を開き直してください。") from None
    services.remove_closed_day(db.session(), which, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("休みの日を取り消しました。"), "success")
    return redirect(url_for(".closed_days"), 303)


@staff.route("/city/places/new", methods=["GET", "POST"])
@gate.requires(Permission.CITY_WRITE)
def new_place() -> ResponseReturnValue:
    """Add a place."""
    last = max((place.position for place in queries.places(db.session())), default=0)
    return _place_page(None, PlaceForm(data={"position": last + 10, "active": True}))


@staff.route("/city/places/<int:place_id>", methods=["GET", "POST"])
@gate.requires(Permission.CITY_WRITE)
def edit_place(place_id: int) -> ResponseReturnValue:
    """Change a place."""
    place = queries.get_place(db.session(), place_id)
    return _place_page(place, PlaceForm(obj=place))


def _place_page(place: Place | None, form: PlaceForm) -> ResponseReturnValue:
    actor = gate.authorize(Permission.CITY_WRITE)

    def act() -> None:
        services.save_place(
            db.session(),
            place,
            name=form.name.data or "",
            address=form.address.data or "",
            hours=form.hours.data or "",
            position=form.position.data or 0,
            active=bool(form.active.data),
            actor=actor,
            now=clock.now(),
        )

    if form.validate_on_submit() and carried_out(form, act):
        flash(_("場所を保存しました。"), "success")
        return redirect(url_for(".city"), 303)
    page = render_template(
        "administration/edit.html",
        form=form,
        title=_("場所の変更") if place else _("場所の追加"),
        subject=place.name if place else "",
        intro=_("使わなくなった場所は、削除せずに「使用する」を外してください。") if place else "",
        button=_("保存する"),
        kind="primary",
        trail=[(_("自治体の設定"), url_for(".city"))],
        back=url_for(".city"),
    )
    return page, 422 if form.errors else 200
