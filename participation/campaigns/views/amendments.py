"""Staff pages of amendments: the list with before and after, writing one, the groups behind it."""

import re

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.campaigns.documents.difference import marked_difference
from participation.campaigns.forms.answers import AmendmentForm, show_version
from participation.campaigns.models import Amendment, Campaign
from participation.campaigns.queries import amendments as queries
from participation.campaigns.queries import groups as group_queries
from participation.campaigns.queries.documents import passages, passages_of, published_versions
from participation.campaigns.services import amendments as services
from participation.campaigns.services.amendments import AmendmentWords
from participation.campaigns.services.answer_rules import AnswerConflict
from participation.campaigns.views import pages
from participation.campaigns.views.answer_pages import writing
from participation.campaigns.views.blueprints import staff
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.core.text import compare_key
from participation.db.extension import db
from participation.policy import Permission
from participation.web import gate
from participation.web.acts import attempt, put_refusal, status_of
from participation.web.history import history_of
from participation.web.row_numbers import row_number

_ONE = "/<int:campaign_id>/amendments/<int:amendment_id>"
_SEPARATORS = re.compile(r"[、,，\s]+")
_NO_PASSAGE = 0
_MOST_PASSAGES = 3_000


@staff.get("/<int:campaign_id>/amendments")
@gate.requires(Permission.SUBMISSION_READ)
def amendments(campaign_id: int) -> ResponseReturnValue:
    """List the amendments, each with what changes and the groups behind it."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    session = db.session()
    lines = queries.amendment_lines(session, campaign)
    return pages.page(
        "campaigns/staff/answers/amendments.html",
        campaign,
        actor,
        tab="amendments",
        lines=lines,
        marked={
            line.amendment.id: marked_difference(line.amendment.before, line.amendment.after)
            for line in lines
        },
        writing=writing(session, campaign, actor),
    )


@staff.route("/<int:campaign_id>/amendments/new", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def new_amendment(campaign_id: int) -> ResponseReturnValue:
    """Write an amendment; ``?group=`` and ``?passage=`` say what it is for."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    form = _form(session, campaign)
    if request.method == "GET":
        _prefill(session, campaign, form)

    def act() -> str:
        services.create_amendment(
            session, campaign, _typed(form), _numbers(form), actor=actor, now=clock.now()
        )
        return str(_("修正を登録しました。"))

    response, refusal = attempt(form, act, back=url_for(".amendments", campaign_id=campaign_id))
    if response is not None:
        return response
    put_refusal(form, refusal)
    page = pages.page(
        "campaigns/staff/answers/amendment.html",
        campaign,
        actor,
        tab="amendments",
        form=form,
        amendment=None,
        groups=group_queries.groups_in_order(session, campaign),
        history=[],
        writing=writing(session, campaign, actor),
    )
    return page, status_of(form, refusal)


