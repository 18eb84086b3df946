"""A small city in which a round is open: what the tests of entries are arranged with."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.models import StaffUser
from participation.accounts.queries import actor_of
from participation.core.actors import Actor, Role, system_actor
from participation.departments.models import Department
from participation.reports.models import (
    Entry,
    EntryKind,
    EntryState,
    Guideline,
    Item,
    ItemAssignment,
    Round,
)
from participation.reports.queries import entries as queries
from participation.reports.queries.entries import Place
from participation.reports.services import entries as services
from participation.reports.services.approvals import approve_entries, confirm_entries
from participation.reports.services.guideline_import import load_guideline
from participation.reports.services.rounds import open_round
from tests.factories import make_department, make_user

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "guideline.json"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "isehara" / "guideline.json"
NOW = datetime(2024, 5, 10, 3, 0, tzinfo=UTC)
YEAR = 2024  # of the round: results of 2023, plans of 2024


def small_guideline() -> dict:
    """The fixture's guideline, fresh for each caller to change."""
    return json.loads(FIXTURE.read_text())


def load_small(session: Session, *, now: datetime = NOW, year: int = 2020) -> Guideline:
    guideline = load_guideline(
        session, small_guideline(), actor=system_actor("test"), now=now, valid_from_year=year
    )
    session.commit()
    return guideline


@dataclass
class World:
    """Two departments, their people, 市民協働 and an open round."""

    session: Session
    department: Department
    other: Department
    writer: StaffUser
    colleague: StaffUser
    chief: StaffUser
    coordinator: StaffUser
    stranger: StaffUser  # contributor of the other department
    auditor: StaffUser
    items: dict[str, Item]
    round: Round
    now: datetime = NOW

    def actor(self, user: StaffUser) -> Actor:
        return actor_of(self.session, user, self.now)

    def place(
        self,
        code: str = "1-1",
        kind: EntryKind = EntryKind.RESULT,
        *,
        department: Department | None = None,
        year: int | None = None,
    ) -> Place:
        default = YEAR - 1 if kind is EntryKind.RESULT else YEAR
        return Place(self.items[code].id, (department or self.department).id, kind, year or default)

    def acts(self, entry: Entry) -> list[str]:
        """The steps of an entry's life, oldest first."""
        return [event.act for event in reversed(queries.history(self.session, entry.id))]

    def texts(self, **place: object) -> list[str]:
        """The living texts of a place, in order."""
        return [entry.text for entry in queries.entries_in(self.session, self.place(**place))]

    def later(self, minutes: int = 1) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    def write(self, text: str, *, user: StaffUser | None = None, **place: object) -> Entry:
        entry = services.create_entry(
            self.session,
            self.place(**place),
            text=text,
            actor=self.actor(user or self.writer),
            now=self.later(),
        )
        self.session.commit()
        return entry

    def submit(self, *entries: Entry) -> None:
        result = services.submit_entries(
            self.session,
            [(entry.id, entry.version) for entry in entries],
            actor=self.actor(self.writer),
            now=self.later(),
        )
        assert not result.skipped
        self.session.commit()

    def approve(self, *entries: Entry) -> None:
        result = approve_entries(
            self.session,
            [(entry.id, entry.version) for entry in entries],
            actor=self.actor(self.chief),
            now=self.later(),
        )
        assert not result.skipped
        self.session.commit()

    def confirm(self, *entries: Entry) -> None:
        result = confirm_entries(
            self.session,
            [(entry.id, entry.version) for entry in entries],
            actor=self.actor(self.coordinator),
            now=self.later(),
        )
        assert not result.skipped
        self.session.commit()

    def old_entry(
        self,
        text: str,
        *,
        code: str = "1-1",
        kind: EntryKind = EntryKind.PLAN,
        year: int = YEAR - 1,
        department: Department | None = None,
        state: EntryState = EntryState.CONFIRMED,
    ) -> Entry:
        """An entry of an earlier round, as an import leaves it."""
        entry = Entry(
            item_id=self.items[code].id,
            department_id=(department or self.department).id,
            fiscal_year=year,
            kind=kind,
            text=text,
            nothing=not text,
            state=state,
            created_at=NOW,
            updated_at=NOW,
        )
        self.session.add(entry)
        self.session.commit()
        return entry

    def assign(self, code: str, department: Department | None = None) -> None:
        self.session.add(
            ItemAssignment(
                item_id=self.items[code].id, department_id=(department or self.department).id
            )
        )
        self.session.commit()


def make_world(session: Session, *, now: datetime = NOW) -> World:
    """Arrange the city at ``now``; the pages of the app itself live in today."""
    load_small(session, now=now)
    department = make_department(session, "経営企画課")
    other = make_department(session, "青少年課")
    world = World(
        session,
        department,
        other,
        writer=make_user(session, Role.CONTRIBUTOR, department, name="書き手 一郎"),
        colleague=make_user(session, Role.CONTRIBUTOR, department, name="同僚 二葉"),
        chief=make_user(session, Role.APPROVER, department, name="課長 三枝"),
        coordinator=make_user(session, Role.COORDINATOR, name="協働 四季"),
        stranger=make_user(session, Role.CONTRIBUTOR, other, name="よその 五月"),
        auditor=make_user(session, Role.AUDITOR, name="監査 六花"),
        items={item.code: item for item in session.scalars(select(Item))},
        round=open_round(
            session,
            year=YEAR,
            due_on=date(2024, 5, 31) if now == NOW else None,
            actor=system_actor("test"),
            now=now,
        ),
        now=now,
    )
    session.commit()
    return world
