"""The public form from the first click to the receipt, without JavaScript."""

import re
import threading
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from participation.campaigns.models import (
    CampaignState,
    Document,
    DocumentKind,
    DocumentVersion,
    Opinion,
    Passage,
    PassageKind,
    Submission,
)
from participation.campaigns.sweeps import NETWORK_KEPT_FOR, forget_networks
from participation.core import clock
from participation.files.models import StoredFile
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.submissions.models import Attachment, Receipt, SavedForm, Sender
from participation.submissions.services.sealed_files import attachment_name, open_sealed
from participation.submissions.services.senders import contents_of
from participation.submissions.sweeps import erase_what_is_over
from tests.campaigns.arrange import make_campaign
from tests.factories import csrf, make_department, post

TEXT = "公園に木陰を増やしてください。\r\n夏の散歩がつらいためです。"


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


@pytest.fixture
def campaign(session):
    return make_campaign(session, make_department(session))


def filled(campaign, key, **more):
    return {
        "key": key,
        "saved": "",
        "n": "1",
        "o0-place": "12ページ",
        "o0-text": TEXT,
        "o0-reason": "",
        "eligibility": str(campaign.eligibilities[0].id),
        "s-name": "山田 太郎",
        "s-address": "中央1-2-3",
        "mail_to": "",
        "website": "",
        **more,
    }


def url(campaign):
    return f"/campaigns/{campaign.id}/submit/"


def begin(client, campaign, query=""):
    page = client.get(url(campaign) + query)
    assert page.status_code == 200
    return hidden(page.text, "key")


def receipt_page(client, response):
    assert response.status_code == 303, response.text
    assert response.headers["Location"] == "/receipts/issued/"
    page = client.get("/receipts/issued/")
    assert page.status_code == 200
    number, secret = re.findall(r"<dd>([0-9A-Z-]{14,})</dd>", page.text)
    return number, secret, page


def test_from_the_form_to_the_receipt_and_back_to_it(client, session, campaign):
    key = begin(client, campaign)
    confirm = post(client, url(campaign), filled(campaign, key, act="confirm"))
    assert confirm.status_code == 200
    assert "まだ提出されていません" in confirm.text
    assert hidden(confirm.text, "key") == key
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
    sent = post(client, url(campaign), filled(campaign, key, act="send"))
    number, secret, page = receipt_page(client, sent)
    for header in sent.headers.getlist("Set-Cookie"):
        assert number not in header
        assert secret not in header
    assert "木陰" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    receipt = session.scalar(select(Receipt))
    assert receipt.number == number
    assert secret not in (receipt.secret_hash, receipt.idempotency_key)
    opinion = session.scalar(select(Opinion))
    assert opinion.text == TEXT.replace("\r\n", "\n")
    sender = session.scalar(select(Sender))
    assert contents_of(session, sender) == {"name": "山田 太郎", "address": "中央1-2-3"}
    # Later, from another device, typed as people type.
    other = client.application.test_client()
    shown = post(
        other, "/receipts/", {"number": number.lower(), "secret": secret.replace("-", "　")}
    )
    assert shown.status_code == 200
    assert "木陰" in shown.text
    assert "山田" not in shown.text


def test_the_same_form_twice_is_one_submission_with_the_same_receipt(client, session, campaign):
    key = begin(client, campaign)
    data = filled(campaign, key, act="send", mail_to="taro@example.jp")
    first = receipt_page(client, post(client, url(campaign), data))[:2]
    second = receipt_page(client, post(client, url(campaign), data))[:2]
    assert first == second
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    message = session.scalars(select(OutboxMessage)).one()
    letter = open_letter(session, message)
    assert letter.recipient == "taro@example.jp"
    assert first[0] in letter.body
    assert first[1] in letter.body


