"""The profile in the browser: edited part by part, and never over somebody else's."""

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.administration.city_forms import field_of_rule
from participation.city import queries
from participation.city.lists import Category
from participation.city.rules import RULES
from participation.core.actors import Role
from tests.factories import make_user, post, sign_in

CITY = {
    "name": "例市",
    "prefecture": "例県",
    "code": "131016",
    "contact": "電話：00-0000-0001\r\nＦＡＸ: 00-0000-0002\r\n",
}


@pytest.fixture(autouse=True)
def administrator(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_user(session, Role.ADMINISTRATOR))


def seen(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', client.get(path).text)
    assert found
    return html.unescape(found[1])


def save(client: FlaskClient, path: str, **form: object) -> tuple[int, str]:
    answer = post(client, path, {"seen": seen(client, path), **form})
    return answer.status_code, answer.text


def test_everything_can_be_set_in_the_browser(client: FlaskClient, session: Session) -> None:
    assert "登録されていません" in client.get("/staff/city").text
    assert save(client, "/staff/city/edit", **CITY)[0] == 303
    assert save(client, "/staff/city/wording", item="基本施策")[0] == 303
    rules = {field_of_rule(rule.key): str(rule.default) for rule in RULES.values()}
    rules["campaign_minimum_days"] = "45"
    assert save(client, "/staff/city/rules", **rules)[0] == 303
    lists = {
        "eligibility": "市民の方\r\n市内で働く方",
        "categories": "甲：直す：修正\n乙: 外:対象外",
    }
    assert save(client, "/staff/city/lists", **lists)[0] == 303
    day = {"day": "2026-12-29", "label": "年末年始"}
    assert post(client, "/staff/city/closed-days", day).status_code == 303
    place = {"name": "市役所ロビー", "address": "例市1-1", "position": "10", "active": "y"}
    assert client.get("/staff/city/places/new").status_code == 200
    assert post(client, "/staff/city/places/new", place).status_code == 303
    page = client.get("/staff/city").text
    for word in (
        "例市",
        "131016",
        "00-0000-0002",
        "基本施策",
        "45",
        "年末年始",
        "市役所ロビー",
        "市内で働く方",
    ):
        assert word in page, word
    assert queries.eligibility(session) == ("市民の方", "市内で働く方")
    assert queries.categories(session) == (
        Category("甲", "直す", needs_amendment=True),
        Category("乙", "外", out_of_scope=True),
    )
    assert queries.get_city(session).contact == [  # type: ignore[union-attr]
        {"label": "電話", "value": "00-0000-0001"},
        {"label": "ＦＡＸ", "value": "00-0000-0002"},
    ]
    number = queries.places(session)[0].id
    session.rollback()
    assert "市役所ロビー" in client.get(f"/staff/city/places/{number}").text
    off = {"name": "市役所ロビー", "position": "10"}
    assert post(client, f"/staff/city/places/{number}", off).status_code == 303
    assert "使用しない" in client.get("/staff/city").text
    assert post(client, "/staff/city/closed-days/2026-12-29/remove").status_code == 303
    assert "年末年始</td>" not in client.get("/staff/city/closed-days").text


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"code": "131017"}, "検査数字"),
        ({"name": " "}, "自治体名"),
        ({"contact": "電話 00"}, "見出し：内容"),
    ],
)
def test_what_was_typed_stays_after_a_refusal(
    client: FlaskClient, spoilt: dict[str, str], said: str
) -> None:
    status, page = save(client, "/staff/city/edit", **{**CITY, **spoilt})
    assert status == 422
    assert said in page
    assert "例県" in page


def test_two_editors_get_a_page_with_both_texts(client: FlaskClient, session: Session) -> None:
    save(client, "/staff/city/edit", **CITY)
    mine = seen(client, "/staff/city/edit")
    theirs = {**CITY, "contact": "電話：11-1111-1111"}
    save(client, "/staff/city/edit", **theirs)
    conflict = post(
        client, "/staff/city/edit", {**CITY, "contact": "電話：22-2222-2222", "seen": mine}
    )
    assert conflict.status_code == 409
    assert "11-1111-1111" in conflict.text
    assert "22-2222-2222" in conflict.text
    version = re.search(r'name="seen"[^>]*value="([^"]*)"', conflict.text)
    assert version
    again = {**CITY, "contact": "電話：22-2222-2222", "seen": html.unescape(version[1])}
    assert post(client, "/staff/city/edit", again).status_code == 303
    assert queries.get_city(session).contact[0]["value"] == "22-2222-2222"  # type: ignore[union-attr]


def test_rules_keep_their_bounds(client: FlaskClient) -> None:
    save(client, "/staff/city/edit", **CITY)
    for wrong in ("0", "181", "三十", ""):
        assert save(client, "/staff/city/rules", campaign_minimum_days=wrong)[0] == 422
    status, page = save(client, "/staff/city/rules", campaign_minimum_days="0")
    assert status == 422
    assert "1から180の間" in page


def test_a_spoilt_version_is_a_conflict_not_a_fault(client: FlaskClient) -> None:
    save(client, "/staff/city/edit", **CITY)
    answer = post(client, "/staff/city/edit", {**CITY, "seen": "<script>"})
    assert answer.status_code == 409


def test_a_day_is_listed_once(client: FlaskClient) -> None:
    day = {"day": "2026-12-29", "label": "年末年始"}
    post(client, "/staff/city/closed-days", day)
    again = post(client, "/staff/city/closed-days", day)
    assert again.status_code == 422
    assert "すでに登録" in again.text


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"categories": "反映する"}, "記号：名称"),
        ({"categories": "A：反映\nA：参考"}, "同じ記号"),
        ({"eligibility": "市民\n市民"}, "同じ行"),
        ({"eligibility": "あ" * 201}, "200文字以内"),
    ],
)
def test_a_list_that_cannot_be_is_refused_and_stays_as_typed(
    client: FlaskClient, spoilt: dict[str, str], said: str
) -> None:
    save(client, "/staff/city/edit", **CITY)
    good = {"eligibility": "市民の方", "categories": "A：反映：修正"}
    status, page = save(client, "/staff/city/lists", **{**good, **spoilt})
    assert status == 422
    assert said in page
    assert html.escape(next(iter(spoilt.values())).splitlines()[0]) in page


def test_an_empty_list_is_the_default_again(client: FlaskClient, session: Session) -> None:
    save(client, "/staff/city/edit", **CITY)
    save(client, "/staff/city/lists", eligibility="市民の方", categories="A：反映：修正")
    assert save(client, "/staff/city/lists", eligibility="", categories="")[0] == 303
    assert len(queries.eligibility(session)) == 6
    assert [one.code for one in queries.categories(session)] == list("ABCDEF")
