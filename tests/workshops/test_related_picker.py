"""The campaign that an event belongs to is picked by title and year, with or without a list."""

from datetime import date

import pytest
from lxml import html
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.campaigns.models import CampaignState
from participation.core.actors import Role
from participation.workshops.models import Workshop, WorkshopOutcome
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_workshop

PARK, ROADS, BUDGET = "公園計画（案）", "道路計画（案）", "＝1+1 <b>予算</b>"


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


@pytest.fixture
def campaigns(session, department):
    values = {"opens_on": date(2026, 5, 1), "closes_on": date(2026, 5, 31)}
    made = [
        make_campaign(session, department, title=title, **values) for title in (PARK, ROADS, BUDGET)
    ]
    made.append(
        make_campaign(
            session,
            department,
            title=PARK,
            opens_on=date(2024, 5, 1),
            closes_on=date(2024, 5, 31),
        )
    )
    make_campaign(session, department, title="まだ秘密", state=CampaignState.PREPARING)
    session.commit()
    return made


@pytest.fixture
def workshop(client, session, department):
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    workshop = make_workshop(session, department)
    session.commit()
    return workshop


def save(client, session, workshop, related):
    session.expire_all()
    return post(
        client,
        f"/staff/workshops/{workshop.id}/edit/content",
        {
            "version": session.get_one(Workshop, workshop.id).version,
            "title": "会",
            "kind": "town_meeting",
            "related": related,
        },
    )


def offered(page):
    tree = html.fromstring(page.text)
    (field,) = tree.xpath('//input[@name="related"]')
    return tree.xpath(f'//datalist[@id="{field.get("list")}"]/option/@value'), field.get("value")


def test_the_list_has_what_residents_see_with_year_and_number(client, session, workshop, campaigns):
    labels, value = offered(client.get(f"/staff/workshops/{workshop.id}/edit/content"))
    park, roads, budget, older = campaigns
    assert set(labels) == {
        f"{PARK}（令和8（2026）年度）［{park.id}］",
        f"{ROADS}（令和8（2026）年度）［{roads.id}］",
        f"{BUDGET}（令和8（2026）年度）［{budget.id}］",
        f"{PARK}（令和6（2024）年度）［{older.id}］",
    }
    assert labels[-1].endswith(f"［{older.id}］")  # the newest first
    assert not value


@pytest.mark.parametrize(
    "case",
    [
        ("道路", 1),
        ("公園　2024", 3),
        ("令和６ 公園", 3),
        ("予算", 2),
        ("{label}", 0),
        ("{number}", 0),
    ],
)
def test_a_line_a_number_or_words_that_fit_one(client, session, workshop, campaigns, case):
    typed, which = case
    one = campaigns[which]
    label = f"{one.title}（令和8（2026）年度）［{one.id}］"
    answer = save(client, session, workshop, typed.format(label=label, number=one.id))
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Workshop, workshop.id).related == f"campaign:{one.id}"
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.after["related"] == f"campaign:{one.id}"
    _labels, value = offered(client.get(f"/staff/workshops/{workshop.id}/edit/content"))
    assert value.startswith(one.title)
    assert save(client, session, workshop, value).status_code == 303  # nothing differs
    assert (
        one.title
        in html.fromstring(client.get(f"/staff/workshops/{workshop.id}").text).text_content()
    )
    assert save(client, session, workshop, "").status_code == 303
    session.expire_all()
    assert session.get_one(Workshop, workshop.id).related == ""


@pytest.mark.parametrize(
    "case",
    [
        ("公園", "2件あります"),
        ("港湾", "公表している意見募集はありません"),
        ("まだ秘密", "公表している意見募集はありません"),
        ("99999", "公表している意見募集はありません"),
        ("workshop:1", "公表している意見募集はありません"),
        ("［", "4件あります"),
        ("' OR 1=1 --", "公表している意見募集はありません"),
    ],
)
def test_none_or_several_is_an_error_that_says_what_to_do(
    client, session, workshop, campaigns, case
):
    typed, words = case
    refused = save(client, session, workshop, typed)
    assert refused.status_code == 422
    tree = html.fromstring(refused.text)
    assert words in tree.xpath('string(//*[@id="related-error"])')
    (field,) = tree.xpath('//input[@name="related"]')
    assert field.get("value") == typed
    session.expire_all()
    assert session.get_one(Workshop, workshop.id).related == ""


def test_what_was_chosen_stays_once_residents_cannot_see_it(client, session, workshop, campaigns):
    assert save(client, session, workshop, "道路").status_code == 303
    campaigns[1].state = CampaignState.PREPARING
    session.commit()
    _labels, value = offered(client.get(f"/staff/workshops/{workshop.id}/edit/content"))
    assert value == str(campaigns[1].id)
    assert save(client, session, workshop, value).status_code == 303
    session.expire_all()
    assert session.get_one(Workshop, workshop.id).related == f"campaign:{campaigns[1].id}"


def test_an_outcome_names_several(client, session, workshop, campaigns):
    url = f"/staff/workshops/{workshop.id}/outcome/edit"

    def rows():
        tree = html.fromstring(client.get(url).text)
        found = tree.xpath('//input[starts-with(@name, "campaigns-")]')
        assert {one.get("list") for one in found} == {"related-choices"}
        assert len(tree.xpath('//datalist[@id="related-choices"]')) == 1
        return [one.get("value") or "" for one in found]

    assert rows() == ["", ""]
    form = {"version": 0, "said": "意見", "became": "", "plans": "みどりの基本計画"}
    refused = post(client, url, form | {"campaigns-0": "道路", "campaigns-1": "公園"})
    assert refused.status_code == 422
    assert "2件あります" in refused.text
    sent = form | {"campaigns-0": "道路", "campaigns-1": "公園 2024", "campaigns-2": "道路"}
    assert post(client, url, sent).status_code == 303
    links = session.get_one(WorkshopOutcome, workshop.id).links
    assert [one.get("reference") for one in links] == [
        f"campaign:{campaigns[1].id}",
        f"campaign:{campaigns[3].id}",
        None,
    ]
    filled = rows()
    assert [bool(one) for one in filled] == [True, True, False, False]
    again = {f"campaigns-{number}": text for number, text in enumerate(filled)}
    assert post(client, url, form | {"version": 1} | again).status_code == 303
    session.expire_all()
    assert session.get_one(WorkshopOutcome, workshop.id).version == 1  # nothing differed
