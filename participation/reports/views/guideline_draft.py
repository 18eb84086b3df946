"""Pages on which a draft of the guideline gets its words: title, legend and headings."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.reports.forms.guideline import (
    SPARE_LINES,
    CategoriesForm,
    SectionForm,
    WordsForm,
)
from participation.reports.models import Guideline
from participation.reports.queries import guideline as queries
from participation.reports.queries.worksheet import heading
from participation.reports.services import guideline as services
from participation.reports.services import guideline_sections as sections
from participation.reports.views.blueprints import staff
from participation.reports.views.chosen import asked_number
from participation.web import gate, transaction
from participation.web.forms import Form, put_error

DRAFT = "/guideline/<int(max=99999):number>"
_SECTION = f"{DRAFT}/sections/<int(max=999999999):section_id>"

# What stands in the database now, for the conflict page: (label, stored, typed).
Differences = list[tuple[str, str, str]]


@staff.route(f"{DRAFT}/words", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def edit_guideline_words(number: int) -> ResponseReturnValue:
    """Edit the title, the legend's heading and the note."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    form = WordsForm(obj=draft, data={"seen": services.words_seen(draft)})

    def save() -> None:
        services.edit_words(
            session,
            draft,
            title=form.title.data or "",
            category_note=form.category_note.data or "",
            note=form.note.data or "",
            seen=form.seen.data or "",
            actor=actor,
            now=clock.now(),
        )

    status, notice = attempt(form, save)
    if status == 303:  # noqa: PLR2004 -- See Other
        return back_to_draft(number)
    stored = queries.guideline_numbered(session, number)
    differences = _differences(
        status,
        (form.title.label.text, stored.title, form.title.data),
        (form.category_note.label.text, stored.category_note, form.category_note.data),
        (form.note.label.text, stored.note, form.note.data),
    )
    form.seen.data = services.words_seen(stored)
    return edit_page(
        "words", status, number=number, form=form, notice_text=notice, differences=differences
    )