def test_the_same_form_with_other_words_is_offered_as_another(client, session, campaign):
    key = begin(client, campaign)
    receipt_page(client, post(client, url(campaign), filled(campaign, key, act="send")))
    changed = filled(campaign, key, act="send") | {"o0-text": "ベンチも増やしてください。"}
    answer = post(client, url(campaign), changed)
    assert answer.status_code == 409
    assert "ベンチも増やしてください。" in answer.text
    other = hidden(answer.text, "key")
    assert other != key
    sent = post(client, url(campaign), changed | {"key": other})
    receipt_page(client, sent)
    assert session.scalars(select(Opinion.text).order_by(Opinion.id)).all() == [
        TEXT.replace("\r\n", "\n"),
        "ベンチも増やしてください。",
    ]


def test_buttons_keep_everything(client, session, campaign):
    key = begin(client, campaign)
    page = post(client, url(campaign), filled(campaign, key, act="add"))
    assert page.status_code == 200
    assert hidden(page.text, "n") == "2"
    for text in ("夏の散歩がつらいため", "12ページ", "山田 太郎", "checked"):
        assert text in page.text
    two = filled(campaign, key, act="remove:0") | {"n": "2", "o1-text": "二つ目の意見"}
    page = post(client, url(campaign), two)
    assert hidden(page.text, "n") == "1"
    assert "二つ目の意見" in page.text
    assert "夏の散歩" not in page.text
    assert session.scalar(select(func.count()).select_from(SavedForm)) == 0


def test_errors_say_what_to_do_and_lose_nothing(client, campaign):
    key = begin(client, campaign)
    data = filled(campaign, key, act="confirm") | {
        "o0-text": " ",
        "s-name": "",
        "eligibility": "999999",
        "mail_to": "ない",
        "s-address": "中央1-2-3",
    }
    page = post(client, url(campaign), data)
    assert page.status_code == 422
    for target in ("o0-text", "s-name", "eligibility", "mail_to"):
        assert f'href="#{target}"' in page.text
        assert f'id="{target}' in page.text
    assert "中央1-2-3" in page.text


def test_without_a_name_for_a_reason(client, session, campaign):
    key = begin(client, campaign)
    data = filled(campaign, key, act="send") | {"anonymous": "yes", "s-address": "消してください"}
    receipt_page(client, post(client, url(campaign), data))
    submission = session.scalar(select(Submission))
    assert submission.anonymous
    assert submission.person_key is None
    assert session.scalar(select(func.count()).select_from(Sender)) == 0


def test_files_wait_sealed_over_the_confirmation(client, session, campaign, app, settings):
    key = begin(client, campaign)
    data = filled(campaign, key, act="confirm")
    data["files"] = (BytesIO("地図のメモ".encode()), "山田の地図.txt")
    confirm = post(client, url(campaign), data)
    assert confirm.status_code == 200, confirm.text
    assert "山田の地図.txt" in confirm.text
    token = hidden(confirm.text, "saved")
    assert token
    saved = session.scalar(select(SavedForm))
    assert "山田" not in saved.contents
    stored = b"".join(p.read_bytes() for p in settings.data_dir.rglob("files/*/*/*"))
    assert "地図のメモ".encode() not in stored
    receipt_page(
        client, post(client, url(campaign), filled(campaign, key, act="send", saved=token))
    )
    attachment = session.scalar(select(Attachment))
    assert open_sealed(session, attachment) == "地図のメモ".encode()
    assert attachment_name(session, attachment) == "山田の地図.txt"
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(SavedForm)) == 0


def test_a_refused_file_is_told_and_the_form_stays(client, campaign):
    key = begin(client, campaign)
    data = filled(campaign, key, act="confirm")
    data["files"] = (BytesIO(b"<svg onload='alert(1)'></svg>"), "x.svg")
    page = post(client, url(campaign), data)
    assert page.status_code == 422
    assert "SVG" in page.text
    assert "夏の散歩がつらいため" in page.text


