"""Versions of documents on both databases: published ones never change, opinions are followed."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.campaigns.models import (
    Campaign,
    CampaignNotice,
    CampaignState,
    Document,
    DocumentKind,
    DocumentVersion,
    Lineage,
    NoticeKind,
    Passage,
    PassageLineage,
)
from participation.campaigns.queries import documents as queries
from participation.campaigns.queries.lineage import (
    changes_in,
    current_passage,
    opinion_counts,
    successions,
)
from participation.campaigns.services import document_versions as versions
from participation.campaigns.services import documents
from participation.campaigns.services.document_versions import VersionConflict, VersionContent
from participation.campaigns.services.lineage import confirm_lineage, correct_lineage
from participation.core import clock
from participation.core.errors import InvalidInput, NotFound, StateConflict
from tests.campaigns.arrange import make_campaign, make_submission, opinions_of
from tests.campaigns.documents_arrange import (
    ACTOR,
    CHANGED,
    TEXT,
    add_version,
    make_document,
    make_file,
    publish_version,
)
from tests.factories import make_department


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return make_campaign(session, make_department(session))


def edit(
    session: Session, campaign: Campaign, version: DocumentVersion, text: str, **more: str
) -> None:
    versions.edit_version(
        session,
        campaign,
        version,
        VersionContent(version.file_id, text, more.get("note", version.note)),
        seen=more.get("seen", versions.version_seen(version)),
        actor=ACTOR,
        now=clock.now(),
    )


def passage(session: Session, version: DocumentVersion, words: str) -> Passage:
    return next(one for one in queries.passages_of(session, version.id) if words in one.text)


def test_residents_read_the_latest_published_version_of_each_document(
    session: Session, campaign: Campaign
):
    document, first = make_document(session, campaign)
    _summary, summary = make_document(session, campaign, "概要である。", title="概要")
    make_document(session, campaign, "まだ見せない。", title="未公開", publish=False)
    second = add_version(session, campaign, document, CHANGED)
    assert [one.id for one in queries.published_versions(session, campaign.id)] == [
        first.id,
        summary.id,
    ]
    publish_version(session, campaign, second)
    found = queries.published_versions(session, campaign.id, latest_only=False)
    assert [(one.id, one.is_latest) for one in found] == [
        (second.id, True),
        (first.id, False),
        (summary.id, True),
    ]
    assert found[0].note == "面積を改めた。"
    assert found[0].has_text


def test_what_is_published_never_changes(session: Session, campaign: Campaign):
    document, version = make_document(session, campaign)
    with pytest.raises(StateConflict, match="公開済み"):
        edit(session, campaign, version, "別の文")
    with pytest.raises(StateConflict, match="公開済み"):
        publish_version(session, campaign, version)
    with pytest.raises(StateConflict, match="公開済み"):
        versions.discard_version(session, campaign, version, actor=ACTOR, now=clock.now())
    with pytest.raises(StateConflict, match="削除できません"):
        documents.delete_document(session, campaign, document, actor=ACTOR, now=clock.now())
    session.rollback()
    assert session.get_one(DocumentVersion, version.id).source == TEXT.strip("\n")


def test_a_replacement_is_told_as_a_notice(session: Session, campaign: Campaign):
    document, _first = make_document(session, campaign)
    second = add_version(session, campaign, document, CHANGED, note="面積の誤りを直した。")
    publish_version(session, campaign, second)
    notices = session.scalars(select(CampaignNotice).order_by(CampaignNotice.id)).all()
    assert [one.kind for one in notices] == [NoticeKind.DOCUMENT] * 2
    assert "追加" in notices[0].text
    assert "第2版に差し替えました" in notices[1].text
    assert "面積の誤りを直した。" in notices[1].text


def test_nothing_is_told_while_the_campaign_is_being_prepared(session: Session):
    campaign = make_campaign(session, make_department(session), state=CampaignState.PREPARING)
    document, _first = make_document(session, campaign)
    publish_version(session, campaign, add_version(session, campaign, document, CHANGED))
    assert session.scalar(select(func.count()).select_from(CampaignNotice)) == 0


def test_a_new_version_says_what_changed_and_there_is_one_at_a_time(
    session: Session, campaign: Campaign
):
    document, _first = make_document(session, campaign)
    with pytest.raises(InvalidInput) as refused:
        add_version(session, campaign, document, CHANGED, note=" ")
    assert refused.value.field == "note"
    add_version(session, campaign, document, CHANGED)
    with pytest.raises(StateConflict, match="公開していない第2版"):
        add_version(session, campaign, document, CHANGED)


def test_a_version_needs_a_file_or_a_text(session: Session, campaign: Campaign):
    with pytest.raises(InvalidInput) as refused:
        make_document(session, campaign, "  \n ")
    assert refused.value.field == "file"
    session.rollback()
    with pytest.raises(InvalidInput, match="読める文章がありません"):
        make_document(session, campaign, "---")
    session.rollback()
    _document, version = make_document(session, campaign, "", file=make_file(session, b"%PDF-"))
    assert queries.stored_file(session, version).name == "案.pdf"
    assert queries.passages_of(session, version.id) == []


def test_a_stale_form_overwrites_nothing(session: Session, campaign: Campaign):
    _document, version = make_document(session, campaign, publish=False)
    stale = versions.version_seen(version)
    edit(session, campaign, version, "ほかの人が書いた。")
    with pytest.raises(VersionConflict):
        edit(session, campaign, version, "私が書いた。", seen=stale)
    with pytest.raises(VersionConflict):
        versions.publish_version(
            session, campaign, version, seen=stale, actor=ACTOR, now=clock.now()
        )
    assert version.source == "ほかの人が書いた。"
    edit(session, campaign, version, "ほかの人が書いた。", seen=stale)  # the same words: no clash


def test_a_cancelled_campaign_takes_no_documents(session: Session):
    campaign = make_campaign(session, make_department(session), state=CampaignState.CANCELLED)
    with pytest.raises(StateConflict, match="中止"):
        make_document(session, campaign)


def test_documents_are_put_in_order_renamed_and_taken_out(session: Session, campaign: Campaign):
    made = [
        make_document(session, campaign, "文。", title=title, publish=False)[0]
        for title in "一二三"
    ]
    now = clock.now()
    assert documents.move_document(session, campaign, made[2], up=True, actor=ACTOR, now=now)
    assert not documents.move_document(session, campaign, made[0], up=True, actor=ACTOR, now=now)
    documents.delete_document(session, campaign, made[1], actor=ACTOR, now=now)
    seen = documents.document_seen(made[0])
    kind = DocumentKind.SUMMARY
    documents.edit_document(
        session, campaign, made[0], kind=kind, title="概要", seen=seen, actor=ACTOR, now=now
    )
    with pytest.raises(StateConflict):
        documents.edit_document(
            session, campaign, made[0], kind=kind, title="別名", seen=seen, actor=ACTOR, now=now
        )
    session.commit()
    assert [one.title for one in queries.documents_of(session, campaign.id)] == ["概要", "三"]
    actions = set(session.scalars(select(AuditEvent.action)))
    assert {f"campaigns.document.{verb}" for verb in ("added", "moved", "deleted", "edited")} <= (
        actions
    )


def test_another_campaigns_things_do_not_exist(session: Session, campaign: Campaign):
    other = make_campaign(session, make_department(session, "環境課"))
    document, version = make_document(session, campaign)
    draft = add_version(session, campaign, document, CHANGED)
    with pytest.raises(NotFound):
        queries.get_document(session, other, document.id)
    with pytest.raises(NotFound):
        queries.get_version(session, other, version.id)
    with pytest.raises(NotFound):
        queries.get_published_version(session, other, version.id)
    with pytest.raises(NotFound):
        queries.get_published_version(session, campaign, draft.id)
    shown = queries.passages_of(session, version.id)[0]
    hidden = queries.passages_of(session, draft.id)[0]
    assert queries.published_passage(session, campaign.id, shown.id) is shown
    assert queries.published_passage(session, other.id, shown.id) is None
    assert queries.published_passage(session, campaign.id, hidden.id) is None
    assert queries.passage_by_anchor(session, version.id, shown.anchor) is shown
    assert queries.passages(session, [shown.id, 999_999]) == {shown.id: shown}


def test_lineage_carries_opinions_over(session: Session, campaign: Campaign):
    document, first = make_document(session, campaign)
    park, trees = passage(session, first, "12か所"), passage(session, first, "街路樹")
    people, aim = passage(session, first, "事業者"), passage(session, first, "目的とする")
    submission = make_submission(session, campaign, "一", "二", "三", "四")
    for opinion, place in zip(
        opinions_of(session, submission), (park, trees, people, aim), strict=True
    ):
        opinion.passage_id = place.id
    session.commit()
    second = add_version(session, campaign, document, CHANGED)
    publish_version(session, campaign, second)
    session.commit()

    found = current_passage(session, [park.id, trees.id, people.id, aim.id], second)
    assert [one.text[:6] for one in found[park.id]] == ["公園は12か"]
    assert [one.text[:4] for one in found[trees.id]] == ["街路樹は", "農地は2"]
    assert found[people.id] == ()
    assert found[aim.id][0].anchor == aim.anchor
    assert current_passage(session, [park.id], first)[park.id] == (park,)
    relations = {one.passage.id: one.relation for one in successions(session, second)}
    assert len(relations) == len(queries.passages_of(session, first.id))
    assert relations[park.id] is Lineage.CHANGED
    assert relations[trees.id] is Lineage.SPLIT
    assert relations[people.id] is Lineage.REMOVED
    assert relations[aim.id] is Lineage.KEPT
    changes = changes_in(session, second)
    assert changes is not None
    assert (len(changes.changed), len(changes.added), changes.removed) == (3, 1, 1)
    counts = opinion_counts(session, second)
    assert counts == {
        found[park.id][0].id: 1,
        found[trees.id][0].id: 1,
        found[trees.id][1].id: 1,
        found[aim.id][0].id: 1,
    }
    # A third version: the way leads over the second, and an opinion on that one counts as well.
    third = add_version(session, campaign, document, CHANGED + "\n\n結びに代えて述べる。")
    publish_version(session, campaign, third)
    late = opinions_of(session, make_submission(session, campaign, "五"))[0]
    late.passage_id = found[park.id][0].id
    session.commit()
    last = current_passage(session, [park.id], third)[park.id]
    assert [one.version_id for one in last] == [third.id]
    assert opinion_counts(session, third)[last[0].id] == 2
    assert opinion_counts(session, first)[park.id] == 1  # an older version knows nothing of it


def test_a_person_confirms_and_corrects_the_lineage(session: Session, campaign: Campaign):
    document, first = make_document(session, campaign)
    park, people = passage(session, first, "12か所"), passage(session, first, "事業者")
    second = add_version(session, campaign, document, CHANGED)
    session.commit()
    after = passage(session, second, "令和6年度")
    assert after.anchor != park.anchor
    now = clock.now()
    assert confirm_lineage(session, campaign, second, [park.id], actor=ACTOR, now=now) == 1
    assert confirm_lineage(session, campaign, second, [park.id], actor=ACTOR, now=now) == 0
    assert passage(session, second, "令和6年度").anchor == park.anchor
    play = passage(session, second, "遊び場")
    correct_lineage(session, campaign, second, people, [play.id], actor=ACTOR, now=now)
    session.commit()
    assert passage(session, second, "遊び場").anchor == people.anchor
    # What was confirmed outlives an edit of the draft elsewhere.
    edit(session, campaign, second, CHANGED.replace("目的とする", "目的とします"))
    session.commit()
    fates = {one.passage.id: one for one in successions(session, second)}
    assert (fates[people.id].relation, fates[people.id].confirmed) == (Lineage.CHANGED, True)
    assert fates[people.id].targets[0].anchor == people.anchor
    assert fates[park.id].confirmed
    # Published anchors stay, whatever is said of the lineage afterwards.
    publish_version(session, campaign, second)
    anchors = [one.anchor for one in queries.passages_of(session, second.id)]
    correct_lineage(session, campaign, second, people, [], actor=ACTOR, now=now)
    session.commit()
    assert [one.anchor for one in queries.passages_of(session, second.id)] == anchors
    assert {one.passage.id: one.relation for one in successions(session, second)}[people.id] is (
        Lineage.REMOVED
    )
    with pytest.raises(StateConflict):
        correct_lineage(session, campaign, second, people, [people.id], actor=ACTOR, now=now)


def test_the_lineage_steps_over_a_version_without_a_text(session: Session, campaign: Campaign):
    document, first = make_document(session, campaign)
    park = passage(session, first, "12か所")
    second = add_version(session, campaign, document, "", file=make_file(session, b"%PDF-"))
    publish_version(session, campaign, second)
    assert current_passage(session, [park.id], second) == {park.id: ()}
    assert changes_in(session, second) is None or not changes_in(session, second).added
    third = add_version(session, campaign, document, CHANGED)
    publish_version(session, campaign, third)
    session.commit()
    assert [one.version_id for one in current_passage(session, [park.id], third)[park.id]] == [
        third.id
    ]


def test_a_draft_given_up_leaves_nothing_behind(session: Session, campaign: Campaign):
    document, first = make_document(session, campaign)
    second = add_version(session, campaign, document, CHANGED)
    versions.discard_version(session, campaign, second, actor=ACTOR, now=clock.now())
    session.commit()
    assert session.scalar(select(func.count()).select_from(PassageLineage)) == 0
    assert set(session.scalars(select(Passage.version_id))) == {first.id}
    third = add_version(session, campaign, document, TEXT)
    assert third.number == 2
    old, new = (queries.passages_of(session, one.id) for one in (first, third))
    assert [one.anchor for one in old] == [one.anchor for one in new]


def test_a_book_is_stored_and_compared_in_few_statements(
    session: Session, campaign: Campaign, queries: list[str]
):
    text = "\n\n".join(
        f"{number}番目の段落では、{number * 7}の事業を行う。" for number in range(500)
    )
    document, _first = make_document(session, campaign, text)
    queries.clear()
    add_version(session, campaign, document, text.replace("事業", "取組"))
    few = len(queries)
    session.rollback()
    short, _one = make_document(session, campaign, "\n\n".join(text.split("\n\n")[:5]), title="短")
    queries.clear()
    add_version(session, campaign, short, text[:200])
    assert few <= len(queries) + 3


def test_the_documents_files_are_those_of_the_feature(session: Session, campaign: Campaign):
    stored = make_file(session, b"%PDF-1.7 " + b"x" * 1_000)
    _document, version = make_document(session, campaign, TEXT, file=stored)
    line = queries.version_lines(session, campaign.id)[version.document_id][0]
    assert line.file is stored
    assert line.has_text
    assert isinstance(session.get(Document, version.document_id), Document)
    assert Path(queries.published_versions(session, campaign.id)[0].file_name).suffix == ".pdf"
