"""P10: PostgreSQL that takes connections and never answers, as a server that hangs does."""

import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from participation.campaigns.models import Submission
from participation.campaigns.views import public_campaigns
from participation.core.actors import Role
from participation.submissions import offer_memory
from tests.campaigns.arrange import make_campaign
from tests.campaigns.test_submit_pages import begin, filled, url
from tests.conftest import make_settings
from tests.factories import csrf, make_department, make_user, sign_in
from tests.promises.silent import SilentDoor
from tests.promises.test_p10_degrading import LIMIT, refused_in_time, sent_again

BACK_AGAIN = 30.0
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def door(database_url):
    made = SilentDoor(make_url(database_url).query["host"] + "/.s.PGSQL.5432")
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path, database_url, door):
    """The app reaches its database through the door; the test itself too."""
    name = make_url(database_url).database
    address = f"postgresql://postgres@127.0.0.1:{door.port}/{name}"
    return make_settings(tmp_path / "data", address)


@pytest.fixture
def campaign(session):
    made = make_campaign(session, make_department(session))
    session.commit()
    return made


def timed(act):
    begun = time.monotonic()
    answer = act()
    return answer, time.monotonic() - begun


@pytest.mark.parametrize("remembered", [True, False])
def test_a_form_is_sent_to_a_database_that_hangs(  # noqa: PLR0917
    client, session, campaign, door, monkeypatch, remembered
):
    address, data = url(campaign), filled(campaign, begin(client, campaign), act="send")
    data["csrf_token"] = csrf(client)
    session.rollback()
    if not remembered:  # then the campaign too is asked for, before the writer is
        monkeypatch.setattr(offer_memory, "_SENDING_SECONDS", 0.0)
    door.fall_silent()
    answer = refused_in_time(client, address, data)
    door.speak()
    _page, took = timed(lambda: sent_again(client, address, data, answer))
    assert took < BACK_AGAIN
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_every_page_says_so_in_time_and_comes_back(client, session, campaign, door):
    make_user(session, Role.CONTRIBUTOR, make_department(session))
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, make_department(session)))
    pages = (f"/campaigns/{campaign.id}/", f"/campaigns/{campaign.id}/result/", "/staff/")
    for page in pages:
        assert client.get(page).status_code in {200, 404}
    session.rollback()
    door.fall_silent()
    for page in (*pages, "/health/ready"):
        answer, took = timed(lambda page=page: client.get(page))
        assert (answer.status_code, took < LIMIT) == (503, True), (page, took)
    door.speak()
    begun = time.monotonic()
    while any(client.get(page).status_code == 503 for page in pages):
        assert time.monotonic() - begun < BACK_AGAIN
        time.sleep(0.1)


def test_it_falls_silent_in_the_midst_of_a_request(client, campaign, door, monkeypatch):
    ask = public_campaigns.page_facts

    def ask_and_fall_silent(engine, campaign_id, now):
        with engine.connect() as connection:
            connection.execute(select(1))
            door.fall_silent()
            connection.execute(select(2))
        return ask(engine, campaign_id, now)

    monkeypatch.setattr(public_campaigns, "page_facts", ask_and_fall_silent)
    answer, took = timed(lambda: client.get(f"/campaigns/{campaign.id}/"))
    assert answer.status_code == 503
    assert took < LIMIT
    door.speak()
    monkeypatch.setattr(public_campaigns, "page_facts", ask)
    assert client.get(f"/campaigns/{campaign.id}/").status_code == 200
