"""A form that cannot be taken gives its texts back, but only to whoever typed them here."""

import pytest
from flask.testing import FlaskClient

FORM = {
    "text": "髙齢の方に、説明会を３回開いた。",
    "reason": "two words",
    "csrf_token": "古い 合い言葉",
    "password": "パスワード 千",
    "version": "12",
    "shown_at": "2026-11-22T10:00:00+00:00",
}


def _answer(client: FlaskClient, site: str | None) -> str:
    headers = {"Sec-Fetch-Site": site} if site else {}
    answer = client.post("/staff/reports/entries/1/edit", data=FORM, headers=headers)
    assert answer.status_code == 400
    return answer.get_data(as_text=True)


def test_words_come_back_and_secrets_do_not(client: FlaskClient) -> None:
    page = _answer(client, "same-origin")
    assert FORM["text"] in page
    assert FORM["reason"] in page
    for name in ("csrf_token", "password", "shown_at"):
        assert FORM[name] not in page


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_what_another_site_sent_is_not_shown(client: FlaskClient, site: str | None) -> None:
    page = _answer(client, site)
    assert FORM["text"] not in page
    assert "送信されなかった文" not in page
