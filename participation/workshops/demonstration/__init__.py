"""Events of a demo city, told in days from today and lived through by the real services.

Every act is done by the services that the pages use, with the moment at which it is said to have
happened, so that receipts, seats, draws, audit events and news are what they would be in a city.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.queries import actor_of, appointed_in
from participation.core import fiscal_year
from participation.core.actors import Role, system_actor
from participation.core.errors import InvalidInput
from participation.departments.models import Department
from participation.departments.queries import find_by_name
from participation.workshops.demonstration.afterwards import tell_afterwards
from participation.workshops.demonstration.registering import register_all
from participation.workshops.demonstration.story import Days, People, Story
from participation.workshops.models import SeatKind, SeatMethod, SignUp, Workshop
from participation.workshops.services import editing, steps
from participation.workshops.services.days import DayTerms, add_days
from participation.workshops.services.draws import draw
from participation.workshops.services.pools import PoolTerms, add_pools
from participation.workshops.services.workshops import create_workshop


class DemoLoader:
    """Tells the events of a file."""

    def __init__(self, session: Session, *, now: datetime, run_jobs: Callable[[], None]) -> None:
        """Keep what every story needs; ``run_jobs`` commits and does what waits for the worker."""
        self._session, self._days, self._run_jobs = session, Days(now), run_jobs

    def load(self, data: dict[str, Any]) -> int:
        """Tell every event that is not there yet; return how many were told.

        Raises:
            InvalidInput: a department or a word is not known.

        """
        known = set(self._session.scalars(select(Workshop.title)))
        told = [each for each in data["workshops"] if each["title"] not in known]
        for each in told:
            self._tell(each)
        return len(told)

    def _tell(self, told: dict[str, Any]) -> None:
        department = self._department(told["department"])
        story = self._prepare(told, department, self._people(department))
        if "announced" not in told:
            return
        announced = self._days.at(told["announced"], "9:00")
        steps.announce(
            self._session,
            story.workshop,
            version=story.workshop.version,
            actor=story.people.checker,
            now=announced,
        )
        register_all(self._session, self._days, story)
        if "drawn" in told:
            for pool in story.pools.values():
                if pool.method is SeatMethod.LOTTERY:
                    at = self._days.at(told["drawn"], "13:00")
                    draw(self._session, pool, actor=story.people.checker, now=at)
        self._stop(story)
        # Letters leave before the days come, as they do in a city.
        self._run_jobs()
        tell_afterwards(self._session, self._days, story)
        self._session.flush()

    def _prepare(self, told: dict[str, Any], department: Department, people: People) -> Story:
        session, days = self._session, self._days
        at = days.at(told.get("announced", -1) - 7, "14:00")
        acts: dict[str, Any] = {"actor": people.writer, "now": at}
        workshop = create_workshop(
            session,
            department=department,
            title=told["title"],
            kind=told["kind"],
            sign_up=SignUp(told["sign_up"]),
            year=fiscal_year.fiscal_year_of(days.day(told["days"][0]["day"])),
            **acts,
        )
        self._edit(workshop, told, acts)
        made = add_days(
            session,
            workshop,
            [self._day(each) for each in told["days"]],
            version=workshop.version,
            **acts,
        )
        story = Story(workshop, told, people, list(made))
        for each in told.get("seats", ()):
            kind = SeatKind(each["kind"])
            places = list(made) if workshop.sign_up is SignUp.EACH_DAY else [None]
            terms = PoolTerms(
                method=SeatMethod(each.get("method", "first_come")),
                capacity=each["capacity"],
                opens_at=days.at(each["opens"], "9:00"),
                closes_at=days.at(each["closes"], "17:00"),
                has_waitlist=each.get("has_waitlist", True),
                youngest_months=each.get("youngest_months"),
                until_school=each.get("until_school", False),
            )
            pools = add_pools(
                session,
                workshop,
                kind,
                [(place, terms) for place in places],
                version=workshop.version,
                **acts,
            )
            story.pools |= {(pool.day_id, pool.kind): pool for pool in pools}
        return story

    def _edit(self, workshop: Workshop, told: dict[str, Any], acts: dict[str, Any]) -> None:
        session = self._session
        for section in ("content", "registering", "contact"):
            values = {
                name: told.get(name, getattr(workshop, name))
                for name in editing.SECTIONS[section][0]
            }
            editing.edit_fields(
                session,
                workshop,
                section,
                values | {"sign_up": workshop.sign_up},
                version=workshop.version,
                **acts,
            )
        editing.edit_areas(session, workshop, told["areas"], version=workshop.version, **acts)
        if told.get("extra"):
            editing.edit_extra(session, workshop, told["extra"], version=workshop.version, **acts)
        if told.get("eligibility"):
            editing.edit_eligibility(
                session, workshop, told["eligibility"], version=workshop.version, **acts
            )
        if told.get("priority"):
            rules = {"priority": [{"rule": name} for name in told["priority"]]}
            editing.edit_fields(
                session, workshop, "priority", rules, version=workshop.version, **acts
            )

    def _day(self, told: dict[str, Any]) -> DayTerms:
        return DayTerms(
            starts_at=self._days.at(told["day"], told["starts"]),
            ends_at=self._days.at(told["day"], told["ends"]),
            heading=told.get("heading", ""),
            at_venue="venue" in told,
            online=told.get("online", False),
            venue=told.get("venue", ""),
            address=told.get("address", ""),
            access=told.get("access", ""),
            online_access=told.get("online_access", ""),
            note=told.get("note", ""),
        )

    def _stop(self, story: Story) -> None:
        told, workshop = story.told, story.workshop
        for act, name in ((steps.postpone, "postponed"), (steps.cancel, "cancelled")):
            if name in told:
                act(
                    self._session,
                    workshop,
                    reason=told[name]["reason"],
                    version=workshop.version,
                    actor=story.people.checker,
                    now=self._days.at(told[name]["day"], "15:00"),
                )

    def _department(self, name: str) -> Department:
        found = find_by_name(self._session, name, self._days.today)
        if len(found) != 1:
            raise InvalidInput(
                f"「{name}」という課がありません。先に市の設定を読み込んでください。"
            )
        return found[0]

    def _people(self, department: Department) -> People:
        system = system_actor("workshops load-demo")
        found = {
            each.role: actor_of(self._session, each.user, self._days.now)
            for each in appointed_in(self._session, department.id, self._days.today)
        }
        return People(found.get(Role.CONTRIBUTOR, system), found.get(Role.APPROVER, system))
