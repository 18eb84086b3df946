"""A file of an outcome and a questionnaire, for the walk through all addresses."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import system_actor
from participation.workshops.models import (
    Questionnaire,
    QuestionnaireAnswer,
    Workshop,
    WorkshopFile,
    WorkshopFileKind,
    WorkshopOutcome,
)
from tests.workshops.pictures import store_picture

QUESTIONS = [
    {
        "key": "q1",
        "label": "参加してよかったですか",
        "type": "scale",
        "choices": [],
        "required": True,
    },
    {
        "key": "q2",
        "label": "どこで知りましたか",
        "type": "several",
        "choices": ["広報", "ウェブサイト", "知人"],
        "required": False,
    },
    {
        "key": "q3",
        "label": "お住まいの地区",
        "type": "one",
        "choices": ["高部屋", "大田"],
        "required": False,
    },
    {"key": "q4", "label": "ご感想", "type": "text", "choices": [], "required": False},
]


def make_questionnaire(session: Session, workshop: Workshop, **more: Any) -> Questionnaire:
    """Four questions of every kind, open now unless told."""
    now = clock.now()
    values = {
        "introduction": "今後の参考にします。",
        "questions": QUESTIONS,
        "opens_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=7),
        **more,
    }
    made = Questionnaire(workshop_id=workshop.id, updated_at=now, version=1, **values)
    session.add(made)
    session.flush()
    return made


def make_outcome_things(session: Session, workshop: Workshop) -> dict[str, int | str]:
    """An outcome that nobody has published, with a photograph; a questionnaire with an answer."""
    now = clock.now()
    session.add(
        WorkshopOutcome(
            workshop_id=workshop.id, said="木陰がほしい。", became="検討します。", updated_at=now
        )
    )
    held = WorkshopFile(
        workshop_id=workshop.id,
        kind=WorkshopFileKind.PHOTO,
        file_id=store_picture(session, actor=system_actor("tests"), now=now).id,
        title="話し合う参加者",
        position=1,
    )
    session.add(held)
    make_questionnaire(session, workshop)
    session.add(
        QuestionnaireAnswer(
            workshop_id=workshop.id,
            idempotency_key=f"{workshop.id:064}",
            answers={"q1": 4, "q4": "楽しかった"},
            at=now,
        )
    )
    session.commit()
    return {"workshop_file_id": held.id, "answer_format": "csv"}
