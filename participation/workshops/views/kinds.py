"""Staff pages of the kinds of events: the city adds one with fields of its own, without code."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.city import queries as city
from participation.city.workshop_kinds import WHERE_LABELS, Kind
from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.acts import attempt, press, status_of
from participation.web.forms import SeenForm
from participation.workshops.forms.kinds import BLANK_ROWS, KindForm
from participation.workshops.queries.workshop_lists import kinds_in_use
from participation.workshops.services import kinds as services
from participation.workshops.views.blueprints import staff


@staff.get("/kinds")
@gate.requires(Permission.WORKSHOP_KIND_WRITE)
def kinds() -> ResponseReturnValue:
    """List the kinds with their fields."""
    gate.authorize(Permission.WORKSHOP_KIND_WRITE)
    session = db.session()
    return render_template(
        "workshops/staff/kinds.html",
        kinds=city.kinds(session),
        in_use=kinds_in_use(session),
        where_labels=WHERE_LABELS,
        seen=_seen(),
        has_city=city.get_city(session) is not None,
    )


@staff.route("/kinds/new", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_KIND_WRITE)
def add_kind() -> ResponseReturnValue:
    """Add a kind."""
    return _kind_page(Kind("", ""))


@staff.route("/kinds/<kind_key>/edit", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_KIND_WRITE)
def edit_kind(kind_key: str) -> ResponseReturnValue:
    """Change a kind."""
    found = next((one for one in city.kinds(db.session()) if one.key == kind_key), None)
    if found is None:
        raise NotFound("お探しの種類は見つかりませんでした。")
    return _kind_page(found)


@staff.post("/kinds/<kind_key>/remove")
@gate.requires(Permission.WORKSHOP_KIND_WRITE)
def remove_kind(kind_key: str) -> ResponseReturnValue:
    """Take away a kind that no event has."""
    actor = gate.authorize(Permission.WORKSHOP_KIND_WRITE)

    def act() -> str:
        services.remove_kind(
            db.session(),
            kind_key,
            seen=SeenForm().moment_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("種類を消しました。"))

    return press(act, back=url_for(".kinds"))


def _kind_page(found: Kind) -> ResponseReturnValue:
    actor = gate.authorize(Permission.WORKSHOP_KIND_WRITE)
    form = KindForm()
    if request.method == "GET":
        form.seen.data = _seen()
        if found.key:
            form.show(found)

    def act() -> str:
        services.save_kind(
            db.session(),
            form.kind(found.key),
            seen=form.moment_seen(),
            actor=actor,
            now=clock.now(),
        )
        return str(_("種類を保存しました。"))

    response, refusal = attempt(form, act, back=url_for(".kinds"))
    if response is not None:
        return response
    if refusal:
        # Whoever sends the form again has been told.
        form.seen.data, form.seen.raw_data = _seen(), None
    blank = sum(not (row.form.label.data or "").strip() for row in form.fields)
    for _index in range(BLANK_ROWS - blank):
        form.fields.append_entry({})
    for number, row in enumerate(form.fields, start=1):
        row.label.text = _("項目 %(number)s", number=number)
    page = render_template(
        "workshops/staff/kind.html", form=form, refusal=refusal, is_new=not found.key
    )
    return page, status_of(form, refusal)


def _seen() -> str:
    stored = city.get_city(db.session())
    return stored.updated_at.isoformat() if stored is not None else ""
