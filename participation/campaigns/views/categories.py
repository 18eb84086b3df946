"""The staff page of a campaign's 対応区分."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.forms.answers import CategoryForm
from participation.campaigns.forms.errors import put_error
from participation.campaigns.models import Campaign
from participation.campaigns.queries.groups import categories_of
from participation.campaigns.services import categories as services
from participation.campaigns.services.categories import CategoryWords
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction

_ONE = "/<int:campaign_id>/categories/<int:category_id>"


@staff.get("/<int:campaign_id>/categories")
@gate.requires(Permission.SUBMISSION_READ)
def categories(campaign_id: int) -> ResponseReturnValue:
    """Show the 対応区分 of a campaign, and by how many groups each is used."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    return _list_page(campaign, actor, CategoryForm(formdata=None))


@staff.post("/<int:campaign_id>/categories/add")
@gate.requires(Permission.ANSWER_WRITE)
def add_category(campaign_id: int) -> ResponseReturnValue:
    """Add a 対応区分."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    form = CategoryForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            services.add_category(
                db.session(), campaign, _typed(form), actor=actor, now=clock.now()
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            problem = error
        else:
            transaction.commit()
            flash(_("対応区分を加えました。"), "success")
            return redirect(url_for(".categories", campaign_id=campaign_id), 303)
    page = _list_page(campaign, actor, form, problem=problem)
    return page, problem.status if problem else 422


@staff.route(_ONE, methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def edit_category(campaign_id: int, category_id: int) -> ResponseReturnValue:
    """Change a 対応区分."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = services.get_category(session, campaign, category_id)
    form = CategoryForm(obj=found)
    status = 200
    if form.validate_on_submit():
        try:
            changed = services.edit_category(
                session, campaign, found, _typed(form), actor=actor, now=clock.now()
            )
        except InvalidInput as error:
            transaction.discard()
            put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            status = error.status
            form.form_errors.append(str(error))
        else:
            transaction.commit()
            flash(_("保存しました。") if changed else _("変更はありませんでした。"), "success")
            return redirect(url_for(".categories", campaign_id=campaign_id), 303)
    page = pages.page(
        "campaigns/staff/answers/category.html", campaign, actor, tab="groups", form=form
    )
    if status == 200 and (form.errors or form.form_errors):  # noqa: PLR2004
        status = 422
    return page, status


@staff.post(f"{_ONE}/move")
@gate.requires(Permission.ANSWER_WRITE)
def move_category(campaign_id: int, category_id: int) -> ResponseReturnValue:
    """Move a 対応区分 one place."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = services.get_category(session, campaign, category_id)
    up = request.form.get("to") == "up"
    try:
        services.move_category(session, campaign, found, up=up, actor=actor, now=clock.now())
    except StateConflict as error:
        transaction.discard()
        page = _list_page(campaign, actor, CategoryForm(formdata=None), problem=error)
        return page, error.status
    transaction.commit()
    return redirect(url_for(".categories", campaign_id=campaign_id), 303)


@staff.post(f"{_ONE}/remove")
@gate.requires(Permission.ANSWER_WRITE)
def remove_category(campaign_id: int, category_id: int) -> ResponseReturnValue:
    """Remove a 対応区分 that nothing uses."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = services.get_category(session, campaign, category_id)
    try:
        services.remove_category(session, campaign, found, actor=actor, now=clock.now())
    except StateConflict as error:
        transaction.discard()
        page = _list_page(campaign, actor, CategoryForm(formdata=None), problem=error)
        return page, error.status
    transaction.commit()
    flash(_("対応区分を削除しました。"), "success")
    return redirect(url_for(".categories", campaign_id=campaign_id), 303)


def _typed(form: CategoryForm) -> CategoryWords:
    return CategoryWords(
        code=form.code.data or "",
        label=form.label.data or "",
        needs_amendment=bool(form.needs_amendment.data),
        out_of_scope=bool(form.out_of_scope.data),
    )


def _list_page(
    campaign: Campaign, actor: Actor, form: CategoryForm, *, problem: DomainError | None = None
) -> str:
    session = db.session()
    return pages.page(
        "campaigns/staff/answers/categories.html",
        campaign,
        actor,
        tab="groups",
        form=form,
        categories=categories_of(session, campaign),
        usage=services.usage(session, campaign),
        problem=str(problem) if problem else "",
        writing=writing(session, campaign, actor),
    )
