"""Pages on which a draft of the guideline gets its items."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import NotFound
from participation.db.extension import db
from participation.policy import Permission
from participation.reports.forms.guideline import SPARE_LINES, ItemForm
from participation.reports.models import Guideline, GuidelineItem
from participation.reports.queries import guideline as queries
from participation.reports.services import guideline_items as services
from participation.reports.services.guideline_items import ItemInput
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import asked_number
from participation.reports.views.guideline_draft import (
    DRAFT,
    attempt,
    back_to_draft,
    edit_page,
    section_choices,
)
from participation.web import gate, transaction

_ITEM = f"{DRAFT}/items/<int(max=999999999):guideline_item_id>"


@staff.route(f"{DRAFT}/items/new", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def add_item(number: int) -> ResponseReturnValue:
    """Add an item to a draft."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    if not draft.sections:
        raise NotFound(_("先に見出しを追加してください。項目は見出しの下に置きます。"))
    form = ItemForm(data={"section": asked_number("section")})
    _offer(form, draft)

    def save() -> None:
        services.add_item(session, draft, _typed(form), actor=actor, now=clock.now())

    status, notice = attempt(form, save)
    if status == 303:  # noqa: PLR2004 -- See Other
        return back_to_draft(number)
    return edit_page("item", status, number=number, form=form, notice_text=notice, item=None)


@staff.route(f"{_ITEM}/edit", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def edit_item(number: int, guideline_item_id: int) -> ResponseReturnValue:
    """Edit an item of a draft."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    found = _find(draft, guideline_item_id)
    if found is None and request.method == "GET":
        raise NotFound(_("その項目は見つかりませんでした。"))
    form = ItemForm(data=_stored(found) if found else {})
    _offer(form, draft)

    def save() -> None:
        services.edit_item(
            session,
            draft,
            guideline_item_id,
            _typed(form),
            seen=form.seen.data or "",
            actor=actor,
            now=clock.now(),
        )

    status, notice = attempt(form, save)
    if status == 303:  # noqa: PLR2004
        return back_to_draft(number)
    draft = queries.guideline_numbered(session, number)
    stored = _find(draft, guideline_item_id)
    differences = []
    if stored is not None:
        if status == 409:  # noqa: PLR2004
            differences = _differences(form, draft, stored)
        form.seen.data = services.item_seen(stored)
    return edit_page(
        "item",
        status,
        number=number,
        form=form,
        notice_text=notice,
        differences=differences,
        item=guideline_item_id,
    )


@staff.post(f"{_ITEM}/move")
@gate.requires(Permission.GUIDELINE_WRITE)
def move_item(number: int, guideline_item_id: int) -> ResponseReturnValue:
    """Move an item up or down under its heading."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    up = request.form.get("direction") == "up"
    moved = services.move_item(
        session, draft, guideline_item_id, up=up, actor=actor, now=clock.now()
    )
    transaction.commit()
    flash(_("項目を動かしました。") if moved else _("これ以上は動かせません。"), "success")
    return redirect(
        url_for(".edit_guideline", number=number, _anchor=f"item-{guideline_item_id}"), 303
    )


@staff.route(f"{_ITEM}/delete", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def delete_item(number: int, guideline_item_id: int) -> ResponseReturnValue:
    """Take an item out of a draft, after saying what stays."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    found = _find(draft, guideline_item_id)
    if found is None:
        raise NotFound(_("その項目は見つかりませんでした。"))
    if request.method == "POST":
        services.delete_item(session, draft, guideline_item_id, actor=actor, now=clock.now())
        transaction.commit()
        flash(_("項目を下書きから削除しました。"), "success")
        return back_to_draft(number, say=False)
    return render_template(
        "reports/staff/guideline/delete_item.html",
        number=number,
        item=found,
        lives_on=queries.item_is_used_elsewhere(session, found.item_id, draft.id),
    )


def _find(draft: Guideline, guideline_item_id: int) -> GuidelineItem | None:
    return next((one for one in draft.items if one.id == guideline_item_id), None)


def _stored(item: GuidelineItem) -> dict[str, object]:
    return {
        "code": item.item.code,
        "section": item.section_id,
        "name": item.name,
        "guideline_text": item.guideline_text,
        "categories": [{"code": row.code, "policy": row.policy} for row in item.categories],
        "seen": services.item_seen(item),
    }


def _offer(form: ItemForm, draft: Guideline) -> None:
    """Fill the choices, and add spare lines for more 区分."""
    form.section.choices = section_choices(draft)
    if not form.is_submitted():
        for _line in range(SPARE_LINES):
            form.categories.append_entry()
    offered = [("", _("なし"))]
    offered += [(row.code, f"{row.code}　{row.label}") for row in draft.categories]
    for number, line in enumerate(form.categories, start=1):
        line.label.text = _("%(number)d行目", number=number)
        typed = line.form.code.data or ""
        # A code that somebody took from the legend meanwhile stays as it was typed.
        unknown = [(typed, typed)] if typed not in dict(offered) else []
        line.form.code.choices = [*offered, *unknown]


def _typed(form: ItemForm) -> ItemInput:
    return ItemInput(
        code=form.code.data or "",
        section_id=form.section.data or 0,
        name=form.name.data or "",
        guideline_text=form.guideline_text.data or "",
        categories=[(line["code"] or "", line["policy"] or "") for line in form.categories.data],
    )


def _differences(
    form: ItemForm, draft: Guideline, stored: GuidelineItem
) -> list[tuple[str, str, str]]:
    typed = _typed(form)
    places = dict(section_choices(draft))
    triples = [
        (form.code.label.text, stored.item.code, typed.code),
        (
            form.section.label.text,
            places[stored.section_id].strip(),
            places.get(typed.section_id, "").strip(),
        ),
        (form.name.label.text, stored.name, typed.name),
        (form.guideline_text.label.text, stored.guideline_text, typed.guideline_text),
        (
            form.categories.label.text,
            "\n".join(f"{row.code}　{row.policy}" for row in stored.categories),
            "\n".join(f"{code}　{policy}" for code, policy in typed.categories if code),
        ),
    ]
    return [triple for triple in triples if triple[1] != triple[2]]
