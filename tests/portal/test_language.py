"""The choice of language: three on residents' pages, each of which keeps the place and the work."""

import re
from contextvars import Context
from datetime import date

import pytest
from flask import session as browser
from flask_babel import force_locale, gettext

from participation.core import wareki
from participation.core.actors import Role
from participation.web import language
from tests.campaigns.arrange import make_campaign
from tests.factories import csrf, make_department, make_user, sign_in
from tests.test_translations import JAPANESE

CHOICES = re.compile(
    r'<(a|button) class="languages__choice"[^>]* lang="(ja|en)"[^>]*>'
    r"(日本語|やさしい日本語|English)</\1>"
)
NEXT = re.compile(r'(?:href|formaction)="(/language/en\?next=[^"]*)"')


def address(page):
    return NEXT.search(page.text).group(1).replace("&amp;", "&")


@pytest.fixture
def campaign(session):
    return make_campaign(session, make_department(session))


def test_each_language_is_named_in_itself(client):
    page = client.get("/").text
    assert [(tag, name) for _kind, tag, name in CHOICES.findall(page)] == [
        ("ja", "日本語"),
        ("ja", "やさしい日本語"),
        ("en", "English"),
    ]
    assert page.count('aria-current="true">日本語</a>') == 1
    client.get("/language/easy")
    assert 'aria-current="true">やさしい日本語</a>' in client.get("/").text


@pytest.mark.parametrize(
    ("code", "lang", "text"),
    [("ja", "ja", "本文へ移動"), ("easy", "ja", "本文に行く"), ("en", "en", "Skip to")],
)
def test_the_page_speaks_what_was_chosen(client, code, lang, text):
    client.get("/language/xx")
    assert client.get(f"/language/{code}").status_code == 303
    page = client.get("/reports/").text
    assert f'<html lang="{lang}"' in page
    assert text in page


def test_pages_in_memory_are_kept_in_each_language_apart(client):
    seen = {}
    for code in ("ja", "easy", "en", "easy", "ja", "en"):
        client.get(f"/language/{code}")
        page = client.get("/").text
        assert seen.setdefault(code, page) == page
    assert len(set(seen.values())) == 3


@pytest.mark.parametrize("wish", ["easy", "ja-easy,easy;q=0.9", "ja", "ja-Hira"])
def test_no_browser_chooses_easy_japanese(client, wish):
    page = client.get("/reports/", headers={"Accept-Language": wish}).text
    assert '<html lang="ja"' in page
    assert "本文へ移動" in page


def test_staff_pages_know_no_easy_japanese(client, session):
    client.get("/language/easy")
    assert "本文へ移動" in client.get("/staff/sign-in").text
    sign_in(client, session, make_user(session, Role.COORDINATOR))
    page = client.get("/staff/").text
    assert "本文へ移動" in page
    assert "languages__choice" not in page


def test_dates_show_the_western_year_first(app):
    def said():
        with app.test_request_context():
            browser["locale"] = "easy"
            template = app.jinja_env.from_string("{{ day|wareki }} / {{ 2026|fiscal_year }}")
            return template.render(day=date(2026, 11, 22))

    spoken = Context().run(said)
    assert spoken == "2026年（令和8年）11月22日（日） / 2026年度（令和8年度）"
    assert wareki.format_western_date(date(2019, 5, 1)) == "2019年（令和元年）5月1日（水）"


def test_a_letter_in_english_is_not_made_easy(app):
    def said():
        with app.test_request_context():
            browser["locale"] = "easy"
            easy = gettext("本文へ移動")
            with force_locale("en"):
                return easy, gettext("本文へ移動")

    assert Context().run(said) == ("本文に行く", "Skip to main content")


def test_the_place_is_kept_with_its_query(client):
    page = client.get("/campaigns/?year=2025&q=%E5%85%AC%E5%9C%92+%22x%22")
    answer = client.get(address(page))
    assert answer.status_code == 303
    assert answer.location == "/campaigns/?year=2025&q=%E5%85%AC%E5%9C%92+%22x%22"


