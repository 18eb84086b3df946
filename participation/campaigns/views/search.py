"""Staff pages of the search: within one campaign, and over all within reach."""

from dataclasses import replace

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.campaigns.forms.search import ALL, ANSWERS, SearchForm
from participation.campaigns.queries import campaign_lists as lists
from participation.campaigns.queries import search as queries
from participation.campaigns.queries.search import SearchFilter
from participation.campaigns.views import pages
from participation.campaigns.views.blueprints import staff
from participation.core import fiscal_year
from participation.db.extension import db
from participation.db.search import Corpus, words_of
from participation.policy import Permission, reachable_departments
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.web import gate
from participation.web.pagination import keyset_page
from participation.web.row_numbers import row_number

_PAGE = 30
_LARGEST_KEY = 2**62
_MOST_CAMPAIGNS = 300
_CHOICE = {"": None, "yes": True, "no": False}


@staff.get("/<int:campaign_id>/search")
@gate.requires(Permission.SUBMISSION_READ)
def search(campaign_id: int) -> ResponseReturnValue:
    """Search the opinions or the answers of one campaign."""
    campaign, actor = pages.load(campaign_id, Permission.SUBMISSION_READ)
    form = SearchForm(request.args)
    del form.campaign, form.year
    valid = form.validate()
    wanted = replace(
        _wanted(form) if valid else SearchFilter(form.q.data or ""), campaign_id=campaign.id
    )
    return pages.page(
        "campaigns/staff/search.html",
        campaign,
        actor,
        tab="groups" if wanted.corpus is Corpus.ANSWER else "submissions",
        form=form,
        **_results(wanted, reach=None),
    ), 200 if valid else 422


@staff.get("/search")
@gate.requires(Permission.SUBMISSION_READ)
def search_all() -> ResponseReturnValue:
    """Search the campaigns of one's own departments, or of the whole city by right."""
    actor = gate.authorize(Permission.SUBMISSION_READ)
    session = db.session()
    reach = reachable_departments(actor, Permission.SUBMISSION_READ)
    form = SearchForm(request.args)
    form.campaign.choices = [
        ALL,
        *(
            SelectChoice(str(one.id), one.title)
            for one in lists.for_staff(
                session, lists.CampaignFilter(), reach=reach, limit=_MOST_CAMPAIGNS
            )
        ),
    ]
    form.year.choices = [
        ALL,
        *(
            SelectChoice(str(year), fiscal_year.western_label(year))
            for year in lists.years(session, announced_only=False)
        ),
    ]
    valid = form.validate()
    wanted = _wanted(form) if valid else SearchFilter(form.q.data or "")
    return render_template(
        "campaigns/staff/search_all.html", form=form, **_results(wanted, reach=reach)
    ), 200 if valid else 422


def _results(wanted: SearchFilter, *, reach: frozenset[int] | None) -> dict[str, object]:
    """Return what both pages show."""
    session = db.session()
    lines = queries.find(
        session,
        wanted,
        reach=reach,
        limit=_PAGE + 1,
        after=row_number(request.args.get("before"), largest=_LARGEST_KEY),
    )
    return {
        "wanted": wanted,
        "asked": bool(words_of(wanted.query)),
        "total": queries.total(session, wanted, reach=reach),
        "page": keyset_page(lines, _PAGE, key="key"),
        "channels": CHANNEL_LABELS,
        "answers": wanted.corpus is Corpus.ANSWER,
        "answers_value": ANSWERS,
    }


def _wanted(form: SearchForm) -> SearchFilter:
    """Return the filter of a form whose choices are known ones."""
    answers = form.kind.data == ANSWERS
    wanted = SearchFilter(
        query=form.q.data or "",
        corpus=Corpus.ANSWER if answers else Corpus.OPINION,
        campaign_id=row_number(form.campaign.data) if "campaign" in form else None,
        fiscal_year=row_number(form.year.data) if "year" in form else None,
    )
    if answers:  # nobody sent them
        return wanted
    return replace(
        wanted,
        channel=Channel(form.channel.data) if form.channel.data else None,
        late=_CHOICE[form.late.data or ""],
        grouped=_CHOICE[form.grouped.data or ""],
    )
