"""What comes after the day in the demo: who was there, the questionnaire, the outcome."""

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from participation.core.actors import system_actor
from participation.workshops.demonstration.pictures import group_work
from participation.workshops.demonstration.story import Days, Story
from participation.workshops.models import WorkshopFileKind
from participation.workshops.queries.day_lists import attendees
from participation.workshops.queries.outcomes import find_outcome
from participation.workshops.queries.questionnaires import get_questionnaire
from participation.workshops.questions import Question
from participation.workshops.services import (
    attendance,
    outcome_files,
    outcomes,
    questionnaires,
)


def tell_afterwards(session: Session, days: Days, story: Story) -> None:
    """Tell whatever of it the file has."""
    if "attendance" in story.told:
        _count(session, story)
    if "questionnaire" in story.told:
        _ask(session, days, story)
    if "outcome" in story.told:
        _publish(session, days, story)


def _count(session: Session, story: Story) -> None:
    for day, told in zip(story.days, story.told["attendance"], strict=True):
        expected = [one for one in attendees(session, day) if one.is_expected]
        # Somebody stays away without a word.
        arrived = {
            one.application_id: one.seats
            for number, one in enumerate(expected)
            if number % told["absent_every"] != told["absent_every"] - 1
        }
        acts: dict[str, Any] = {"actor": story.people.writer, "now": day.ends_at}
        attendance.check_in_many(session, story.workshop, day, arrived, **acts)
        if told["walk_ins"]:
            attendance.count_walk_ins(
                session,
                story.workshop,
                day,
                walk_ins=told["walk_ins"],
                again=told["again"],
                seen=(day.walk_ins, day.again),
                **acts,
            )


def _ask(session: Session, days: Days, story: Story) -> None:
    told = story.told["questionnaire"]
    opens_at = days.at(told["opens"], "12:00")
    questions = [
        Question(
            f"q{number}",
            each["label"],
            each["type"],
            tuple(each.get("choices", ())),
            required=each.get("required", False),
        )
        for number, each in enumerate(told["questions"], start=1)
    ]
    questionnaires.save_questionnaire(
        session,
        story.workshop,
        introduction=told["introduction"],
        questions=questions,
        opens_at=opens_at,
        closes_at=days.at(told["closes"], "24:00"),
        version=0,
        actor=story.people.writer,
        now=opens_at,
    )
    asked = get_questionnaire(session, story.workshop.id)
    for number, answers in enumerate(told["answers"]):
        typed = number % 3 == 2  # noqa: PLR2004 -- some answered on paper
        key = hashlib.sha256(f"demo answer {story.workshop.id} {number}".encode()).hexdigest()
        questionnaires.store_answer(
            session,
            story.workshop,
            asked,
            answers,
            form_key=key,
            typed=typed,
            actor=story.people.writer if typed else system_actor("アンケートの受付"),
            now=story.days[-1].ends_at,
        )


def _publish(session: Session, days: Days, story: Story) -> None:
    told, workshop = story.told["outcome"], story.workshop
    written = days.at(told["written"], "11:00")
    acts: dict[str, Any] = {"actor": story.people.writer, "now": written}
    outcomes.edit_outcome(
        session,
        workshop,
        said=told["said"],
        became=told["became"],
        links=[{"label": label} for label in told["plans"]],
        version=0,
        **acts,
    )
    outcome_files.add_file(
        session,
        workshop,
        WorkshopFileKind.PHOTO,
        data=group_work(),
        name="group-work.png",
        title=told["photo"],
        version=1,
        **acts,
    )
    outcome_files.add_file(
        session,
        workshop,
        WorkshopFileKind.MATERIAL,
        data=told["material"]["text"].encode("utf-8-sig"),
        name=f"{told['material']['title']}.txt",
        title=told["material"]["title"],
        version=2,
        **acts,
    )
    stored = find_outcome(session, workshop.id)
    assert stored is not None
    outcomes.publish_outcome(
        session,
        workshop,
        version=stored.version,
        actor=story.people.checker,
        now=days.at(told["published"], "10:00"),
    )