def test_below_a_prefix_the_place_keeps_it(app):
    with app.test_request_context("/reports/", environ_overrides={"SCRIPT_NAME": "/portal"}):
        assert language.place() == "/portal/reports/"


def test_an_answer_to_a_form_leads_to_the_form(client, campaign):
    url = f"/campaigns/{campaign.id}/submit/"
    token = csrf(client)
    page = client.post(url, data={"csrf_token": token, "act": "mail_link", "n": "1"})
    assert client.get(address(page)).location == url


def test_an_address_for_answers_only_leads_to_the_one_above(app):
    with app.test_request_context("/receipts/issued/", method="POST"):
        assert language.place() == "/receipts/issued/"
    with app.test_request_context("/receipts/issued/nothing/here?x=1", method="POST"):
        assert language.place() == "/receipts/issued/"
    with app.test_request_context("/no-such/page"):
        assert language.place() == "/"


def _typed(client, campaign):
    page = client.get(f"/campaigns/{campaign.id}/submit/")
    return {
        "csrf_token": csrf(client),
        "key": re.search(r'name="key" value="([^"]*)"', page.text).group(1),
        "saved": "",
        "n": "1",
        "o0-text": "公園に木陰を\r\n増やしてください。",
        "eligibility": str(campaign.eligibilities[0].id),
        "s-name": "山田 太郎",
        "s-address": "中央1-2-3",
        "website": "",
    }


def test_what_was_typed_goes_along(client, campaign):
    url = f"/campaigns/{campaign.id}/submit/"
    form = client.get(url)
    switch = address(form)
    assert re.search(r'<form class="form" id="opinions-form"', form.text)
    first = re.search(r'<button [^>]*form="opinions-form"[^>]*>', form.text).group()
    assert 'value="confirm"' in first  # the one that Enter presses
    data = {**_typed(client, campaign), "act": "language"}
    answer = client.post(switch, data=data)
    assert (answer.status_code, answer.location) == (307, url)
    page = client.post(answer.location, data=data)
    assert page.status_code == 200
    assert '<html lang="en"' in page.text
    assert "増やしてください。</textarea>" in page.text
    assert 'value="山田 太郎"' in page.text


def test_the_check_before_sending_stays_the_check(client, campaign):
    url = f"/campaigns/{campaign.id}/submit/"
    data = {**_typed(client, campaign), "act": "confirm"}
    check = client.post(url, data=data)
    assert 'name="act" value="send"' in check.text
    button = re.search(r'<button class="languages__choice"[^>]*lang="en"[^>]*>', check.text).group()
    assert 'value="confirm"' in button
    again = client.post(client.post(address(check), data=data).location, data=data)
    assert '<html lang="en"' in again.text
    assert 'name="act" value="send"' in again.text


def test_what_was_wrong_is_said_in_the_other_language(client, campaign):
    url = f"/campaigns/{campaign.id}/submit/"
    data = {**_typed(client, campaign), "o0-text": "", "act": "confirm"}
    wrong = client.post(url, data=data)
    button = re.search(r'<button class="languages__choice"[^>]*lang="en"[^>]*>', wrong.text).group()
    assert 'value="confirm"' in button
    client.post(address(wrong), data=data)
    again = client.post(url, data=data)
    assert "Please check your input" in again.text
    assert (
        JAPANESE.search(re.search(r'role="alert".*?</div>', again.text, re.DOTALL).group()) is None
    )


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/%5Cevil.example/", "reports/", ""]
)
def test_the_switch_never_leaves_the_site(client, method, target):
    data = {"csrf_token": csrf(client)} if method == "post" else None
    answer = getattr(client, method)(f"/language/en?next={target}", data=data)
    assert answer.location == "/"


def test_an_unknown_language_is_not_found(client):
    assert client.get("/language/xx").status_code == 404
    assert client.post("/language/xx", data={"csrf_token": csrf(client)}).status_code == 404
    assert client.post("/language/en").status_code == 400
