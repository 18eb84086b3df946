"""Pages of a result: staff take it through 決裁, residents read it, and its files."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from participation.campaigns.models import Opinion, Outcome, ResultState
from participation.campaigns.services import result_approval as approval
from participation.core import clock
from participation.core.actors import Role
from participation.jobs.worker import run_pending
from tests.campaigns.arrange import make_submission
from tests.campaigns.results import World
from tests.factories import make_department, make_user, post, sign_in

pytestmark = pytest.mark.usefixtures("quick_pdf")


def base(world):
    return f"/staff/campaigns/{world.campaign.id}/result"


def result_of(session, world):
    session.expire_all()
    from participation.campaigns.queries.results import results_of

    return results_of(session, world.campaign.id)[-1]


def test_the_whole_way_through_the_pages(app, client, session):
    world = World(session, texts=("駐車場を増やしてほしい。",))
    sign_in(client, session, world.writer)
    page = client.get(base(world)).text
    assert "結果の下書きを作る" in page
    assert "案をどうするか（決定の内容）を選んで保存してください。" in page
    words = {
        "outcome": "unchanged",
        "outcome_note": "考え方のとおりです。",
        "introduction": "ありがとうございました。",
        "version": "0",
    }
    assert post(client, f"{base(world)}/edit", words).status_code == 303
    result = result_of(session, world)
    page = client.get(f"{base(world)}/{result.id}/preview").text
    assert "駐車場を増やしてほしい。" in page
    assert "1番目の考え方" in page
    answer = post(client, f"{base(world)}/{result.id}/submit")
    assert "/staff/jobs/" in answer.location
    with app.app_context():
        run_pending(app)
    assert "自分では決裁できません" in client.get(base(world)).text
    assert client.get(f"{base(world)}/{result.id}/pdf").data.startswith(b"%PDF")
    sha256 = result_of(session, world).snapshot_sha256
    # The writer is no approver; and residents see nothing yet.
    assert post(client, f"{base(world)}/{result.id}/approve", {"when": "now"}).status_code == 403
    address = f"/campaigns/{world.campaign.id}/result/"
    assert client.get(address).status_code == 404
    sign_in(client, session, world.approver)
    assert "結果を決裁する" in client.get("/staff/").text
    page = client.get(f"{base(world)}/{result.id}/approve").text
    assert sha256 in page
    decided = {"when": "now", "snapshot_sha256": sha256}
    assert post(client, f"{base(world)}/{result.id}/approve", decided).status_code == 303
    assert result_of(session, world).state is ResultState.PUBLISHED
    client.delete_cookie("staff")
    page = client.get(address)
    assert page.status_code == 200
    assert "案のとおり決定しました。" in page.text
    assert "ありがとうございました。" in page.text
    for name, start in (
        ("result.pdf", b"%PDF"),
        ("result.xlsx", b"PK"),
        ("result.csv", b"\xef\xbb\xbf"),
        ("result-shift-jis.csv", "番号".encode("cp932")),
    ):
        assert client.get(f"{address}1/{name}").data.startswith(start)


def test_an_approver_who_submitted_it_cannot_approve_it(app, client, session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    sign_in(client, session, world.approver)
    post(client, f"{base(world)}/{result.id}/submit")
    with app.app_context():
        run_pending(app)
    sha256 = result_of(session, world).snapshot_sha256
    assert "決裁へ進む" not in client.get(base(world)).text
    answer = post(
        client,
        f"{base(world)}/{result.id}/approve",
        {"when": "now", "snapshot_sha256": sha256},
    )
    assert answer.status_code == 403
    assert result_of(session, world).state is ResultState.SUBMITTED


def test_it_is_scheduled_in_the_time_of_japan(client, session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    sign_in(client, session, world.approver)
    day = clock.local_date(clock.now()) + timedelta(days=3)
    answer = post(
        client,
        f"{base(world)}/{result.id}/approve",
        {
            "when": "later",
            "scheduled_for": f"{day.isoformat()}T10:00",
            "snapshot_sha256": result.snapshot_sha256,
        },
    )
    assert answer.status_code == 303
    found = result_of(session, world)
    assert found.state is ResultState.APPROVED
    assert found.scheduled_for.isoformat() == f"{day.isoformat()}T01:00:00+00:00"
    address = f"/campaigns/{world.campaign.id}/result/"
    client.delete_cookie("staff")
    assert client.get(address).status_code == 404
    assert client.get(f"{address}1/result.pdf").status_code == 404
    assert approval.publish_due(session, found.scheduled_for) == 1
    session.commit()
    assert client.get(address).status_code == 200
    assert client.get(f"{address}1/result.pdf").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["", "昨日", "2020-01-01T10:00"])
def test_a_moment_that_cannot_be_is_said_beside_the_field(client, session, moment):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    sign_in(client, session, world.approver)
    answer = post(
        client,
        f"{base(world)}/{result.id}/approve",
        {
            "when": "later",
            "scheduled_for": moment,
            "snapshot_sha256": result.snapshot_sha256,
        },
    )
    assert answer.status_code == 422
    assert 'href="#scheduled_for"' in answer.text
    assert result_of(session, world).state is ResultState.SUBMITTED


def test_it_is_returned_with_a_reason(client, session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    sign_in(client, session, world.approver)
    url = f"{base(world)}/{result.id}/return"
    assert post(client, url, {"reason": ""}).status_code == 422
    assert post(client, url, {"reason": "要旨が長すぎます。"}).status_code == 303
    sign_in(client, session, world.writer)
    assert "要旨が長すぎます。" in client.get(base(world)).text
    assert "結果を直す" in client.get("/staff/").text


def test_a_conflict_keeps_what_was_typed(client, session):
    world = World(session)
    result = world.draft(introduction="はじめの文")
    sign_in(client, session, world.writer)
    words = {"outcome": "unchanged", "introduction": "わたしの文", "version": "0"}
    answer = post(client, f"{base(world)}/edit", words)
    assert answer.status_code == 409
    assert "わたしの文" in answer.text
    assert "はじめの文" in answer.text
    words["version"] = str(result.version)
    assert post(client, f"{base(world)}/edit", words).status_code == 303
    assert result_of(session, world).introduction == "わたしの文"


def test_another_department_finds_nothing(client, session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    other = make_department(session, "環境対策課")
    sign_in(client, session, make_user(session, Role.APPROVER, other))
    for page in (
        "",
        "/edit",
        f"/{result.id}/preview",
        f"/{result.id}/pdf",
        f"/{result.id}/approve",
    ):
        assert client.get(base(world) + page).status_code == 404, page
    elsewhere = World(session)
    sign_in(client, session, world.writer)
    # A result of another campaign, even of one's own, is not below this one's address.
    assert client.get(f"{base(elsewhere)}/{result.id}/preview").status_code == 404


def test_zero_comments_has_a_dignified_page(client, session):
    world = World(session)
    world.published(outcome=Outcome.UNCHANGED, outcome_note="")
    page = client.get(f"/campaigns/{world.campaign.id}/result/").text
    assert "意見の提出はありませんでした。" in page
    assert "案のとおり決定しました。" in page
    assert "案の修正はありません。" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome.NOT_ADOPTED, "案は決定しないこととしました。"),
        (Outcome.RENEWED, "案を見直し、改めて意見を募集することとしました。"),
    ],
)
def test_a_draft_that_was_not_adopted_says_so_and_why(client, session, outcome, sentence):
    world = World(session, texts=("反対です。",))
    world.published(outcome=outcome, outcome_note="国の基準が改められる見込みのため。")
    page = client.get(f"/campaigns/{world.campaign.id}/result/").text
    assert sentence in page
    assert "国の基準が改められる見込みのため。" in page


def test_amendments_and_opinions_lead_to_each_other(client, session):
    world = World(session, texts=("そのままでよい。",))
    world.amended(world.answered("空き状況を知らせてほしい。", category="A"))
    world.published(outcome=Outcome.AMENDED)
    page = client.get(f"/campaigns/{world.campaign.id}/result/").text
    assert 'id="amendment-1"' in page
    assert 'href="#opinion-2"' in page
    assert 'id="opinion-2"' in page
    assert 'href="#amendment-1"' in page
    assert "空き状況を知らせます。" in page


def test_for_and_against_are_never_totalled(client, session):
    world = World(session, texts=("賛成です。", "反対です。", "賛成です。"))
    world.published()
    page = client.get(f"/campaigns/{world.campaign.id}/result/").text
    assert "賛成と反対の数を問うものではありません" in page
    for word in ("賛成：", "反対：", "賛成2", "賛成 2", "反対1"):
        assert word not in page


@pytest.mark.slow
def test_a_long_result_is_read_in_pages_that_cost_the_same(client, session, queries):
    world = World(session)
    for number in range(1, 91):
        world.answered(f"{number}番目の意見です。")
    world.amended(world.groups[49])
    world.published(outcome=Outcome.AMENDED)
    address = f"/campaigns/{world.campaign.id}/result/"
    page = client.get(address).text
    assert f'href="{address}1/?page=2#opinion-50"' in page  # from the amendment
    assert "50番目の考え方" not in page
    queries.clear()
    page = client.get(f"{address}?page=2").text
    assert len(queries) <= 6
    assert 'id="opinion-50"' in page
    assert f'href="{address}1/#amendment-1"' in page
    for wrong in ("0", "4", "x", "-1", "99999999999"):
        assert client.get(f"{address}?page={wrong}").status_code == 404
    queries.clear()
    assert client.get(f"{address}?page=2").text == page
    assert queries == []  # what it depends on is asked past the ORM; the page is remembered


def test_a_group_with_many_opinions_has_pages_of_them(client, session):
    world = World(session)
    group = world.group()
    submission = make_submission(
        session, world.campaign, *(f"{number}番目の意見" for number in range(130))
    )
    session.execute(
        update(Opinion)
        .where(Opinion.submission_id == submission.id)
        .values(group_id=group.id)
        .execution_options(synchronize_session=False)
    )
    session.commit()
    world.published()
    address = f"/campaigns/{world.campaign.id}/result/"
    page = client.get(address).text
    assert f'href="{address}1/opinions/1/"' in page
    assert "129番目の意見" not in page
    assert "99番目の意見" in client.get(f"{address}1/opinions/1/").text
    assert "129番目の意見" in client.get(f"{address}1/opinions/1/?page=2").text
    assert client.get(f"{address}1/opinions/1/?page=3").status_code == 404
    assert client.get(f"{address}1/opinions/2/").status_code == 404


@pytest.mark.slow
def test_a_correction_and_what_it_corrects_are_both_there(client, session):
    world = World(session, texts=("増やしてほしい。",))
    world.published()
    address = f"/campaigns/{world.campaign.id}/result/"
    assert "1番目の考え方" in client.get(address).text
    assert "誤りがありました" not in client.get(f"/campaigns/{world.campaign.id}/").text
    sign_in(client, session, world.writer)
    world.groups[0].view = "正しい考え方"
    session.commit()
    words = {"outcome": "unchanged", "outcome_note": "理由", "version": "0", "correction": ""}
    assert post(client, f"{base(world)}/edit", words).status_code == 422
    client.delete_cookie("staff")
    world.published(correction="考え方に誤りがありました。")
    page = client.get(address).text
    assert "正しい考え方" in page
    assert "考え方に誤りがありました。" in page
    old = client.get(f"{address}1/").text
    assert "1番目の考え方" in old
    assert "この結果は訂正されています" in old
    assert "考え方に誤りがありました。" in client.get(f"/campaigns/{world.campaign.id}/").text


def test_hostile_words_are_only_words(client, session):
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"
    world = World(session, title=hostile)
    group = world.answered(hostile, category="A")
    group.heading, group.summary, group.view = (hostile,) * 3
    world.amended(group, place=hostile, before=hostile, after=hostile, reason=hostile)
    session.commit()
    result = world.published(outcome=Outcome.AMENDED, outcome_note=hostile, introduction=hostile)
    for address in (
        f"/campaigns/{world.campaign.id}/result/",
        f"/campaigns/{world.campaign.id}/result/1/opinions/1/",
    ):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{ 7*7 }}" in page
    sign_in(client, session, world.writer)
    assert "<script>alert" not in client.get(f"{base(world)}/{result.id}/preview").text


def test_nothing_is_offered_before_the_period_is_over(client, session):
    from participation.campaigns.models import CampaignState

    world = World(session, state=CampaignState.OPEN)
    sign_in(client, session, world.writer)
    assert "結果はまだありません" in client.get(base(world)).text
    words = {"outcome": "unchanged", "version": "0"}
    assert post(client, f"{base(world)}/edit", words).status_code == 409
