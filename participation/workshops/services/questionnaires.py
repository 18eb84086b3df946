"""Questionnaires (アンケート): written, fixed by the first answer, answered once a form."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.workshops.models import (
    Questionnaire,
    QuestionnaireAnswer,
    Workshop,
    WorkshopState,
)
from participation.workshops.queries.questionnaires import find_questionnaire, has_answers
from participation.workshops.questions import Answer, Question, check_questions
from participation.workshops.services.state_machine import hold

MAX_INTRODUCTION = 1_000
# What is asked must have taken place, or be about to; nobody comes to what was cancelled.
_ASKS = frozenset({WorkshopState.ANNOUNCED, WorkshopState.REPORTED})


def save_questionnaire(
    session: Session,
    workshop: Workshop,
    *,
    introduction: str,
    questions: Sequence[Question],
    opens_at: datetime,
    closes_at: datetime,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Write a questionnaire, or change it; return whether anything differs.

    Args:
        session: the session of the act.
        workshop: whose it is; it may be prepared before the workshop is announced.
        introduction: what is asked for, in front of the questions.
        questions: one to ten; fixed once somebody has answered.
        opens_at: from when it is answered.
        closes_at: until when, exclusive.
        version: that the editor saw, 0 for none.
        actor: who writes.
        now: when.

    Raises:
        StateConflict: somebody changed it meanwhile, or there are answers and the questions
            differ.
        InvalidInput: a question cannot be, or the time is none.

    """
    hold(session, workshop)
    found = find_questionnaire(session, workshop.id)
    if found is not None:
        session.refresh(found)
    if (found.version if found is not None else 0) != version:
        raise StateConflict(
            "確かめている間に、ほかの人がアンケートを変更しました。"
            "最新の内容を確かめて、もう一度保存してください。"
        )
    introduction = clean_input(introduction).strip()
    if len(introduction) > MAX_INTRODUCTION:
        raise InvalidInput(f"{MAX_INTRODUCTION:,}文字以内にしてください。", field="introduction")
    if closes_at <= opens_at:
        raise InvalidInput("終わりは始まりより後にしてください。", field="closes_on")
    new = {
        "introduction": introduction,
        "questions": check_questions(questions),
        "opens_at": opens_at,
        "closes_at": closes_at,
    }
    before = {} if found is None else {name: getattr(found, name) for name in new}
    if before == new:
        return False
    if (
        found is not None
        and found.questions != new["questions"]
        and has_answers(session, workshop.id)
    ):
        raise StateConflict(
            "すでに回答があるため、質問は変えられません。まえがきと期間は変えられます。"
        )
    if found is None:
        found = Questionnaire(workshop_id=workshop.id, version=0, updated_at=now)
        session.add(found)
    for name, value in new.items():
        setattr(found, name, value)
    found.version += 1
    found.updated_at = now
    session.flush()
    audit.record(
        session,
        "workshops.questionnaire.edited",
        actor=actor,
        now=now,
        subject=f"workshop:{workshop.id}",
        department_id=workshop.department_id,
        before=before or None,
        after=new,
    )
    return True


def is_open(workshop: Workshop, questionnaire: Questionnaire, now: datetime) -> bool:
    """Whether residents can answer now."""
    return workshop.state in _ASKS and questionnaire.opens_at <= now < questionnaire.closes_at


def store_answer(
    session: Session,
    workshop: Workshop,
    questionnaire: Questionnaire,
    answers: Mapping[str, Answer],
    *,
    form_key: str,
    typed: bool = False,
    actor: Actor,
    now: datetime,
) -> bool:
    """Store one person's answers; return False when this form had been stored before.

    Args:
        session: the session of the act; the caller commits.
        workshop: whose questionnaire it is.
        questionnaire: what was answered.
        answers: as ``questions.check_answers`` gives them; they name nobody.
        form_key: one form, one answer.
        typed: whether ``actor`` typed it from paper, which may be later than residents can answer.
        actor: who sends it.
        now: when.

    Raises:
        StateConflict: residents cannot answer now.
        InvalidInput: nothing was answered.

    """
    if not typed and not is_open(workshop, questionnaire, now):
        raise StateConflict("このアンケートの受付は終わりました。ありがとうございました。")
    if not answers:
        raise InvalidInput("1つ以上の質問に答えてください。")
    key = hashlib.sha256(f"{workshop.id} {form_key}".encode()).hexdigest()
    if session.scalar(
        select(QuestionnaireAnswer.id).where(QuestionnaireAnswer.idempotency_key == key)
    ):
        return False
    try:
        with session.begin_nested():
            session.add(
                QuestionnaireAnswer(
                    workshop_id=workshop.id,
                    idempotency_key=key,
                    answers=dict(answers),
                    typed_by=actor.staff_id if typed else None,
                    at=now,
                )
            )
    except IntegrityError:
        return False  # a double click on two workers at once
    audit.record(
        session,
        "workshops.questionnaire.answered",
        actor=actor,
        now=now,
        subject=f"workshop:{workshop.id}",
        department_id=workshop.department_id,
        after={"channel": "paper" if typed else "web"},
    )
    return True