def test_save_and_return(client, session, campaign):
    key = begin(client, campaign)
    saved = post(client, url(campaign), filled(campaign, key, act="save"))
    assert saved.status_code == 200
    link = re.search(r"http://localhost(/campaigns/\d+/submit/\?saved=[\w-]+)", saved.text).group(1)
    row = session.scalar(select(SavedForm))
    assert "木陰" not in row.contents
    assert link.partition("saved=")[2] not in row.token_hash
    other = client.application.test_client()
    again = other.get(link)
    assert "夏の散歩がつらいため" in again.text
    assert hidden(again.text, "key") == key
    mailed = post(
        client,
        url(campaign),
        {"act": "mail_link", "saved": hidden(again.text, "saved"), "mail_to": "a@example.jp"},
    )
    assert mailed.status_code == 200
    letter = open_letter(session, session.scalars(select(OutboxMessage)).one())
    assert link in letter.body
    sent = post(
        other,
        url(campaign),
        filled(campaign, key, act="send", saved=hidden(again.text, "saved")),
    )
    receipt_page(other, sent)
    assert other.get(link).status_code == 410


def test_after_the_deadline_the_form_is_closed_but_one_that_was_open_is_kept(
    client, session, monkeypatch
):
    campaign = make_campaign(session, make_department(session))
    key = begin(client, campaign)
    closes = campaign.closes_on
    after = clock.now() + timedelta(days=(closes - clock.local_date(clock.now())).days + 1)
    monkeypatch.setattr(clock, "now", lambda: after)
    page = client.get(url(campaign))
    assert "募集は終わりました" in page.text
    assert 'name="o0-text"' not in page.text
    confirm = post(client, url(campaign), filled(campaign, key, act="confirm"))
    assert "期限後" in confirm.text
    _number, _secret, shown = receipt_page(
        client, post(client, url(campaign), filled(campaign, key, act="send"))
    )
    assert "期限後" in shown.text
    assert session.scalar(select(Submission.late))


def test_unknown_and_wrong_are_the_same_bytes(client, campaign):
    key = begin(client, campaign)
    number, _secret, _page = receipt_page(
        client, post(client, url(campaign), filled(campaign, key, act="send"))
    )

    def answer(typed_number, secret):
        page = post(client, "/receipts/", {"number": typed_number, "secret": secret})
        text = re.sub(r'name="csrf_token" value="[^"]*"', "", page.text)
        headers = {k: v for k, v in page.headers.items() if k not in {"Set-Cookie", "Date"}}
        return page.status_code, text.replace(typed_number, "N"), headers

    wrong = answer(number, "0000-0000-0000-0000-0000-0000-0000")
    unknown = answer("0000-0000-0000", "0000-0000-0000-0000-0000-0000-0000")
    assert wrong == unknown
    assert wrong[0] == 422


def test_the_receipt_can_be_put_away(client, campaign):
    key = begin(client, campaign)
    receipt_page(client, post(client, url(campaign), filled(campaign, key, act="send")))
    assert post(client, "/receipts/issued/").status_code == 303
    assert client.get("/receipts/issued/").headers["Location"] == "/receipts/"


