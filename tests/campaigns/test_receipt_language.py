"""The copy of a receipt by mail speaks the language of the form."""

import pytest

from participation.core import clock
from participation.core.speech import Speech
from tests.campaigns.arrange import make_campaign
from tests.campaigns.test_submit_pages import begin, filled, url
from tests.factories import make_department, post
from tests.workshops.test_letters import mails


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_the_receipt_speaks_the_language_of_the_form(client, session, language):
    campaign = make_campaign(session, make_department(session))
    session.commit()
    post(client, f"/language/{language}?next=/", {})
    data = filled(campaign, begin(client, campaign), act="send", mail_to="taro@example.jp")
    assert post(client, url(campaign), data).status_code == 303
    (mail,) = mails(session)
    say = Speech(language)
    assert mail["subject"] == say.gettext("意見を受け付けました")
    assert f"{say.day(clock.local_date(clock.now()))} " in mail["body"]
    assert campaign.title in mail["body"]
