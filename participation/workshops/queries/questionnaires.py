"""A workshop's questionnaire and what was answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.workshops.models import Questionnaire, QuestionnaireAnswer
from participation.workshops.questions import SCALE, Question, read_questions

_AT_ONCE = 1_000
# Texts that one page shows; the rest stands in the export.
MOST_TEXTS = 200


@dataclass(frozen=True)
class QuestionResult:
    """What was answered to one question."""

    question: Question
    answered: int
    counts: tuple[tuple[str, int], ...]  # of choices or steps; empty for texts
    mean: str  # of a scale, 3.8; else empty
    texts: tuple[str, ...]  # the latest first, at most MOST_TEXTS
    texts_in_all: int


@dataclass(frozen=True)
class Results:
    """What was answered to a questionnaire."""

    answers: int
    from_paper: int
    questions: tuple[QuestionResult, ...]


def find_questionnaire(session: Session, workshop_id: int) -> Questionnaire | None:
    """Return the questionnaire of a workshop, if it has one."""
    return session.get(Questionnaire, workshop_id)


def get_questionnaire(session: Session, workshop_id: int) -> Questionnaire:
    """Return the questionnaire of a workshop.

    Raises:
        NotFound: it has none.

    """
    found = find_questionnaire(session, workshop_id)
    if found is None:
        raise NotFound("この催しにアンケートはありません。")
    return found


def has_answers(session: Session, workshop_id: int) -> bool:
    """Whether anybody has answered, so that the questions stay as they are."""
    return bool(
        session.scalar(select(exists().where(QuestionnaireAnswer.workshop_id == workshop_id)))
    )


def count_answers(session: Session, workshop_id: int) -> int:
    """Return how many have answered."""
    return (
        session.scalar(select(func.count()).where(QuestionnaireAnswer.workshop_id == workshop_id))
        or 0
    )


def all_answers(session: Session, workshop_id: int) -> Iterator[QuestionnaireAnswer]:
    """Yield every answer in the order in which they came, a few at a time."""
    last = 0
    while True:
        found = session.scalars(
            select(QuestionnaireAnswer)
            .where(QuestionnaireAnswer.workshop_id == workshop_id, QuestionnaireAnswer.id > last)
            .order_by(QuestionnaireAnswer.id)
            .limit(_AT_ONCE)
        ).all()
        if not found:
            return
        yield from found
        last = found[-1].id


def results_of(session: Session, questionnaire: Questionnaire) -> Results:
    """Return the counts of every question, and the texts."""
    questions = read_questions(questionnaire.questions)
    tallies = [_Tally(question) for question in questions]
    answers = from_paper = 0
    for one in all_answers(session, questionnaire.workshop_id):
        answers += 1
        from_paper += one.typed_by is not None
        for tally in tallies:
            tally.add(one.answers.get(tally.question.key))
    return Results(answers, from_paper, tuple(tally.result() for tally in tallies))


class _Tally:
    def __init__(self, question: Question) -> None:
        self.question = question
        labels: Sequence[str] = question.choices
        if question.type == "scale":
            labels = [str(step) for step in SCALE]
        self._counts = dict.fromkeys(labels, 0)
        self._texts: list[str] = []
        self._answered = 0

    def add(self, answer: str | int | list[str] | None) -> None:
        if answer is None or answer == []:
            return
        self._answered += 1
        if self.question.type == "text":
            self._texts.append(str(answer))
            return
        for one in answer if isinstance(answer, list) else [str(answer)]:
            if one in self._counts:
                self._counts[one] += 1

    def result(self) -> QuestionResult:
        mean = ""
        if self.question.type == "scale" and self._answered:
            total = sum(int(step) * number for step, number in self._counts.items())
            mean = f"{total / self._answered:.1f}"
        return QuestionResult(
            question=self.question,
            answered=self._answered,
            counts=tuple(self._counts.items()),
            mean=mean,
            texts=tuple(self._texts[::-1][:MOST_TEXTS]),
            texts_in_all=len(self._texts),
        )
