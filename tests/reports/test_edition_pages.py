"""The coordinator's pages of editions: choose, preview, build, publish, correct."""

import pytest
from sqlalchemy import select

from participation.core import clock
from participation.jobs.worker import run_pending
from participation.reports.models import Edition, EditionState, EntryKind, EntryState
from tests.factories import make_user, post, sign_in
from tests.reports.built import built, drafted, published
from tests.reports.world import NOW, YEAR, World, make_world

HOSTILE = "<script>alert(1)</script> {{ 7*7 }}"
BASE = "/staff/reports/editions"


@pytest.fixture
def world(session) -> World:
    world = make_world(session, now=clock.now())
    world.old_entry("前年度の実績。", kind=EntryKind.RESULT)
    world.old_entry(HOSTILE, kind=EntryKind.PLAN, year=YEAR)
    return world


@pytest.fixture
def coordinator(client, world):
    sign_in(client, world.session, world.coordinator)
    return client


def one(world) -> Edition:
    world.session.rollback()
    found = world.session.scalars(select(Edition)).one()
    world.session.refresh(found)
    world.session.expunge(found)
    world.session.rollback()
    return found


@pytest.mark.slow
def test_from_the_choice_to_the_published_page(app, coordinator, world):
    assert "報告書はまだありません" in coordinator.get(BASE).text
    form = coordinator.get(f"{BASE}/new?year={YEAR}")
    for label in ("令和4年度の取り組み実績", "令和5年度の取り組み実績", "令和6年度の取り組み予定"):
        assert label in form.text
    assert form.text.count("checked") == 3 + 1
    assert "訂正の理由" not in form.text
    answer = post(
        coordinator,
        f"{BASE}/new?year={YEAR}",
        {"columns": ["plan-2024", "result-2023"], "paper": "A4"},
    )
    assert answer.status_code == 303, answer.text
    edition = one(world)
    assert edition.columns == [["result", 2023], ["plan", 2024]]
    assert (edition.paper, edition.state, edition.created_by) == (
        "A4",
        EditionState.DRAFT,
        world.coordinator.id,
    )
    preview = coordinator.get(f"{BASE}/{edition.id}/preview")
    assert "いまの確認済みの記載で作った場合の内容です" in preview.text
    assert "前年度の実績。" in preview.text
    assert "<script>alert" not in preview.text
    assert "令和4年度" not in preview.text
    started = post(coordinator, f"{BASE}/{edition.id}/build")
    assert started.status_code == 303
    assert "/staff/jobs/" in started.location
    assert coordinator.get(started.location).status_code == 200
    assert "報告書を作成しています" in coordinator.get(f"{BASE}/{edition.id}").text
    world.session.rollback()
    assert run_pending(app) == 1
    assert coordinator.get(started.location).location == f"{BASE}/{edition.id}"
    page = coordinator.get(f"{BASE}/{edition.id}")
    edition = one(world)
    assert edition.pdf_sha256 in page.text
    assert "令和6年度版の報告書を確かめて公開する" in coordinator.get("/staff/").text
    pdf = coordinator.get(f"{BASE}/{edition.id}/pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert coordinator.get("/reports/").text.count("令和6年度") == 0
    assert "後から変えられません" in coordinator.get(f"{BASE}/{edition.id}/publish").text
    done = post(coordinator, f"{BASE}/{edition.id}/publish", {"pdf_sha256": edition.pdf_sha256})
    assert done.status_code == 303
    edition = one(world)
    assert (edition.state, edition.published_by) == (
        EditionState.PUBLISHED,
        world.coordinator.id,
    )
    assert "公開しています" in coordinator.get(f"{BASE}/{edition.id}").text
    public = coordinator.get(f"/reports/{YEAR}/")
    assert "前年度の実績。" in public.text
    assert coordinator.get(f"/reports/{YEAR}/1/report.pdf").data == pdf.data


def test_no_column_is_an_error_that_keeps_the_rest(coordinator, world):
    answer = post(coordinator, f"{BASE}/new?year={YEAR}", {"paper": "A4"})
    assert answer.status_code == 200
    assert "1つ以上選んでください" in answer.text
    answer = post(coordinator, f"{BASE}/new?year={YEAR}", {"columns": ["plan-1999"], "paper": "A4"})
    assert answer.status_code == 200
    assert world.session.scalars(select(Edition)).all() == []


@pytest.mark.parametrize("year", ["1066", "9999", "99999999999999999999"])
def test_odd_years_are_no_error_of_ours(coordinator, world, year):
    assert coordinator.get(f"{BASE}/new?year={year}").status_code in {200, 404}


def test_a_second_draft_of_a_year_conflicts(coordinator, world):
    drafted(world.session, now=NOW)
    answer = post(coordinator, f"{BASE}/new?year={YEAR}", {"columns": ["plan-2024"], "paper": "A3"})
    assert answer.status_code == 409
    assert "作成中の版があります" in answer.text


def test_a_correction_asks_for_its_reason_and_shows_the_table(app, coordinator, world):
    published(world.session, now=NOW)
    form = coordinator.get(f"{BASE}/new?year={YEAR}")
    assert "訂正の理由" in form.text
    columns = ["result-2022", "result-2023", "plan-2024"]
    answer = post(coordinator, f"{BASE}/new?year={YEAR}", {"columns": columns, "paper": "A3"})
    assert answer.status_code == 200
    assert "訂正の理由を入力してください" in answer.text
    answer = post(
        coordinator,
        f"{BASE}/new?year={YEAR}",
        {"columns": columns, "paper": "A3", "correction": HOSTILE},
    )
    assert answer.status_code == 303
    edition = world.session.scalars(select(Edition).where(Edition.number == 2)).one()
    world.old_entry("書き足した。", code="1-3", kind=EntryKind.RESULT)
    built(world.session, edition, now=clock.now())
    page = coordinator.get(answer.location)
    assert "書き足した。" in page.text
    assert "&lt;script&gt;" in page.text


def test_what_is_missing_is_said_before_publishing(coordinator, world):
    world.old_entry("まだ確認前。", kind=EntryKind.RESULT, state=EntryState.APPROVED)
    edition = drafted(world.session, now=NOW)
    words = "確認前の記載が1件あり、載りません"
    assert words in coordinator.get(f"{BASE}/{edition.id}").text
    assert words in coordinator.get(f"{BASE}/{edition.id}/preview").text
    built(world.session, edition, now=NOW)
    assert words in coordinator.get(f"{BASE}/{edition.id}/publish").text
    frozen = coordinator.get(f"{BASE}/{edition.id}/preview")
    assert "作成した報告書の内容です" in frozen.text
    assert "まだ確認前。" not in frozen.text


def test_publishing_what_was_built_anew_since_is_refused(coordinator, world):
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    answer = post(coordinator, f"{BASE}/{edition.id}/publish", {"pdf_sha256": "0" * 64})
    assert answer.status_code == 409
    assert "作り直されました" in answer.text
    assert one(world).state is EditionState.BUILT


def test_publishing_needs_a_post_with_the_digest(coordinator, world):
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    assert coordinator.get(f"{BASE}/{edition.id}/publish").status_code == 200
    assert post(coordinator, f"{BASE}/{edition.id}/publish").status_code == 200
    assert one(world).state is EditionState.BUILT
    draft = drafted(world.session, year=2025, now=NOW)
    assert coordinator.get(f"{BASE}/{draft.id}/publish").status_code == 303


def test_giving_up(coordinator, world):
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    assert post(coordinator, f"{BASE}/{edition.id}/discard").status_code == 303
    assert one(world).state is EditionState.DISCARDED
    assert coordinator.get(f"{BASE}/{edition.id}/pdf").status_code == 404
    assert coordinator.get(f"{BASE}/{edition.id}").status_code == 200
    assert post(coordinator, f"{BASE}/{edition.id}/build").status_code == 409


def test_without_a_guideline_the_list_says_what_to_do(client, session):
    from participation.core.actors import Role

    sign_in(client, session, make_user(session, Role.COORDINATOR))
    page = client.get(BASE)
    assert "施行された指針がまだありません" in page.text


@pytest.mark.parametrize("who", ["writer", "chief", "auditor", None])
def test_who_may_not(client, world, who):
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    if who:
        sign_in(client, world.session, getattr(world, who))
    may_read = who == "auditor"
    for path in (BASE, f"{BASE}/{edition.id}", f"{BASE}/{edition.id}/preview"):
        status = client.get(path).status_code
        assert status == (200 if may_read else 403 if who else 303)
    for path in ("build", "publish", "discard"):
        answer = post(client, f"{BASE}/{edition.id}/{path}", {"pdf_sha256": edition.pdf_sha256})
        assert answer.status_code == (403 if who else 303)
    assert one(world).state is EditionState.BUILT


def test_a_long_preview_is_read_a_section_at_a_time(coordinator, world, monkeypatch):
    monkeypatch.setattr("participation.reports.views.reading.PAGE_STATEMENTS", 5)
    for number in range(9):
        world.old_entry(f"{number}回目。", code="2-1", kind=EntryKind.RESULT)
    edition = drafted(world.session, now=NOW)
    page = coordinator.get(f"{BASE}/{edition.id}/preview")
    assert "見出しごとに表示しています" in page.text
    assert "8回目。" not in page.text
    assert "8回目。" in coordinator.get(f"{BASE}/{edition.id}/preview?section=4").text
