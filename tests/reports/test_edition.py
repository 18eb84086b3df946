"""The life of an edition, on both databases."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.db.extension import db
from participation.departments.services import rename_department
from participation.files.frozen import FORMATS
from participation.files.models import StoredFile
from participation.jobs.models import Job, JobState
from participation.jobs.worker import run_pending
from participation.reports.contents import pages
from participation.reports.models import (
    Edition,
    EditionFile,
    EditionPart,
    EditionState,
    EntryKind,
    EntryState,
)
from participation.reports.queries import editions as queries
from participation.reports.queries import report
from participation.reports.queries.report import build_snapshot, default_columns
from participation.reports.services import editions as services
from participation.reports.services.guideline_import import load_guideline
from tests.reports.built import ACTOR, built, drafted, published
from tests.reports.world import NOW, YEAR, small_guideline

RESULT, PLAN = EntryKind.RESULT, EntryKind.PLAN


def test_one_edition_a_year_at_a_time(world):
    drafted(world.session, now=NOW)
    with pytest.raises(StateConflict):
        drafted(world.session, now=NOW)
    assert drafted(world.session, year=YEAR - 1, now=NOW).number == 1


def test_an_edition_given_up_lends_its_number_to_the_next(world):
    first = drafted(world.session, now=NOW)
    services.discard_edition(world.session, first, actor=ACTOR, now=NOW)
    world.session.commit()
    assert first not in queries.all_editions(world.session)
    again = drafted(world.session, now=NOW, columns=[(PLAN, YEAR)])
    assert (again.number, again.state, again.columns) == (1, EditionState.DRAFT, [["plan", YEAR]])


def test_building_freezes_the_words(world):
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    assert edition.state is EditionState.BUILT
    snapshot = build_snapshot(world.session, YEAR, default_columns(YEAR), now=NOW)
    assert queries.frozen_snapshot(world.session, edition.id) == snapshot
    assert edition.snapshot_sha256 == snapshot.digest()
    frame, contents = queries.frozen_frame(world.session, edition.id)
    assert [node.heading for node in frame.nodes()] == [n.heading for n in snapshot.nodes()]
    assert list(frame.items()) == []
    assert [(line.first_part, line.parts) for line in contents.lines if line.number] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 1),
    ]
    assert list(queries.frozen_rows(world.session, edition.id, 4)) == [snapshot.sections[1].items]
    assert list(queries.downloads(world.session, edition.id)) == list(FORMATS)


def test_a_long_heading_is_frozen_in_pages_and_read_back_whole(world, monkeypatch):
    monkeypatch.setattr(pages, "__kwdefaults__", {"statements": 6})
    for number in range(20):
        world.old_entry(f"{number}回目。", kind=RESULT)
        world.old_entry(f"{number}回目の予定。", kind=PLAN, year=YEAR)
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    snapshot = build_snapshot(world.session, YEAR, default_columns(YEAR), now=NOW)
    assert queries.frozen_snapshot(world.session, edition.id) == snapshot
    _, contents = queries.frozen_frame(world.session, edition.id)
    line = next(line for line in contents.lines if line.number == 1)
    assert line.parts > 5
    pieces = list(queries.frozen_rows(world.session, edition.id, line.first_part, line.parts))
    assert all(sum(len(cell) for row in piece for cell in row.cells) <= 6 for piece in pieces)


def test_building_again_takes_the_newer_words_and_drops_the_older_files(world):
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    before = edition.snapshot_sha256
    world.old_entry("後から。", kind=RESULT)
    assert report.changed_since(world.session, default_columns(YEAR), NOW) == 0
    built(world.session, edition, now=NOW + timedelta(hours=1))
    assert edition.snapshot_sha256 != before
    assert "後から。" in queries.frozen_snapshot(world.session, edition.id).to_json()
    assert world.session.scalar(select(func.count()).select_from(EditionFile)) == 4
    assert world.session.scalar(select(func.count()).select_from(StoredFile)) == 4


def test_a_change_after_the_build_is_noticed(world):
    edition = built(world.session, drafted(world.session, now=NOW), now=NOW)
    entry = world.write("直したばかり。", code="1-2")
    assert report.changed_since(world.session, queries.columns_of(edition), edition.built_at) == 1
    assert entry.updated_at > edition.built_at


def test_a_build_under_way_is_not_started_twice(world):
    edition = drafted(world.session, now=NOW)
    job = services.start_building(world.session, edition, actor=ACTOR, now=NOW)
    world.session.commit()
    with pytest.raises(StateConflict):
        services.start_building(world.session, edition, actor=ACTOR, now=NOW)
    world.session.rollback()
    assert services.shown_state(world.session, edition) is EditionState.BUILDING
    job.state = JobState.FAILED
    world.session.commit()
    assert services.shown_state(world.session, edition) is EditionState.FAILED
    assert services.start_building(world.session, edition, actor=ACTOR, now=NOW).id != job.id


@pytest.mark.slow
def test_the_worker_builds_all_files(app, world):
    world.old_entry("髙﨑𠮷と😀。<script>alert(1)</script>", code="1-3", kind=RESULT)
    edition = drafted(world.session, now=NOW)
    services.start_building(world.session, edition, actor=ACTOR, now=NOW)
    world.session.commit()
    assert run_pending(app) == 1
    world.session.refresh(edition)
    assert edition.state is EditionState.BUILT
    files = queries.downloads(world.session, edition.id)
    assert files["pdf"].sha256 == edition.pdf_sha256
    assert files["pdf"].replaced == "😀"
    assert set(files["csv-cp932"].replaced) == {"𠮷", "😀"}
    assert files["csv"].replaced == files["xlsx"].replaced == ""
    assert all(file.size > 500 for file in files.values())
    job = world.session.get(Job, edition.job_id)
    assert (job.state, job.done_units) == (JobState.DONE, job.total_units)


@pytest.mark.slow
def test_a_build_that_died_is_finished_by_another_run(app, world, monkeypatch):
    from participation.reports import jobs

    edition = drafted(world.session, now=NOW)
    services.start_building(world.session, edition, actor=ACTOR, now=NOW)
    world.session.commit()
    real = jobs.make_files

    class Killed(BaseException):
        pass

    def die(*_arguments, **_more):
        raise Killed

    monkeypatch.setattr(jobs, "make_files", die)
    with pytest.raises(Killed):
        run_pending(app)
    world.session.rollback()
    job = world.session.get(Job, edition.job_id)
    assert job.state is JobState.RUNNING
    assert world.session.scalar(select(func.count()).select_from(EditionPart)) == 0
    job.lease_until = job.created_at  # as if the worker had been silent for long
    world.session.commit()
    monkeypatch.setattr(jobs, "make_files", real)
    assert run_pending(app) == 1
    world.session.refresh(edition)
    assert edition.state is EditionState.BUILT


def test_without_a_guideline_the_build_says_so(app, session):
    edition = drafted(session, now=NOW)
    services.start_building(session, edition, actor=ACTOR, now=NOW)
    session.commit()
    run_pending(app)
    session.refresh(edition)
    assert services.shown_state(session, edition) is EditionState.FAILED
    assert "指針" in session.get(Job, edition.job_id).error


def test_published_editions_never_move(world):
    edition = published(world.session, now=NOW)
    frozen = queries.frozen_snapshot(world.session, edition.id).to_json()
    for act in (
        lambda: services.start_building(world.session, edition, actor=ACTOR, now=NOW),
        lambda: services.discard_edition(world.session, edition, actor=ACTOR, now=NOW),
        lambda: services.publish_edition(
            world.session, edition, pdf_sha256=edition.pdf_sha256, actor=ACTOR, now=NOW
        ),
        lambda: services.finish_building(
            world.session,
            edition,
            build_snapshot(world.session, YEAR, default_columns(YEAR), now=NOW),
            files={},
            actor=ACTOR,
            now=NOW,
        ),
    ):
        with pytest.raises(StateConflict):
            act()
        world.session.rollback()
    # whatever happens to what it was made from
    world.old_entry("後からの実績。", kind=RESULT)
    rename_department(
        world.session,
        world.department,
        name="企画戦略課",
        division="",
        valid_from=date(2022, 4, 1),
        actor=ACTOR,
        now=NOW,
    )
    changed = small_guideline()
    changed["title"] = "新しい指針"
    changed["items"] = changed["items"][:2]
    load_guideline(
        world.session, changed, actor=ACTOR, now=NOW + timedelta(days=1), valid_from_year=2020
    )
    world.session.commit()
    live = build_snapshot(world.session, YEAR, default_columns(YEAR), now=NOW)
    assert live.title == "新しい指針"
    assert queries.frozen_snapshot(world.session, edition.id).to_json() == frozen


def test_only_the_pdf_that_was_looked_at_is_published(world):
    edition = drafted(world.session, now=NOW)
    with pytest.raises(StateConflict):
        services.publish_edition(world.session, edition, pdf_sha256="", actor=ACTOR, now=NOW)
    built(world.session, edition, now=NOW)
    seen = edition.pdf_sha256
    world.old_entry("後から。", kind=RESULT)
    built(world.session, edition, now=NOW)
    with pytest.raises(StateConflict, match="作り直されました"):
        services.publish_edition(world.session, edition, pdf_sha256=seen, actor=ACTOR, now=NOW)
    world.session.rollback()
    assert edition.state is EditionState.BUILT


def test_a_correction_needs_a_reason_and_has_its_table(world):
    first = published(world.session, now=NOW)
    with pytest.raises(InvalidInput):
        drafted(world.session, now=NOW, correction="  ")
    entry = world.old_entry("書き足した。", code="1-3", kind=RESULT)
    gone = world.session.scalars(
        select(type(entry)).where(type(entry).text == "青少年課の実績。")
    ).one()
    gone.state = EntryState.WITHDRAWN
    fixed = world.session.scalars(
        select(type(entry)).where(type(entry).text == "今年度の予定。")
    ).one()
    fixed.text = "今年度の予定です。"
    world.session.commit()
    second = published(world.session, now=NOW + timedelta(days=1), correction="誤りのため。")
    assert (second.number, second.correction) == (2, "誤りのため。")
    lines = [
        (line["item"], line["column"], line["before"], line["after"]) for line in second.corrections
    ]
    assert lines == [
        ("アンケート", "令和6年度の取り組み予定", "今年度の予定。", "今年度の予定です。"),
        ("見守り隊", "令和5年度の取り組み実績", "", "書き足した。"),
        ("活動の場づくり", "令和5年度の取り組み実績", "青少年課の実績。", ""),
    ]
    assert first.corrections == []
    assert queries.latest_published(world.session, YEAR).id == second.id
    assert queries.latest_published(world.session).id == second.id
    facts = queries.published_facts(db.engine, YEAR, 1)
    assert (facts.edition_id, facts.latest_number) == (first.id, 2)
    assert queries.published_facts(db.engine, YEAR, None).edition_id == second.id
    assert [e.id for e in queries.published_editions(world.session)] == [second.id, first.id]


def test_drafts_are_not_published_facts(world):
    built(world.session, drafted(world.session, now=NOW), now=NOW)
    for number in (None, 1):
        with pytest.raises(NotFound):
            queries.published_facts(db.engine, YEAR, number)
    assert queries.published_editions(world.session) == []


def test_every_act_is_in_the_audit_log(world):
    edition = published(world.session, now=NOW)
    actions = list(
        world.session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.subject == f"edition:{edition.id}")
            .order_by(AuditEvent.id)
        )
    )
    assert actions == [
        "reports.edition.drafted",
        "reports.edition.built",
        "reports.edition.published",
    ]
    last = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last.after["pdf_sha256"] == edition.pdf_sha256


def test_the_parts_are_canonical_json(world):
    edition = published(world.session, now=NOW)
    parts = world.session.scalars(
        select(EditionPart).where(EditionPart.edition_id == edition.id)
    ).all()
    assert len(parts) == 1 + 4
    for part in parts:
        plain = json.loads(part.content)
        again = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert part.content == again


def test_the_database_itself_refuses_a_publication_without_a_pdf(world):
    from sqlalchemy.exc import IntegrityError

    edition = drafted(world.session, now=NOW)
    edition.state = EditionState.PUBLISHED
    with pytest.raises(IntegrityError):
        world.session.flush()
    world.session.rollback()
    world.session.add(
        Edition(fiscal_year=YEAR, number=2, columns=[], created_at=NOW, correction="")
    )
    with pytest.raises(IntegrityError):
        world.session.flush()
    world.session.rollback()
