"""Whatever people do in whatever order: the rules of an entry's life hold."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from participation.accounts.models import Appointment
from participation.core.actors import Role
from participation.core.errors import DomainError
from participation.reports.models import Entry, EntryEvent, EntryKind, EntryState
from participation.reports.queries import entries as queries
from participation.reports.queries.entries import AUTHORING_ACTS
from participation.reports.services import approvals, entries, entry_steps
from participation.reports.services.entry_order import move_entry
from tests.factories import LONG_AGO, make_user
from tests.reports.world import make_world

TEXTS = st.sampled_from(["開いた。", "配った。", "聞いた。", "決めた。", " ", "①～"])
WHO = st.sampled_from(["writer", "colleague", "chief", "second_chief", "both", "coordinator"])
WRITERS = st.sampled_from(["writer", "colleague", "chief", "both", "coordinator"])
CODES = st.sampled_from(["1-1", "1-1", "1-2"])
PICK = st.integers(0, 2)
# What a step leads from and to, by act, as the table of steps says it.
TABLE = defaultdict(set)
for step in entry_steps.STEPS:
    for source in step.sources:
        TABLE[step.act].add((source, step.target or source))
FORWARD = {
    EntryState.DRAFT: entries.submit_entries,
    EntryState.RETURNED: entries.submit_entries,
    EntryState.SUBMITTED: approvals.approve_entries,
    EntryState.APPROVED: approvals.confirm_entries,
}
BIRTHS = {"created", "copied", "declared_nothing"}


class EntryLife(RuleBasedStateMachine):
    """People act at random on a few entries; what a rule refuses must change nothing."""

    def __init__(self, world, actors, plan):
        super().__init__()
        self.world, self.actors, self.plan = world, actors, plan
        self.session = world.session

    def attempt(self, act):
        before = self.picture()
        savepoint = self.session.begin_nested()
        try:
            result = act()
            self.session.flush()
        except DomainError:
            savepoint.rollback()
            self.session.expire_all()
            assert self.picture() == before
        else:
            savepoint.commit()
            self.session.expire_all()
            return result

    def picture(self):
        return {
            entry.id: (entry.state, entry.version, entry.text, entry.position)
            for entry in self.session.scalars(
                select(Entry).execution_options(populate_existing=True)
            )
        }

    def pick(self, number):
        everything = self.session.scalars(
            select(Entry).where(Entry.id != self.plan.id).order_by(Entry.id)
        ).all()
        return everything[number % len(everything)] if everything else None

    def now(self):
        return self.world.later()

    @initialize(who=st.sampled_from(["writer", "chief", "both"]))
    def begin(self, who):
        self.attempt(
            lambda: entries.create_entry(
                self.session,
                self.world.place("1-1"),
                text="始めた。",
                actor=self.actors[who],
                now=self.now(),
            )
        )

    @rule(who=WRITERS, code=CODES, text=TEXTS)
    def create(self, who, code, text):
        self.attempt(
            lambda: entries.create_entry(
                self.session,
                self.world.place(code),
                text=text,
                actor=self.actors[who],
                now=self.now(),
            )
        )

    @rule(who=WHO, code=CODES)
    def declare_nothing(self, who, code):
        self.attempt(
            lambda: entries.declare_nothing(
                self.session, self.world.place(code), actor=self.actors[who], now=self.now()
            )
        )

    @rule(who=WHO)
    def copy(self, who):
        self.attempt(
            lambda: entries.copy_plan(
                self.session,
                self.plan,
                department_id=self.world.department.id,
                actor=self.actors[who],
                now=self.now(),
            )
        )

    @rule(who=WRITERS, number=PICK, text=TEXTS, age=st.sampled_from([0, 0, 0, 1, 2]))
    def edit(self, who, number, text, age):
        if entry := self.pick(number):
            version = entry.version - age
            self.attempt(
                lambda: entries.edit_entry(
                    self.session,
                    entry,
                    text=text,
                    version=version,
                    actor=self.actors[who],
                    now=self.now(),
                )
            )

    @rule(who=WRITERS, number=PICK, up=st.booleans())
    def move(self, who, number, up):
        if entry := self.pick(number):
            self.attempt(
                lambda: move_entry(
                    self.session, entry, up=up, actor=self.actors[who], now=self.now()
                )
            )

    @rule(
        who=WHO,
        number=PICK,
        act=st.sampled_from([entries.withdraw_entry, entries.pull_back_entry]),
    )
    def step_back(self, who, number, act):
        if entry := self.pick(number):
            self.attempt(
                lambda: act(
                    self.session,
                    entry,
                    version=entry.version,
                    actor=self.actors[who],
                    now=self.now(),
                )
            )

    @rule(who=WHO, number=PICK)
    def restore(self, who, number):
        if entry := self.pick(number):
            self.attempt(
                lambda: entries.restore_entry(
                    self.session, entry, actor=self.actors[who], now=self.now()
                )
            )

    @rule(
        who=WHO,
        numbers=st.sets(PICK, min_size=1, max_size=3),
        age=st.integers(0, 1),
        act=st.sampled_from(
            [entries.submit_entries, approvals.approve_entries, approvals.confirm_entries]
        ),
    )
    def go_on(self, who, numbers, age, act):
        chosen = {entry.id: entry.version for number in numbers if (entry := self.pick(number))}
        self.attempt(
            lambda: act(
                self.session,
                [(entry_id, version - age) for entry_id, version in chosen.items()],
                actor=self.actors[who],
                now=self.now(),
            )
        )

    @rule(who=WHO, number=PICK)
    def go_on_from_here(self, who, number):
        """The step that leads towards 確認済, so that many walks get there."""
        if entry := self.pick(number):
            act = FORWARD.get(entry.state)
            if act is not None:
                self.attempt(
                    lambda: act(
                        self.session,
                        [(entry.id, entry.version)],
                        actor=self.actors[who],
                        now=self.now(),
                    )
                )

    @rule(
        who=WHO,
        number=PICK,
        reason=st.sampled_from(["", "直してください。"]),
        act=st.sampled_from([approvals.return_as_approver, approvals.return_as_coordinator]),
    )
    def send_back(self, who, number, reason, act):
        if entry := self.pick(number):
            self.attempt(
                lambda: act(
                    self.session,
                    [(entry.id, entry.version)],
                    reason=reason,
                    actor=self.actors[who],
                    now=self.now(),
                )
            )

    @invariant()
    def every_history_is_whole_and_lawful(self):
        histories = defaultdict(list)
        for event in self.session.scalars(select(EntryEvent).order_by(EntryEvent.version)):
            histories[event.entry_id].append(event)
        for entry in self.session.scalars(select(Entry).where(Entry.id != self.plan.id)):
            history = histories[entry.id]
            # Versions strictly increase, one event a step, none left out.
            assert [event.version for event in history] == list(range(1, entry.version + 1))
            assert (history[-1].state, history[-1].text) == (entry.state, entry.text)
            assert history[0].act in BIRTHS
            authors = set()
            passed = []
            for before, event in zip([None, *history], history, strict=False):
                if before is not None:
                    assert (before.state, event.state) in TABLE[event.act]
                    # Words change only by editing: nothing else can lose any.
                    assert event.act == "edited" or event.text == before.text
                if event.act in AUTHORING_ACTS:
                    authors.add(event.actor_id)
                if event.act in {"approved", "confirmed"}:
                    assert event.actor_id not in authors
                if event.act == "returned":
                    assert event.reason.strip()
                if event.act != "moved":
                    passed.append(event.act)
                if event.state is EntryState.CONFIRMED:
                    assert passed[-3:] == ["submitted", "approved", "confirmed"]

    @invariant()
    def nothing_stands_alone(self):
        for code in ("1-1", "1-2"):
            living = queries.entries_in(self.session, self.world.place(code))
            if any(entry.nothing for entry in living):
                assert len(living) == 1

    def teardown(self):
        self.session.rollback()


@pytest.mark.slow
def test_the_rules_hold_for_any_course_of_events(session):
    world = make_world(session)
    second_chief = make_user(session, Role.APPROVER, world.department, name="課長 補佐")
    both = make_user(session, Role.COORDINATOR, name="兼務 七海")
    both.appointments.append(
        Appointment(role=Role.APPROVER, department_id=world.department.id, valid_from=LONG_AGO)
    )
    session.commit()
    plan = world.old_entry("予定を写す。", kind=EntryKind.PLAN)
    people = {
        "writer": world.writer,
        "colleague": world.colleague,
        "chief": world.chief,
        "second_chief": second_chief,
        "both": both,
        "coordinator": world.coordinator,
    }
    actors = {name: world.actor(user) for name, user in people.items()}
    run_state_machine_as_test(
        lambda: EntryLife(world, actors, plan),
        settings=settings(
            max_examples=40,
            stateful_step_count=50,
            phases=[Phase.generate],
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