def test_a_double_click_at_the_same_moment_is_one_submission(client, session, campaign):
    key = begin(client, campaign)
    data = {"csrf_token": csrf(client), **filled(campaign, key, act="send")}
    address = url(campaign)
    with client.session_transaction() as cookie:
        raw = cookie["csrf_token"]
    session.rollback()
    shown = []

    def click():
        browser = client.application.test_client()
        with browser.session_transaction() as cookie:
            cookie["csrf_token"] = raw
        shown.append(receipt_page(browser, browser.post(address, data=data))[:2])

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(shown) == 6
    assert len(set(shown)) == 1
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_an_opinion_on_a_passage_carries_it(client, session, campaign):
    document = Document(
        campaign_id=campaign.id, position=0, kind=DocumentKind.DRAFT, title="計画（案）"
    )
    document.versions = [
        DocumentVersion(number=1, source="x", created_at=clock.now(), published_at=clock.now())
    ]
    session.add(document)
    session.flush()
    passage = Passage(
        version_id=document.versions[0].id,
        position=0,
        anchor="p-1",
        kind=PassageKind.PARAGRAPH,
        label="第2章 1 現状 第3段落",
        text="木陰の割合は一割である。",
        html="<p>木陰の割合は一割である。</p>",
    )
    session.add(passage)
    session.commit()
    page = client.get(f"{url(campaign)}?passage={passage.id}")
    assert 'value="第2章 1 現状 第3段落"' in page.text
    assert "木陰の割合は一割である。" in page.text
    key = hidden(page.text, "key")
    data = filled(campaign, key, act="send") | {"o0-passage": str(passage.id)}
    receipt_page(client, post(client, url(campaign), data))
    assert session.scalar(select(Opinion.passage_id)) == passage.id
    # One of another campaign, or of no campaign, is left out and refuses nothing.
    other = make_campaign(session, make_department(session, "みどり課"))
    for number, passage_id in enumerate((passage.id, 999_999)):
        key = begin(client, other)
        data = filled(other, key, act="send") | {"o0-passage": str(passage_id)}
        receipt_page(client, post(client, url(other), data))
        newest = session.scalars(select(Opinion).order_by(Opinion.id.desc())).first()
        assert newest.passage_id is None, number


def test_a_cancelled_campaign_takes_nothing_and_gives_the_text_back(client, session, campaign):
    key = begin(client, campaign)
    campaign.state = CampaignState.CANCELLED
    campaign.cancel_reason = "国の指針が改められたため"
    session.commit()
    answer = post(client, url(campaign), filled(campaign, key, act="send"))
    assert answer.status_code == 409
    assert "中止されました" in answer.text
    assert "夏の散歩がつらいため" in answer.text
    assert session.scalar(select(func.count()).select_from(Receipt)) == 0


def test_nothing_of_a_person_is_in_cookies_or_addresses(client, campaign, caplog, capfd):
    key = begin(client, campaign)
    canaries = ("canary-name", "canary-address", "canary@example.jp", "canary-text")
    data = filled(campaign, key) | {
        "s-name": canaries[0],
        "s-address": canaries[1],
        "mail_to": canaries[2],
        "o0-text": canaries[3],
    }
    for act in ("add", "confirm", "save", "send"):
        answer = post(client, url(campaign), data | {"act": act})
        told = f"{answer.headers}{caplog.text}{''.join(capfd.readouterr())}"
        with client.session_transaction() as cookie:
            told += str(dict(cookie))
        for canary in canaries:
            assert canary not in told, act
    receipt_page(client, answer)


def test_what_nobody_came_back_for_is_erased(client, session, campaign):
    key = begin(client, campaign)
    data = filled(campaign, key, act="confirm")
    data["files"] = (BytesIO("地図のメモ".encode()), "地図.txt")
    post(client, url(campaign), data)
    row = session.scalar(select(SavedForm))
    erase_what_is_over(session, row.expires_at - timedelta(seconds=1))
    assert session.scalar(select(func.count()).select_from(SavedForm)) == 1
    erase_what_is_over(session, row.expires_at)
    session.commit()
    assert session.scalar(select(func.count()).select_from(SavedForm)) == 0
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_networks_are_forgotten(client, session, campaign):
    key = begin(client, campaign)
    receipt_page(client, post(client, url(campaign), filled(campaign, key, act="send")))
    submission = session.scalar(select(Submission))
    assert len(submission.network_key) == 64
    forget_networks(session, submission.received_at + NETWORK_KEPT_FOR)
    session.refresh(submission)
    assert submission.network_key
    forget_networks(session, submission.received_at + NETWORK_KEPT_FOR + timedelta(seconds=1))
    session.refresh(submission)
    assert submission.network_key is None
