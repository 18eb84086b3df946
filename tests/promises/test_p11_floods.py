"""P11: a flood from one address locks nobody out; without JavaScript a short wait is enough."""

import base64
import hashlib
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.campaigns.models import Submission
from participation.core import clock
from participation.submissions import pressure
from participation.submissions.models import UsedChallenge
from tests.campaigns.arrange import make_campaign
from tests.campaigns.test_submit_pages import begin, filled, hidden, receipt_page, url
from tests.factories import make_department, post

PEOPLE = 500


@pytest.fixture
def campaign(session):
    return make_campaign(session, make_department(session))


def flood(client, campaign):
    """Use up what one network may send without being asked for more."""
    with client.application.app_context():
        from participation.submissions.networks import network_key

        network = network_key(client.application.extensions["session_info"]["keyring"], "127.0.0.1")
        while pressure.count(pressure.SENDS, network):
            pass


@pytest.mark.slow
def test_500_people_behind_one_address_all_get_through(client, session, campaign, monkeypatch):
    begin(client, campaign)
    start = clock.now()
    waiting = []
    for number in range(PEOPLE):
        data = filled(campaign, f"person-of-the-hall-{number:04}", act="send")
        answer = post(client, url(campaign), data)
        if answer.status_code == 200:
            assert "もう少しだけお待ちください" in answer.text
            marks = {name: hidden(answer.text, name) for name in ("waited", "tried")}
            waiting.append(data | marks)
        else:
            assert answer.status_code == 303
    assert len(waiting) == PEOPLE - pressure.SENDS.amount
    later = start + timedelta(seconds=60)
    monkeypatch.setattr(clock, "now", lambda: later)
    for data in waiting:
        assert post(client, url(campaign), data).status_code == 303
    assert session.scalar(select(func.count()).select_from(Submission)) == PEOPLE
    noted = session.scalar(
        select(func.count()).select_from(Submission).where(Submission.flag_note != "")
    )
    assert noted == len(waiting), "what came in a flood is only marked for a look"


def test_who_had_to_wait_is_judged_by_the_first_try(client, session, campaign, monkeypatch):
    key = begin(client, campaign)
    flood(client, campaign)
    answer = post(client, url(campaign), filled(campaign, key, act="send"))
    assert answer.status_code == 200
    marks = {name: hidden(answer.text, name) for name in ("waited", "tried")}
    days = (campaign.closes_on - clock.local_date(clock.now())).days + 1
    # Pressed again too early: the same page, the same marks.
    again = post(client, url(campaign), filled(campaign, key, act="send", **marks))
    assert {name: hidden(again.text, name) for name in marks} == marks
    later = clock.now() + timedelta(seconds=30)
    campaign.closes_on -= timedelta(days=days - 1)
    session.commit()
    monkeypatch.setattr(clock, "now", lambda: later)
    receipt_page(client, post(client, url(campaign), filled(campaign, key, act="send", **marks)))
    submission = session.scalar(select(Submission))
    assert submission.received_at < later - timedelta(seconds=25)


def solve(page):
    """What the page's script does."""
    field = re.search(r'<input[^>]*name="solution"[^>]*>', page).group(0)
    told = dict(re.findall(r'data-(\w+)="([^"]*)"', field))
    salt = told["salt"].replace("&amp;", "&")
    for number in range(int(told["most"]) + 1):
        if hashlib.sha256(f"{salt}{number}".encode()).hexdigest() == told["challenge"]:
            break
    solution = {
        "algorithm": told["algorithm"],
        "challenge": told["challenge"],
        "number": number,
        "salt": salt,
        "signature": told["signature"],
    }
    return base64.b64encode(json.dumps(solution).encode()).decode()


def test_a_proof_of_work_goes_through_at_once_and_counts_once(client, session, campaign):
    key = begin(client, campaign)
    flood(client, campaign)
    answer = post(client, url(campaign), filled(campaign, key, act="send"))
    solution = solve(answer.text)
    other = filled(campaign, "another-form-altogether", act="send", solution=solution)
    assert post(client, url(campaign), other).status_code == 200, "it is for the one form only"
    data = filled(campaign, key, act="send", solution=solution)
    first = receipt_page(client, post(client, url(campaign), data))[:2]
    assert session.scalar(select(func.count()).select_from(UsedChallenge)) == 1
    assert receipt_page(client, post(client, url(campaign), data))[:2] == first
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    assert session.scalar(select(Submission.flag_note)) == ""


@pytest.mark.parametrize("junk", ["x", "e30=", "W10=", "bnVsbA==", "eyJhbGdvcml0aG0iOiAxfQ==", "é"])
def test_a_broken_proof_is_none(client, campaign, junk):
    key = begin(client, campaign)
    flood(client, campaign)
    answer = post(
        client,
        url(campaign),
        filled(campaign, key, act="send", solution=junk, waited=junk, tried=junk),
    )
    assert answer.status_code == 200
    assert "もう少しだけお待ちください" in answer.text


def test_the_trap_refuses_nobody(client, session, campaign, monkeypatch):
    key = begin(client, campaign)
    data = filled(campaign, key, act="send", website="https://example.com")
    answer = post(client, url(campaign), data)
    assert answer.status_code == 200
    marks = {name: hidden(answer.text, name) for name in ("waited", "tried")}
    later = clock.now() + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    receipt_page(client, post(client, url(campaign), data | marks))
    assert "人には見えない欄" in session.scalar(select(Submission.flag_note))
