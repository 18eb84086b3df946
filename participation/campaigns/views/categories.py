"""The staff page of a campaign's 対応区分."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.campaigns.forms.answers import CategoryForm
from participation.campaigns.models import Campaign
from participation.campaigns.queries.groups import categories_of
from participation.campaigns.services import categories as services
from participation.campaigns.services.categories import CategoryWords
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, StateConflict
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate, transaction
from participation.web.acts import attempt, put_refusal, status_of

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

    def act() -> str:
        services.add_category(db.session(), campaign, _typed(form), actor=actor, now=clock.now())
        return str(_("対応区分を加えました。"))

    response, refusal = attempt(form, act, back=url_for(".categories", campaign_id=campaign_id))
    if response is not None:
        return response
    return _list_page(campaign, actor, form, problem=refusal), status_of(form, refusal)


@staff.route(_ONE, methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def edit_category(campaign_id: int, category_id: int) -> ResponseReturnValue:
    """Change a 対応区分."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = services.get_category(session, campaign, category_id)
    form = CategoryForm(obj=found)

    def act() -> str:
        changed = services.edit_category(
            session, campaign, found, _typed(form), actor=actor, now=clock.now()
        )
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    response, refusal = attempt(form, act, back=url_for(".categories", campaign_id=campaign_id))
    if response is not None:
        return response
    put_refusal(form, refusal)
    page = pages.page(
        "campaigns/staff/answers/category.html", campaign, actor, tab="groups", form=form
    )
    return page, status_of(form, refusal)


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

    def act() -> str:
        services.remove_category(session, campaign, found, actor=actor, now=clock.now())
        return str(_("対応区分を削除しました。"))

    response, refusal = attempt(None, act, back=url_for(".categories", campaign_id=campaign_id))
    if response is not None:
        return response
    page = _list_page(campaign, actor, CategoryForm(formdata=None), problem=refusal)
    return page, status_of(None, refusal)


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
        problem=problem,
        writing=writing(session, campaign, actor),
    )
