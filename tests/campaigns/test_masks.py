"""Masks: hidden at once, checked by somebody else, and their words nowhere in the log."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.campaigns.models import CampaignState, OpinionMask, Outcome
from participation.campaigns.personal_data import likely_personal_data
from participation.campaigns.queries.answer_waiting import answers_waiting
from participation.campaigns.queries.groups import left
from participation.campaigns.queries.masks import get_mask, masks_with_people, waiting_masks
from participation.campaigns.queries.opinions import MASKED, masked, public_text
from participation.campaigns.services import masks
from participation.campaigns.services.splitting import split_opinion
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, NotFound, PermissionDenied, StateConflict
from tests.campaigns.answers_arrange import Desk, make_desk

TEXT = "隣の山田太郎さんは困っている。山田太郎さんに聞いてほしい。"
WHY = "第三者の氏名のため"


@pytest.fixture
def desk(session) -> Desk:
    return make_desk(session)


def hide(desk, opinion, phrase="山田太郎", **more):
    made = masks.mask_phrase(
        desk.session,
        desk.campaign,
        opinion,
        phrase,
        **{"reason": WHY, "actor": desk.actor(), "now": desk.later(), **more},
    )
    desk.session.commit()
    return made


def public(desk, opinion):
    return public_text(desk.session, [opinion])[opinion.id]


def test_a_phrase_is_hidden_wherever_it_stands_before_anybody_checks(desk):
    [opinion] = desk.opinion(TEXT)
    made = hide(desk, opinion)
    assert len(made) == 2
    assert (
        public(desk, opinion).text == f"隣の{MASKED}さんは困っている。{MASKED}さんに聞いてほしい。"
    )
    assert opinion.text == TEXT
    assert hide(desk, opinion) == []


def test_only_the_nth_and_by_place(desk):
    [opinion] = desk.opinion(TEXT)
    hide(desk, opinion, nth=2)
    assert (
        public(desk, opinion).text == f"隣の山田太郎さんは困っている。{MASKED}さんに聞いてほしい。"
    )
    masks.mask_span(
        desk.session,
        desk.campaign,
        opinion,
        [("text", 0, 6)],
        reason=WHY,
        actor=desk.actor(),
        now=desk.now,
    )
    assert public(desk, opinion).text.startswith(f"{MASKED}さんは")


def test_reason_and_place_are_searched_too(desk):
    [opinion] = desk.opinion("意見です。")
    submission_reason = masks.find_phrase(opinion, "意見")
    assert submission_reason == [("text", 0, 2)]
    with pytest.raises(InvalidInput) as refused:
        hide(desk, opinion, "ない語句")
    assert refused.value.field == "phrase"


def test_a_second_person_checks_and_never_the_first(desk):
    [opinion] = desk.opinion(TEXT)
    ids = [mask.id for mask in hide(desk, opinion)]
    with pytest.raises(PermissionDenied):
        masks.check_masks(desk.session, desk.campaign, ids, actor=desk.actor(), now=desk.now)
    desk.session.rollback()
    assert left(desk.session, desk.campaign).unchecked_masks == 2
    own = {line.kind for line in answers_waiting(desk.session, desk.actor())}
    others = {
        line.kind: line.count for line in answers_waiting(desk.session, desk.actor(desk.colleague))
    }
    assert "check_masks" not in own
    assert others["check_masks"] == 2
    colleague = desk.actor(desk.colleague)
    assert masks.check_masks(desk.session, desk.campaign, ids, actor=colleague, now=desk.now) == 2
    assert masks.check_masks(desk.session, desk.campaign, ids, actor=colleague, now=desk.now) == 0
    desk.session.commit()
    assert waiting_masks(desk.session, desk.campaign, limit=9) == []
    [first, _second] = masks_with_people(desk.session, opinion)
    assert (first.hidden, first.maker, first.checker) == ("山田太郎", "書き手 一", "同僚 二")


def test_the_log_has_the_act_and_the_reason_but_not_the_words(desk):
    [opinion] = desk.opinion(TEXT)
    [first, _second] = hide(desk, opinion)
    masks.check_masks(
        desk.session, desk.campaign, [first.id], actor=desk.actor(desk.chief), now=desk.now
    )
    masks.remove_mask(
        desk.session,
        desk.campaign,
        get_mask(desk.session, desk.campaign, first.id),
        reason="本人の同意があった",
        actor=desk.actor(),
        now=desk.now,
    )
    desk.session.commit()
    assert public(desk, opinion).text.startswith("隣の山田太郎さん")
    [made] = desk.events("campaigns.mask.made")
    [checked] = desk.events("campaigns.mask.checked")
    [removed] = desk.events("campaigns.mask.removed")
    assert (made.reason, removed.reason) == (WHY, "本人の同意があった")
    assert removed.before["checked"] is True
    assert checked.actor_id == desk.chief.id
    for event in desk.session.scalars(select(AuditEvent)):
        words = json.dumps([event.before, event.after, event.reason], ensure_ascii=False)
        assert "山田" not in words


def test_masks_refuse_what_makes_no_sense(desk):
    [opinion] = desk.opinion(TEXT)
    arguments = {"actor": desk.actor(), "now": desk.now}
    for spans, reason, field in (
        ([("text", 0, 2)], " ", "reason"),
        ([("text", 0, len(TEXT) + 1)], WHY, "start"),
        ([("text", 3, 3)], WHY, "start"),
        ([("number", 0, 1)], WHY, "start"),
    ):
        with pytest.raises(InvalidInput) as refused:
            masks.mask_span(desk.session, desk.campaign, opinion, spans, reason=reason, **arguments)
        assert refused.value.field == field
        desk.session.rollback()
    with pytest.raises(PermissionDenied):
        hide(desk, opinion, actor=system_actor("test"))
    desk.session.rollback()
    with pytest.raises(NotFound):
        hide(desk, opinion, actor=desk.actor(desk.stranger))
    desk.session.rollback()
    split_opinion(
        desk.session,
        desk.campaign,
        opinion,
        ["隣の山田太郎さんは困っている。", "山田太郎さんに聞いてほしい。"],
        **arguments,
    )
    desk.session.commit()
    with pytest.raises(StateConflict, match="分割"):
        hide(desk, opinion)


def test_a_mask_of_another_campaign_is_not_found(desk):
    other = make_desk(desk.session)
    [foreign] = other.opinion(TEXT)
    [mask, _more] = hide(other, foreign)
    with pytest.raises(NotFound):
        masks.check_masks(
            desk.session, desk.campaign, [mask.id], actor=desk.actor(desk.chief), now=desk.now
        )
    desk.session.rollback()
    assert desk.session.scalar(select(func.count(OpinionMask.checked_by))) == 0


def test_after_the_publication_masks_wait_for_a_correction(session):
    desk = make_desk(session, state=CampaignState.PUBLISHED, outcome=Outcome.UNCHANGED)
    [opinion] = desk.opinion(TEXT)
    with pytest.raises(StateConflict, match="訂正"):
        hide(desk, opinion)


@given(
    text=st.text(max_size=30),
    spans=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=5),
)
def test_nothing_of_a_masked_span_is_left_and_all_else_is(text, spans):
    ranges = [(start, min(start + length, len(text))) for start, length in spans]
    ranges = [(start, stop) for start, stop in ranges if start < stop]
    hidden = {at for start, stop in ranges for at in range(start, stop)}
    expected = ""
    for at, character in enumerate(text):
        if at not in hidden:
            expected += character
        elif at - 1 not in hidden:
            expected += MASKED
    assert masked(text, ranges) == expected


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("電話は0463-94-4711です", ["電話番号"]),
        ("０９０－１２３４－５６７８まで", ["電話番号"]),
        ("09012345678へ", ["電話番号"]),
        ("(0463)94-4711", ["電話番号"]),
        ("taro.y@example.jp に", ["メールアドレス"]),
        ("〒259-1188 伊勢原市田中348番地", ["郵便番号", "住所"]),
        ("板戸3丁目2番1号に住む", ["住所"]),
        ("桜台二丁目5-3の者", ["住所"]),
        ("令和6年4月1日に5本、2024-2025年度、第3章1-2", []),
        ("100-200人、面積1234-5678平米", []),
    ],
)
def test_what_looks_like_personal_data(text, kinds):
    found = likely_personal_data(text)
    assert [span.kind for span in found] == kinds
    assert all(text[span.start : span.stop] for span in found)
