"""Two processes at one entry: only one wins, and neither loses a word."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core.errors import DomainError
from participation.db.extension import db
from participation.reports.models import Entry, EntryEvent, EntryKind, EntryState
from participation.reports.queries.entries import get_entry
from participation.reports.services import approvals, entries
from participation.reports.services.entry_steps import EntryConflict
from tests.reports.world import NOW, World, make_world

ROUNDS = 6


@pytest.fixture
def world(session) -> World:
    return make_world(session)


def at_once(app, *acts):
    """Run each act in a thread and session of its own, started together; return what came."""
    barrier = threading.Barrier(len(acts))
    outcomes = [None] * len(acts)

    def run(place, act):
        with app.app_context():
            session = db.session()
            barrier.wait()
            try:
                outcomes[place] = act(session)
                session.commit()
            except DomainError as error:
                session.rollback()
                outcomes[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return outcomes


def test_of_two_edits_from_one_version_one_wins_and_the_other_hears_of_it(app, world):
    writer, colleague = world.actor(world.writer), world.actor(world.colleague)
    entry_id = world.write("はじめの文。").id
    world.session.close()
    for turn in range(1, ROUNDS + 1):

        def edit(actor, name, turn=turn):
            def act(session: Session):
                entry = get_entry(session, entry_id)
                return entries.edit_entry(
                    session,
                    entry,
                    text=f"{turn}回目、{name}の文。",
                    version=turn,
                    actor=actor,
                    now=NOW,
                )

            return act

        outcomes = at_once(app, edit(writer, "書き手"), edit(colleague, "同僚"))
        assert sorted(type(outcome) for outcome in outcomes if outcome is not True) == [
            EntryConflict
        ]
        assert outcomes.count(True) == 1
        winner = "書き手" if outcomes[0] is True else "同僚"
        with app.app_context():
            entry = db.session.get(Entry, entry_id)
            assert (entry.version, entry.text) == (turn + 1, f"{turn}回目、{winner}の文。")
            count = select(func.count()).select_from(EntryEvent)
            assert db.session.scalar(count.where(EntryEvent.entry_id == entry_id)) == turn + 1
            db.session.remove()


def test_nothing_and_a_text_never_stand_together(app, world):
    writer, colleague = world.actor(world.writer), world.actor(world.colleague)
    codes = ["1-1", "1-2", "1-3", "2-1"]
    places = [world.place(code, kind) for code in codes for kind in EntryKind]
    world.session.close()
    for place in places:
        at_once(
            app,
            lambda session, place=place: (
                entries.create_entry(
                    session, place, text="取り組みがある。", actor=writer, now=NOW
                ).id
            ),
            lambda session, place=place: (
                entries.declare_nothing(session, place, actor=colleague, now=NOW).id
            ),
        )
    with app.app_context():
        living = db.session.scalars(select(Entry).where(Entry.state != EntryState.WITHDRAWN)).all()
        assert len(living) == len(places)
        assert {entry.text for entry in living} == {"取り組みがある。"}
        db.session.remove()


def test_an_approval_and_a_pulling_back_do_not_both_happen(app, world):
    chief, writer = world.actor(world.chief), world.actor(world.writer)
    drafts = [world.write(f"{number}番目の文。") for number in range(ROUNDS)]
    world.submit(*drafts)
    ids = [entry.id for entry in drafts]
    world.session.close()
    for entry_id in ids:
        approved, pulled = at_once(
            app,
            lambda session, entry_id=entry_id: approvals.approve_entries(
                session, [(entry_id, 2)], actor=chief, now=NOW
            ),
            lambda session, entry_id=entry_id: entries.pull_back_entry(
                session, get_entry(session, entry_id), version=2, actor=writer, now=NOW
            ),
        )
        won = [bool(approved.done), not isinstance(pulled, DomainError)]
        assert won.count(True) == 1
        with app.app_context():
            state = db.session.get(Entry, entry_id).state
            assert state is (EntryState.APPROVED if won[0] else EntryState.DRAFT)
            db.session.remove()