@staff.route(_ONE, methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def edit_amendment(campaign_id: int, amendment_id: int) -> ResponseReturnValue:
    """Change an amendment; what somebody else wrote meanwhile is shown beside it."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_amendment(session, campaign, amendment_id)
    form = _form(session, campaign, found)

    def act() -> str:
        changed = services.edit_amendment(
            session,
            campaign,
            found,
            _typed(form),
            _numbers(form),
            version=form.version.data or 0,
            actor=actor,
            now=clock.now(),
        )
        return str(_("保存しました。") if changed else _("変更はありませんでした。"))

    response, refusal = attempt(form, act, back=url_for(".amendments", campaign_id=campaign_id))
    if response is not None:
        return response
    put_refusal(form, refusal)
    found = queries.get_amendment(session, campaign, amendment_id)
    conflict = isinstance(refusal, AnswerConflict)
    if conflict:
        show_version(form.version, found.version)
    page = pages.page(
        "campaigns/staff/answers/amendment.html",
        campaign,
        actor,
        tab="amendments",
        form=form,
        amendment=found,
        stored=_words_shown(session, found) if conflict else None,
        groups=group_queries.groups_in_order(session, campaign),
        history=history_of(session, f"amendment:{found.id}", with_changes=True),
        writing=writing(session, campaign, actor),
    )
    return page, status_of(form, refusal)


@staff.route(f"{_ONE}/delete", methods=["GET", "POST"])
@gate.requires(Permission.ANSWER_WRITE)
def delete_amendment(campaign_id: int, amendment_id: int) -> ResponseReturnValue:
    """Ask, then remove an amendment."""
    campaign, actor = pages.load(campaign_id, Permission.ANSWER_WRITE)
    session = db.session()
    found = queries.get_amendment(session, campaign, amendment_id)

    def act() -> str:
        services.delete_amendment(session, campaign, found, actor=actor, now=clock.now())
        return str(_("修正を削除しました。"))

    response, refusal = attempt(None, act, back=url_for(".amendments", campaign_id=campaign_id))
    if response is not None:
        return response
    found = queries.get_amendment(session, campaign, amendment_id)
    page = pages.page(
        "campaigns/staff/answers/delete_amendment.html",
        campaign,
        actor,
        tab="amendments",
        amendment=found,
        groups=queries.groups_behind(session, found),
        problem=refusal,
    )
    return page, status_of(None, refusal)


def _form(session: Session, campaign: Campaign, found: Amendment | None = None) -> AmendmentForm:
    form = AmendmentForm(obj=found)
    if request.method == "GET" and found is not None:
        numbers = [group.number for group in queries.groups_behind(session, found)]
        form.groups.data = "、".join(map(str, numbers))
        form.passage_id.data = found.passage_id or _NO_PASSAGE
    form.passage_id.choices = [SelectChoice(_NO_PASSAGE, _("（選ばない）"))]
    versions = published_versions(session, campaign.id, latest_only=False)
    kept = found.passage_id if found is not None else None
    for version in versions:
        if not version.has_text:
            continue
        for passage in passages_of(session, version.id):
            # An older version's passages are offered only where one was chosen before.
            if not version.is_latest and passage.id != kept:
                continue
            if len(form.passage_id.choices) <= _MOST_PASSAGES:
                start = passage.text[:30] + ("…" if len(passage.text) > 30 else "")  # noqa: PLR2004
                form.passage_id.choices.append(
                    SelectChoice(passage.id, f"{passage.label}　{start}")
                )
    return form


def _prefill(session: Session, campaign: Campaign, form: AmendmentForm) -> None:
    number = row_number(request.args.get("group"))
    if number is not None:
        form.groups.data = str(number)
    form.passage_id.data = _NO_PASSAGE
    passage_id = row_number(request.args.get("passage"))
    if passage_id is None or not queries.has_passage(session, campaign, passage_id):
        return
    passage = passages(session, [passage_id])[passage_id]
    form.passage_id.data = passage.id
    form.place.data = passage.label
    form.before.data = form.after.data = passage.text


def _typed(form: AmendmentForm) -> AmendmentWords:
    return AmendmentWords(
        place=form.place.data or "",
        passage_id=form.passage_id.data or None,
        before=form.before.data or "",
        after=form.after.data or "",
        reason=form.reason.data or "",
    )


def _numbers(form: AmendmentForm) -> list[int]:
    """Return the group numbers that were typed, in whatever width and with whatever commas."""
    words = [word for word in _SEPARATORS.split(compare_key(form.groups.data or "")) if word]
    numbers = [row_number(word) for word in words]
    if None in numbers:
        raise InvalidInput(_("グループの番号を「、」で区切って入力してください。"), field="groups")
    return [number for number in numbers if number is not None]


def _words_shown(session: Session, found: Amendment) -> list[tuple[str, str]]:
    numbers = [group.number for group in queries.groups_behind(session, found)]
    return [
        (_("修正の箇所"), found.place),
        (_("修正前"), found.before),
        (_("修正後"), found.after),
        (_("修正の理由"), found.reason),
        (_("もとになった意見のグループ"), "、".join(map(str, numbers))),
    ]
