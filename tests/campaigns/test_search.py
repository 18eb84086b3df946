"""Searching campaigns: what becomes findable, by whom, and how it is shown."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from participation.campaigns import search as indexing
from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    CampaignState,
    Opinion,
    OpinionGroup,
    Outcome,
    ResultPart,
    ResultState,
)
from participation.campaigns.queries import search as queries
from participation.campaigns.queries.search import SearchFilter
from participation.campaigns.result_snapshot import (
    Answer,
    Frame,
    PublicText,
    Snapshot,
    Tally,
)
from participation.campaigns.search_sweeps import index_everything, index_living
from participation.core.actors import Role
from participation.db.search import (
    Corpus,
    DocumentFilter,
    FoundDocument,
    PublicDocument,
    SearchEntry,
    find_documents,
)
from participation.submissions.models import Channel
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.factories import make_department, make_user, sign_in

NOW = datetime(2024, 7, 1, 3, tzinfo=UTC)


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return make_campaign(session, make_department(session, "みどり課"))


def found(session: Session, query: str, **more: Any) -> list[int]:
    wanted = SearchFilter(query, **more)
    lines = queries.find(session, wanted, reach=None, limit=100)
    assert queries.total(session, wanted, reach=None).number == len(lines)
    return [line.row_id for line in lines]


def make_group(session: Session, campaign: Campaign, **words: str) -> OpinionGroup:
    number = 1 + (session.scalar(select(func.max(OpinionGroup.number))) or 0)
    group = OpinionGroup(
        campaign_id=campaign.id, number=number, position=number, updated_at=NOW, **words
    )
    session.add(group)
    session.commit()
    return group


def publish(
    session: Session, campaign: Campaign, *answers: Answer, number: int = 1
) -> CampaignResult:
    """A published result with these answers, without the steps before."""
    frame = Frame(
        title=campaign.title,
        municipality="見本市",
        department="みどり課",
        contact=(),
        procedure="comment",
        legal_basis="",
        announced_on="",
        opens_on="2024-04-01",
        closes_on="2024-04-30",
        extended_from="",
        places=(),
        number=number,
        correction="字句の誤り" if number > 1 else "",
        introduction="ご意見ありがとうございました。",
        outcome="unchanged",
        outcome_note="",
        tally=Tally(submissions=1, persons=1, opinions=1),
        channels=(),
        categories=(),
        changes=(),
    )
    result = CampaignResult(
        campaign_id=campaign.id,
        number=number,
        state=ResultState.PUBLISHED,
        correction=frame.correction,
        outcome=Outcome.UNCHANGED,
        published_at=NOW,
        created_at=NOW,
    )
    session.add(result)
    session.flush()
    for position, content in enumerate(Snapshot(frame, answers).parts()):
        session.add(ResultPart(result_id=result.id, position=position, content=content))
    session.commit()
    return result


def answer(number: int, summary: str, *texts: str) -> Answer:
    return Answer(
        number=number,
        heading="第2章",
        summary=summary,
        view="今後の参考とします。",
        category="C",
        category_label="今後の参考",
        opinions=1,
        texts=tuple(PublicText("", text, "") for text in texts),
        text_total=len(texts),
    )


def test_what_came_is_found_after_the_sweep(session: Session, campaign: Campaign):
    submission = make_submission(session, campaign, "公園に木陰を。", "道路の照明を増やす。")
    assert found(session, "木陰") == []
    index_living(session, NOW)
    first, second = opinions_of(session, submission)
    assert found(session, "木陰") == [first.id]
    assert found(session, "を") == [second.id, first.id]
    assert found(session, "照明", campaign_id=campaign.id) == [second.id]


def test_the_sweep_does_nothing_twice(session: Session, campaign: Campaign, queries: list[str]):
    make_submission(session, campaign, "公園に木陰を。")
    index_living(session, NOW)
    queries.clear()
    index_living(session, NOW)
    assert not [statement for statement in queries if statement.startswith(("INSERT", "DELETE"))]


def test_a_sweep_that_dies_is_gone_on_with(
    session: Session, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
):
    for _ in range(5):
        make_submission(session, campaign, "公園に木陰を。", "道路の照明を。")
    monkeypatch.setattr("participation.campaigns.search_sweeps._CHUNK", 3)
    original = indexing.index_opinions
    calls = []

    def die(session: Session, opinions: Any) -> int:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        return original(session, opinions)

    monkeypatch.setattr(indexing, "index_opinions", die)
    with pytest.raises(KeyboardInterrupt):
        index_living(session, NOW)
    session.rollback()
    assert len(found(session, "を")) == 6
    monkeypatch.setattr(indexing, "index_opinions", original)
    index_living(session, NOW)
    assert len(found(session, "を")) == 10


def test_a_sweep_settles_the_index_step_by_step(
    session: Session, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
):
    steps = [False, True, True]
    monkeypatch.setattr("participation.db.search.settle", lambda _session: steps.pop())
    make_submission(session, campaign, "公園に木陰を。")
    index_living(session, NOW)
    assert steps == []
    index_living(session, NOW)  # nothing was written, so nothing is asked
    steps = [False]
    index_everything(session, NOW)  # but what was left is done at some time
    assert steps == []


def test_campaigns_that_are_over_are_looked_at_more_rarely(session: Session):
    department = make_department(session)
    old = make_campaign(session, department, state=CampaignState.PUBLISHED)
    make_submission(session, old, "公園に木陰を。")
    index_living(session, NOW)
    assert found(session, "木陰") == []
    index_everything(session, NOW)
    assert len(found(session, "木陰")) == 1


def test_a_corrected_opinion_is_found_by_its_right_words(session: Session, campaign: Campaign):
    submission = make_submission(
        session,
        campaign,
        "公国に木陰を。",
        channel=Channel.POST,
        typed_by=make_user(session, Role.CONTRIBUTOR, make_department(session, "別の課")).id,
    )
    index_living(session, NOW)
    (opinion,) = opinions_of(session, submission)
    opinion.text = "公園に木陰を。"
    indexing.forget_opinions(session, [opinion])
    session.commit()
    index_living(session, NOW)
    assert found(session, "公国") == []
    assert found(session, "公園") == [opinion.id]


def test_a_split_opinion_is_found_by_its_parts(session: Session, campaign: Campaign):
    submission = make_submission(session, campaign, "公園に木陰を。道路に照明を。")
    index_living(session, NOW)
    (opinion,) = opinions_of(session, submission)
    part = Opinion(
        campaign_id=campaign.id,
        submission_id=submission.id,
        number=2,
        text="道路に照明を。",
        text_key="k",
        split_from_id=opinion.id,
    )
    session.add(part)
    opinion.split = True
    indexing.forget_opinions(session, [opinion])
    session.commit()
    index_living(session, NOW)
    assert found(session, "照明") == [part.id]
    assert found(session, "木陰") == []


def test_answers_are_found_as_they_are_now(session: Session, campaign: Campaign):
    group = make_group(session, campaign, heading="第1章", summary="木陰がほしい", view="植えます")
    gone = make_group(session, campaign, summary="木陰はいらない")
    index_living(session, NOW)
    assert found(session, "木陰", corpus=Corpus.ANSWER) == [gone.id, group.id]
    group.view, group.updated_at = "検討します", datetime(2024, 7, 2, tzinfo=UTC)
    session.execute(delete(OpinionGroup).where(OpinionGroup.id == gone.id))
    session.commit()
    index_living(session, NOW)
    assert found(session, "植え", corpus=Corpus.ANSWER) == []
    assert found(session, "検討", corpus=Corpus.ANSWER) == [group.id]
    assert found(session, "木陰", corpus=Corpus.ANSWER) == [group.id]


def test_filters(session: Session, campaign: Campaign):
    web = make_submission(session, campaign, "木陰をください。")
    post = make_submission(session, campaign, "木陰をください。", channel=Channel.POST, late=True)
    group = make_group(session, campaign, summary="木陰")
    (first,), (second,) = opinions_of(session, web), opinions_of(session, post)
    first.group_id = group.id
    session.commit()
    index_living(session, NOW)
    assert found(session, "木陰", channel=Channel.POST) == [second.id]
    assert found(session, "木陰", late=False) == [first.id]
    assert found(session, "木陰", late=True, channel=Channel.WEB) == []
    assert found(session, "木陰", grouped=True) == [first.id]
    assert found(session, "木陰", grouped=False) == [second.id]
    year = campaign.fiscal_year
    assert found(session, "木陰", fiscal_year=year) == [second.id, first.id]
    assert found(session, "木陰", fiscal_year=year - 1) == []


def test_a_narrowed_search_stops_counting(
    session: Session, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
):
    make_submission(session, campaign, "木陰", "木陰", "木陰")
    index_living(session, NOW)
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    total = queries.total(session, SearchFilter("木陰", late=False), reach=None)
    assert (total.number, total.is_more) == (2, True)


def test_departments_stay_apart(client: FlaskClient, session: Session, campaign: Campaign):
    other = make_department(session, "税務課")
    theirs = make_campaign(session, other, title="税の計画（案）")
    make_submission(session, campaign, "木陰を増やす。")
    make_submission(session, theirs, "税務署に木陰を。")
    make_group(session, theirs, summary="木陰の税")
    index_living(session, NOW)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, other))
    page = client.get("/staff/campaigns/search?q=木陰").text
    assert "税務署に" in page
    assert "を増やす" not in page
    assert "緑の基本計画" not in page
    assert client.get(f"/staff/campaigns/{campaign.id}/search?q=木陰").status_code == 404
    # Another department's campaign is no choice.
    answer = client.get(f"/staff/campaigns/search?q=木陰&campaign={campaign.id}")
    assert answer.status_code == 422
    assert "を増やす" not in answer.text
    sign_in(
        client,
        session,
        make_user(
            session,
            Role.CONTRIBUTOR,
            session.get_one(Campaign, campaign.id) and make_department(session, "第三課"),
        ),
    )
    page = client.get("/staff/campaigns/search?q=木陰&kind=answers").text
    assert "見つかりませんでした" in page


def test_the_coordinator_searches_the_whole_city(
    client: FlaskClient, session: Session, campaign: Campaign
):
    make_submission(session, campaign, "木陰を増やす。")
    index_living(session, NOW)
    sign_in(
        client, session, make_user(session, Role.COORDINATOR, make_department(session, "協働課"))
    )
    assert "を増やす" in client.get("/staff/campaigns/search?q=木陰").text


@pytest.fixture
def staff(client: FlaskClient, session: Session, campaign: Campaign) -> FlaskClient:
    from participation.departments.models import Department

    own = session.get_one(Department, campaign.department_id)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, own))
    return client


def test_what_is_found_is_marked_and_nothing_else_is_markup(
    staff: FlaskClient, session: Session, campaign: Campaign
):
    make_submission(session, campaign, "<script>alert(1)</script>ｶﾌｪを<b>公園</b>に&amp;")
    index_living(session, NOW)
    page = staff.get(f"/staff/campaigns/{campaign.id}/search?q=カフェ <b>公園").text
    assert "<mark>ｶﾌｪ</mark>" in page
    assert "<mark>&lt;b&gt;公園</mark>" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "&amp;amp;" in page


def test_the_page_says_what_it_found(staff: FlaskClient, session: Session, campaign: Campaign):
    for _ in range(32):
        make_submission(session, campaign, "木陰を増やす。", late=True)
    make_group(session, campaign, heading="緑", summary="木陰がほしい", view="木陰を作ります")
    index_living(session, NOW)
    address = f"/staff/campaigns/{campaign.id}/search"
    empty = staff.get(address).text
    assert "個人情報は検索の対象になりません" in empty
    first = staff.get(address + "?q=木陰").text
    assert "32件見つかりました" in first
    assert first.count("<mark>木陰</mark>") == 30
    after = first.split("before=")[1].split('"')[0].split("&")[0]
    second = staff.get(f"{address}?q=木陰&before={after}").text
    assert second.count("<mark>木陰</mark>") == 2
    answers = staff.get(address + "?q=木陰&kind=answers").text
    assert "グループ1" in answers
    assert answers.count("<mark>木陰</mark>") == 2
    assert "見つかりませんでした" in staff.get(address + "?q=雨どい").text
    assert staff.get(address + "?q=木陰&channel=nonsense").status_code == 422
    for odd in ("before=x", "before=99999999999999999999", "q=%00", "q=%22%22%22*", "q=%ED%A0%80"):
        assert staff.get(f"{address}?q=木&{odd}").status_code == 200


def test_no_sender_is_ever_found(session: Session, campaign: Campaign):
    make_submission(session, campaign, "木陰を。", flag_note="山田太郎さんから電話")
    index_everything(session, NOW)
    assert found(session, "山田") == []


def test_residents_find_what_is_published(client: FlaskClient, session: Session):
    campaign = make_campaign(
        session, make_department(session), state=CampaignState.PUBLISHED, purpose="緑を守るため"
    )
    hidden = make_campaign(
        session, make_department(session), state=CampaignState.PREPARING, title="秘密の木陰計画"
    )
    make_submission(session, campaign, "未公開の木陰の意見")
    many = [f"木立その{number}" for number in range(30)]
    result = publish(session, campaign, answer(1, "木陰がほしい", "木陰を"), answer(2, "川", *many))
    index_everything(session, NOW)
    page = client.get("/search?q=木陰").text
    assert f'href="/campaigns/{campaign.id}/result/#opinion-1"' in page
    assert "<mark>木陰</mark>がほしい" in page
    assert "未公開" not in page
    assert hidden.title not in page
    assert f'href="/campaigns/{campaign.id}/"' in client.get("/search?q=守る").text
    texts = client.get("/search?q=木立その29").text
    assert f'href="/campaigns/{campaign.id}/result/{result.number}/opinions/2/"' in texts
    assert "見つかりませんでした" in client.get("/search?q=秘密").text
    assert client.get("/campaigns/search?q=木").headers["Location"] == "/search?q=%E6%9C%A8"


def find_public(session: Session, query: str, reference: str | None = None) -> list[FoundDocument]:
    return find_documents(session, DocumentFilter(query, reference=reference), limit=9)


def test_a_correction_takes_the_place_of_the_result(session: Session):
    campaign = make_campaign(session, make_department(session), state=CampaignState.PUBLISHED)
    publish(session, campaign, answer(1, "木陰がほしい"), answer(2, "川"))
    index_everything(session, NOW)
    assert len(find_public(session, "木陰")) == 1
    publish(session, campaign, answer(1, "日陰がほしい"), number=2)
    index_everything(session, NOW)
    assert find_public(session, "木陰") == []
    (only,) = find_public(session, "日陰", f"campaign:{campaign.id}")
    assert (only.reference, only.place) == (f"campaign:{campaign.id}", "answer-1-1")
    count = session.scalar(select(func.count()).select_from(PublicDocument))
    index_everything(session, NOW)
    assert session.scalar(select(func.count()).select_from(PublicDocument)) == count == 3


def test_the_command_builds_the_index(app: Flask, session: Session, campaign: Campaign):
    make_submission(session, campaign, "木陰を。")
    session.commit()
    run: Callable[..., Any] = app.test_cli_runner().invoke
    done = run(args=["campaigns", "index-texts"])
    assert done.exit_code == 0, done.output
    assert done.output == "2件の索引を作りました。\n"  # the opinion and the announcement
    assert run(args=["campaigns", "index-texts"]).output == "0件の索引を作りました。\n"
    assert run(args=["campaigns", "index-texts", "--anew"]).output == "2件の索引を作りました。\n"
    session.rollback()
    assert len(found(session, "木陰")) == 1
    assert session.scalar(select(func.count()).select_from(SearchEntry)) == 2