@staff.route(f"{DRAFT}/categories", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def edit_guideline_categories(number: int) -> ResponseReturnValue:
    """Edit the legend (区分); an emptied line goes, spare lines take new ones."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    form = CategoriesForm(
        data={
            "seen": services.categories_seen(draft),
            "lines": [
                {"category_id": row.id, "code": row.code, "label": row.label}
                for row in draft.categories
            ],
        }
    )

    def save() -> None:
        services.set_categories(
            session,
            draft,
            [
                services.CategoryInput(
                    int(line["category_id"]) if str(line["category_id"]).isdecimal() else None,
                    line["code"] or "",
                    line["label"] or "",
                )
                for line in form.lines.data
                if (line["code"] or "").strip() or (line["label"] or "").strip()
            ],
            seen=form.seen.data or "",
            actor=actor,
            now=clock.now(),
        )

    status, notice = attempt(form, save)
    if status == 303:  # noqa: PLR2004
        return back_to_draft(number)
    stored = queries.guideline_numbered(session, number)
    typed = "\n".join(
        f"{line['code']}　{line['label']}" for line in form.lines.data if line["code"]
    )
    kept = "\n".join(f"{row.code}　{row.label}" for row in stored.categories)
    form.seen.data = services.categories_seen(stored)
    while len(form.lines) < len(stored.categories) + SPARE_LINES:
        form.lines.append_entry()
    for number_of_line, line in enumerate(form.lines, start=1):
        line.label.text = _("%(number)d行目", number=number_of_line)
    return edit_page(
        "categories",
        status,
        number=number,
        form=form,
        notice_text=notice,
        differences=_differences(status, (form.lines.label.text, kept, typed)),
    )


@staff.route(f"{DRAFT}/sections/new", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def add_section(number: int) -> ResponseReturnValue:
    """Add a heading."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    form = SectionForm(data={"parent": asked_number("parent") or 0})
    form.parent.choices = parent_choices(draft)

    def save() -> None:
        sections.add_section(
            session,
            draft,
            parent_id=form.parent.data or None,
            mark=form.mark.data or "",
            title=form.title.data or "",
            actor=actor,
            now=clock.now(),
        )

    status, notice = attempt(form, save)
    if status == 303:  # noqa: PLR2004
        return back_to_draft(number)
    return edit_page("section", status, number=number, form=form, notice_text=notice, section=None)


@staff.route(f"{_SECTION}/edit", methods=["GET", "POST"])
@gate.requires(Permission.GUIDELINE_WRITE)
def edit_section(number: int, section_id: int) -> ResponseReturnValue:
    """Rename a heading or put it under another."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    found = next((one for one in draft.sections if one.id == section_id), None)
    if found is None and request.method == "GET":
        raise NotFound(_("その見出しは見つかりませんでした。"))
    form = SectionForm(
        obj=found,
        data={
            "parent": (found.parent_id if found else None) or 0,
            "seen": sections.section_seen(found) if found else "",
        },
    )
    form.parent.choices = parent_choices(draft)

    def save() -> None:
        sections.edit_section(
            session,
            draft,
            section_id,
            parent_id=form.parent.data or None,
            mark=form.mark.data or "",
            title=form.title.data or "",
            seen=form.seen.data or "",
            actor=actor,
            now=clock.now(),
        )

    status, notice = attempt(form, save)
    if status == 303:  # noqa: PLR2004
        return back_to_draft(number)
    draft = queries.guideline_numbered(session, number)
    stored = next((one for one in draft.sections if one.id == section_id), None)
    differences: Differences = []
    if stored is not None:
        places = dict(parent_choices(draft))
        differences = _differences(
            status,
            (form.mark.label.text, stored.mark, form.mark.data),
            (form.title.label.text, stored.title, form.title.data),
            (
                form.parent.label.text,
                places[stored.parent_id or 0],
                places.get(form.parent.data, ""),
            ),
        )
        form.seen.data = sections.section_seen(stored)
    return edit_page(
        "section",
        status,
        number=number,
        form=form,
        notice_text=notice,
        differences=differences,
        section=section_id,
    )


@staff.post(f"{_SECTION}/move")
@gate.requires(Permission.GUIDELINE_WRITE)
def move_section(number: int, section_id: int) -> ResponseReturnValue:
    """Move a heading, with all below it, up or down among its neighbours."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    up = request.form.get("direction") == "up"
    moved = sections.move_section(session, draft, section_id, up=up, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("見出しを動かしました。") if moved else _("これ以上は動かせません。"), "success")
    return redirect(url_for(".edit_guideline", number=number, _anchor=f"section-{section_id}"), 303)


@staff.post(f"{_SECTION}/delete")
@gate.requires(Permission.GUIDELINE_WRITE)
def delete_section(number: int, section_id: int) -> ResponseReturnValue:
    """Delete an empty heading."""
    actor = gate.authorize(Permission.GUIDELINE_WRITE)
    session = db.session()
    draft = queries.guideline_numbered(session, number)
    sections.delete_section(session, draft, section_id, actor=actor, now=clock.now())
    transaction.commit()
    flash(_("見出しを削除しました。"), "success")
    return back_to_draft(number, say=False)


def attempt(form: Form, save: Callable[[], None]) -> tuple[int, str]:
    """Run ``save`` when a valid form was sent.

    Returns:
        The status of the answer (303 when stored) and what a conflict says. What was typed stays
        in the form in every case.

    """
    if not form.validate_on_submit():
        return (422 if form.errors else 200), ""
    try:
        save()
    except InvalidInput as error:
        transaction.discard()
        put_error(form, error)
        return 422, ""
    except (StateConflict, NotFound) as error:
        transaction.discard()
        return 409, str(error)
    transaction.commit()
    return 303, ""


def back_to_draft(number: int, *, say: bool = True) -> ResponseReturnValue:
    """Go back to the draft's page."""
    if say:
        flash(_("下書きに保存しました。"), "success")
    return redirect(url_for(".edit_guideline", number=number), 303)


def edit_page(name: str, status: int, **context: object) -> ResponseReturnValue:
    """Return one of the draft's form pages."""
    context.setdefault("differences", [])
    return render_template(f"reports/staff/guideline/{name}.html", **context), status


def parent_choices(draft: Guideline) -> list[tuple[int, str]]:
    """Return the headings of a draft, indented by level, after 0 for none."""
    return [(0, _("なし（いちばん上の段）")), *section_choices(draft)]


def section_choices(draft: Guideline) -> list[tuple[int, str]]:
    """Return the headings of a draft, indented by level."""
    return [
        (
            branch.section.id,
            "　" * (branch.level - 1)
            + heading(branch.section.mark, branch.section.title, branch.level),
        )
        for root in queries.section_tree(draft)
        for branch in root.walk()
    ]


def _differences(status: int, *triples: tuple[str, str, str | None]) -> Differences:
    if status != 409:  # noqa: PLR2004
        return []
    return [(label, now, typed or "") for label, now, typed in triples if now != (typed or "")]
