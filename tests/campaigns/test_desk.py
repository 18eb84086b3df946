"""The desk: typing from paper by keyboard, the second look, and what can never change after it."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from participation.audit.models import AuditEvent
from participation.campaigns.models import CampaignState, Opinion, Submission
from participation.campaigns.services import desk
from participation.campaigns.services.desk import Correction
from participation.core import clock
from participation.core.actors import Actor, Role
from participation.core.errors import PermissionDenied, StateConflict
from participation.privacy.crypto import keyring
from participation.submissions.models import Attachment, Channel, Receipt, Sender
from participation.submissions.services.senders import contents_of
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.factories import csrf, make_department, make_user, post, sign_in

TODAY = clock.local_date(clock.now())


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


@pytest.fixture
def clerk(session, department):
    return make_user(session, Role.CONTRIBUTOR, department, name="入力 一郎")


@pytest.fixture
def second(session, department):
    return make_user(session, Role.APPROVER, department, name="見直 二子")


@pytest.fixture
def campaign(session, department):
    return make_campaign(session, department)


def typed(text="公園に木陰を増やしてください。", **more):
    """The fields of one paper."""
    return {
        "act": "save",
        "key": "form-key-1",
        "channel": "post",
        "arrived_on": TODAY.isoformat(),
        "postmark_on": (TODAY - timedelta(days=1)).isoformat(),
        "opinions-0-place": "12ページ",
        "opinions-0-text": text,
        "opinions-0-reason": "暑いから",
        "sender_name": "見本 花子",
        "sender_address": "見本市中央1-1",
        "eligibility": "0",
        **more,
    }


def url(campaign, tail="desk"):
    return f"/staff/campaigns/{campaign.id}/{tail}"


def only(session):
    session.rollback()
    return session.scalars(select(Submission)).one()


def test_typing_one_paper_leads_to_the_next_empty_form(client, session, clerk, campaign):
    sign_in(client, session, clerk)
    page = client.get(url(campaign))
    assert page.status_code == 200
    assert 'accesskey="s"' in page.text
    answer = post(client, url(campaign), typed())
    assert answer.status_code == 303, answer.text
    assert "channel=post" in answer.location
    assert f"arrived_on={TODAY}" in answer.location
    found = only(session)
    number = session.get_one(Receipt, found.receipt_id).number
    following = client.get(answer.location)
    assert number in following.text  # said in the live region
    assert "期限内" in following.text
    assert "見本 花子" not in following.text
    assert f'value="{TODAY}"' in following.text
    assert (found.channel, found.typed_by, found.late) == (Channel.POST, clerk.id, False)
    assert (found.arrived_on, found.postmark_on) == (TODAY, TODAY - timedelta(days=1))
    [opinion] = opinions_of(session, found)
    assert (opinion.place, opinion.reason) == ("12ページ", "暑いから")
    sender = session.scalars(select(Sender)).one()
    assert contents_of(session, sender) == {"name": "見本 花子", "address": "見本市中央1-1"}
    assert "見本" not in sender.contents


def test_the_same_form_twice_is_one_submission(client, session, clerk, campaign):
    sign_in(client, session, clerk)
    first = post(client, url(campaign), typed())
    again = post(client, url(campaign), typed())
    assert first.location == again.location
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    assert "すでに登録" in client.get(again.location).text


def test_several_opinions_and_a_scan(client, session, clerk, campaign):
    sign_in(client, session, clerk)
    added = post(client, url(campaign), typed(act="add"))
    assert added.status_code == 200
    assert "opinions-1-text" in added.text
    assert "公園に木陰を増やしてください。" in added.text  # nothing typed is lost
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")
    fields = typed(**{"opinions-1-text": "ベンチも増やしてください。", "opinions-2-text": " "})
    boundary, body = encode_multipart(
        {
            "csrf_token": csrf(client),
            **fields,
            "scan": FileStorage(io.BytesIO(picture.getvalue()), filename="見本花子.png"),
        }
    )
    answer = client.post(
        url(campaign), data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert answer.status_code == 303, answer.text
    texts = [opinion.text for opinion in opinions_of(session, only(session))]
    assert texts == ["公園に木陰を増やしてください。", "ベンチも増やしてください。"]
    attachment = session.scalars(select(Attachment)).one()
    assert attachment.media_type == "image/png"
    assert "見本" not in attachment.name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"arrived_on": (TODAY + timedelta(days=1)).isoformat()}, "今日より後"),
        ({"postmark_on": (TODAY + timedelta(days=1)).isoformat()}, "到達日より後"),
        ({"channel": "fax"}, "郵送のときだけ"),
        ({"opinions-0-text": ""}, "意見を入力してください"),
        ({"arrived_on": "きのう"}, "日付を"),
        ({"sender_name": "あ" * 200}, "文字以内"),
    ],
)
def test_an_error_keeps_what_was_typed(client, session, clerk, campaign, change, said):  # noqa: PLR0917
    sign_in(client, session, clerk)
    answer = post(client, url(campaign), typed(**change))
    assert answer.status_code == 422
    assert said in answer.text
    assert "見本市中央1-1" in answer.text
    session.rollback()
    assert session.scalars(select(Submission)).all() == []


@pytest.mark.parametrize(
    ("channel", "arrived", "postmark", "late"),
    [
        ("post", 3, 0, False),  # 消印有効, within the days that post is waited for
        ("post", 8, 0, True),
        ("post", 3, 1, True),
        ("fax", 0, None, False),
        ("fax", 1, None, True),
    ],
)
def test_lateness_follows_the_channels_rule(  # noqa: PLR0917
    client, session, department, clerk, channel, arrived, postmark, late
):
    closes = TODAY - timedelta(days=10)
    campaign = make_campaign(
        session,
        department,
        state=CampaignState.CLOSED,
        opens_on=closes - timedelta(days=30),
        closes_on=closes,
    )
    sign_in(client, session, clerk)
    day = closes + timedelta(days=arrived)
    posted = "" if postmark is None else (closes + timedelta(days=postmark)).isoformat()
    answer = post(
        client,
        url(campaign),
        typed(channel=channel, arrived_on=day.isoformat(), postmark_on=posted),
    )
    assert answer.status_code == 303, answer.text
    assert only(session).late is late
    assert ("期限後" if late else "期限内") in client.get(answer.location).text


def test_a_possible_duplicate_is_shown_after_saving(client, session, clerk, campaign):
    sign_in(client, session, clerk)
    post(client, url(campaign), typed(channel="fax", postmark_on=""))
    answer = post(client, url(campaign), typed(key="another"))
    page = client.get(answer.location)
    assert "同じかもしれません" in page.text
    assert "重複として記録する" in page.text
    other = post(client, url(campaign), typed(key="third", sender_name="別の 人"))
    assert "同じかもしれません" not in client.get(other.location).text


def test_nothing_is_taken_before_a_period_is_known(client, session, department, clerk):
    campaign = make_campaign(session, department, state=CampaignState.PREPARING)
    sign_in(client, session, clerk)
    assert "いま入力できません" in client.get(url(campaign)).text
    answer = post(client, url(campaign), typed())
    assert answer.status_code == 409
    session.rollback()
    assert session.scalars(select(Submission)).all() == []


def test_another_person_compares_and_confirms(client, session, clerk, second, campaign):
    sign_in(client, session, clerk)
    post(client, url(campaign), typed())
    found = only(session)
    page = url(campaign, f"checks/{found.id}")
    fields = {
        "act": "confirm",
        "opinions-0-number": "1",
        "opinions-0-place": "12ページ",
        "opinions-0-text": "公園に木陰を増やしてください。",
        "opinions-0-reason": "暑いから",
    }
    own = post(client, page, fields)
    assert own.status_code == 403
    assert "別の人" in own.text
    sign_in(client, session, second)
    assert (
        session.get_one(Receipt, found.receipt_id).number
        in client.get(url(campaign, "checks")).text
    )
    assert "見本 花子" not in client.get(page).text
    opened = post(client, page + "/original")
    assert "見本 花子" in opened.text
    assert opened.headers["Cache-Control"] == "no-store"
    done = post(client, page, fields)
    assert done.status_code == 303, done.text
    found = only(session)
    assert (found.checked_by, found.checked_at is not None) == (second.id, True)
    seen = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "submissions.sender.disclosed")
    ).one()
    assert (seen.actor_id, seen.reason) == (second.id, "入力の見直し")
    assert client.get(page).status_code == 303  # nothing left to do


def test_a_typing_error_is_corrected_with_both_texts_on_record(
    client, session, clerk, second, campaign
):
    sign_in(client, session, clerk)
    post(client, url(campaign), typed("公園に木影を増やして。"))
    found = only(session)
    before = opinions_of(session, found)[0].text_key
    sign_in(client, session, second)
    page = url(campaign, f"checks/{found.id}")
    fields = {
        "act": "confirm",
        "opinions-0-number": "1",
        "opinions-0-place": "12ページ",
        "opinions-0-text": "公園に木陰を増やして。",
        "opinions-0-reason": "暑いから",
        "opened": "1",
        "sender_name": "見本 華子",
        "sender_address": "見本市中央1-1",
    }
    key = found.person_key
    assert post(client, page, fields).status_code == 303
    found = only(session)
    opinion = opinions_of(session, found)[0]
    assert opinion.text == "公園に木陰を増やして。"
    assert opinion.text_key != before
    assert found.checked_by == second.id
    assert found.person_key != key
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.action == "campaigns.submission.corrected")
        .order_by(AuditEvent.id)
    ).all()
    assert events[0].before["text"] == "公園に木影を増やして。"
    assert events[0].after["text"] == "公園に木陰を増やして。"
    assert events[1].after == {"fields": ["name"]}  # never what it says
    assert contents_of(session, session.scalars(select(Sender)).one())["name"] == "見本 華子"


def test_what_was_checked_or_sent_by_the_web_never_changes(session, second, campaign, clerk):
    actor = Actor(second.id, second.name)
    now = clock.now()
    from_web = make_submission(session, campaign, "原文")
    checked = make_submission(
        session,
        campaign,
        "原文",
        channel=Channel.FAX,
        typed_by=clerk.id,
        checked_by=second.id,
        checked_at=now,
    )
    for submission in (from_web, checked):
        opinion = opinions_of(session, submission)[0]
        with pytest.raises(StateConflict):
            desk.correct(
                session, campaign, submission, [Correction(opinion.id, "別")], actor=actor, now=now
            )
        with pytest.raises(StateConflict):
            desk.confirm(session, campaign, submission, actor=actor, now=now)
        assert session.get_one(Opinion, opinion.id).text == "原文"
    own = make_submission(session, campaign, "原文", channel=Channel.FAX, typed_by=second.id)
    with pytest.raises(PermissionDenied):
        desk.confirm(session, campaign, own, actor=actor, now=now)


def test_the_staff_home_tells_of_papers_that_wait(client, session, clerk, second, campaign):
    make_submission(session, campaign, "原文", channel=Channel.FAX, typed_by=clerk.id)
    sign_in(client, session, second)
    assert "入力を見直す" in client.get("/staff/").text
    sign_in(client, session, clerk)
    assert "入力を見直す" not in client.get("/staff/").text


def test_a_paper_without_a_name_is_anonymous(client, session, clerk, campaign):
    sign_in(client, session, clerk)
    post(client, url(campaign), typed(sender_name="", sender_address="見本市"))
    found = only(session)
    assert (found.anonymous, found.person_key) == (True, None)
    assert keyring(session)  # the address itself is kept, for nothing else tells where it came from
    assert session.scalars(select(Sender)).one().contents is not None
