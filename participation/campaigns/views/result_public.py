"""Residents' pages of a result: what was said, what the city answers and changes; its files."""

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from participation.accounts.shared_pages import SharedPages
from participation.campaigns.models import CampaignResult
from participation.campaigns.queries import results as queries
from participation.campaigns.queries.results import PublishedFacts
from participation.campaigns.views.blueprints import public
from participation.campaigns.views.result_pages import (
    ARGUMENTS,
    Addresses,
    FrozenSource,
    read_result,
    read_texts,
)
from participation.db.extension import db
from participation.files import web as files
from participation.files.frozen import file_names
from participation.web import gate

_FILES = file_names("result")
_PAGES = SharedPages("result_pages")
init_app = _PAGES.init_app


@public.get("/<int:campaign_id>/result/")
@gate.public
def result(campaign_id: int) -> ResponseReturnValue:
    """Show the latest result of a campaign."""
    return _page(queries.published_facts(db.engine, campaign_id, None))


@public.get("/<int:campaign_id>/result/<int:result_number>/")
@gate.public
def result_number(campaign_id: int, result_number: int) -> ResponseReturnValue:
    """Show one result, also one that was corrected since."""
    return _page(queries.published_facts(db.engine, campaign_id, result_number))


@public.get("/<int:campaign_id>/result/<int:result_number>/opinions/<int:answer_number>/")
@gate.public
def result_opinions(
    campaign_id: int, result_number: int, answer_number: int
) -> ResponseReturnValue:
    """Show all opinions behind one answer."""
    facts = queries.published_facts(db.engine, campaign_id, result_number)
    return _PAGES.answer(facts, lambda: _render_opinions(facts, answer_number), ARGUMENTS)


@public.get(
    "/<int:campaign_id>/result/<int:result_number>/"
    "<any('result.pdf','result.xlsx','result.csv','result-shift-jis.csv'):result_file>"
)
@gate.public
def result_file(campaign_id: int, result_number: int, result_file: str) -> ResponseReturnValue:
    """Hand out a file of a result; the PDF opens in the browser."""
    facts = queries.published_facts(db.engine, campaign_id, result_number)
    stored = queries.stored_file(db.session(), facts.result_id, _FILES[result_file])
    return files.send(stored, inline=result_file == "result.pdf")


def _page(facts: PublishedFacts) -> Response:
    return _PAGES.answer(facts, lambda: _render(facts), ARGUMENTS)


def _render(facts: PublishedFacts) -> str:
    session = db.session()
    found = session.get_one(CampaignResult, facts.result_id)
    page = read_result(FrozenSource(session, found.id), addresses(facts.campaign_id, facts.number))
    return render_template(
        "campaigns/public/result.html",
        result=found,
        page=page,
        facts=facts,
        downloads=queries.downloads(session, found.id) if page.is_first else {},
        file_urls=file_urls(found.campaign_id, found.number),
        published=queries.published_results(session, found.campaign_id) if page.is_first else [],
    )


def _render_opinions(facts: PublishedFacts, answer_number: int) -> str:
    session = db.session()
    source = FrozenSource(session, facts.result_id)
    page = read_texts(source, answer_number, addresses(facts.campaign_id, facts.number))
    return render_template("campaigns/public/result_opinions.html", page=page, facts=facts)


def addresses(campaign_id: int, number: int) -> Addresses:
    """Return where the pages of a published result are."""
    return Addresses(
        page=lambda page: url_for(
            "campaigns_public.result_number",
            campaign_id=campaign_id,
            result_number=number,
            page=page if page > 1 else None,
        ),
        texts=lambda answer, page: url_for(
            "campaigns_public.result_opinions",
            campaign_id=campaign_id,
            result_number=number,
            answer_number=answer,
            page=page if page > 1 else None,
        ),
    )


def file_urls(campaign_id: int, number: int) -> dict[str, str]:
    """Return the addresses of a result's files by format."""
    return {
        name: url_for(
            "campaigns_public.result_file",
            campaign_id=campaign_id,
            result_number=number,
            result_file=file_name,
        )
        for file_name, name in _FILES.items()
    }
