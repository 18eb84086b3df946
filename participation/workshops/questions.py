"""The questions of a questionnaire (アンケート), and what counts as an answer to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from participation.core.errors import InvalidInput
from participation.core.text import clean_input

MOST_QUESTIONS = 10
MOST_CHOICES = 20
MAX_LABEL = 200
MAX_CHOICE = 100
MAX_TEXT = 2_000
SCALE = (1, 2, 3, 4, 5)

QuestionType = Literal["one", "several", "scale", "text"]
TYPE_LABELS: dict[QuestionType, str] = {
    "one": "1つ選ぶ",
    "several": "いくつでも選ぶ",
    "scale": "5段階で答える",
    "text": "自由に書く",
}
_CHOOSE = frozenset({"one", "several"})
Answer = str | int | list[str]


@dataclass(frozen=True)
class Question:
    """One question; ``choices`` are empty for a scale and for a text."""

    key: str  # q1, q2, …
    label: str
    type: QuestionType
    choices: tuple[str, ...] = ()
    required: bool = False

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The choices as a form offers them: value and words."""
        return tuple((choice, choice) for choice in self.choices)


def read_questions(stored: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Return the questions as ``Questionnaire.questions`` keeps them."""
    return tuple(
        Question(
            key=one["key"],
            label=one["label"],
            type=one["type"],
            choices=tuple(one.get("choices", ())),
            required=bool(one.get("required")),
        )
        for one in stored
    )


def plain_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return questions as they are stored, numbered anew."""
    return [
        {
            "key": f"q{number}",
            "label": one.label,
            "type": one.type,
            "choices": list(one.choices),
            "required": one.required,
        }
        for number, one in enumerate(questions, start=1)
    ]


def check_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return questions as they are stored.

    Raises:
        InvalidInput: there are none or too many, one has no words, or choices are missing, doubled
            or too long; ``field`` is the question's key.

    """
    if not questions:
        raise InvalidInput("質問を1つ以上入力してください。", field="q1")
    if len(questions) > MOST_QUESTIONS:
        raise InvalidInput(f"質問は{MOST_QUESTIONS}問以内にしてください。")
    return plain_questions([_checked(one) for one in questions])


def check_answers(
    questions: Sequence[Question], typed: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answers by the questions' keys, and what is wrong with others.

    Args:
        questions: those of the questionnaire.
        typed: everything in the form by the name of its control.

    """
    answers: dict[str, Answer] = {}
    errors: dict[str, str] = {}
    for one in questions:
        values = [value for value in map(_cleaned, typed.get(one.key, ())) if value]
        if not values:
            if one.required:
                errors[one.key] = (
                    "答えを入力してください。" if one.type == "text" else "答えを選んでください。"
                )
            continue
        found = _answer(one, values)
        if found is None:
            errors[one.key] = (
                f"{MAX_TEXT:,}文字以内で入力してください。"
                if one.type == "text"
                else "答えを選び直してください。"
            )
        else:
            answers[one.key] = found
    return answers, errors


def words_of(answer: Answer | None) -> str:
    """Return an answer as one cell of a table."""
    if answer is None:
        return ""
    return "、".join(answer) if isinstance(answer, list) else str(answer)


def _answer(question: Question, values: Sequence[str]) -> Answer | None:
    match question.type:
        case "text":
            return values[0] if len(values[0]) <= MAX_TEXT else None
        case "scale":
            return int(values[0]) if values[0] in {str(step) for step in SCALE} else None
        case "one":
            return values[0] if values[0] in question.choices else None
        case "several":
            if set(values) - set(question.choices):
                return None
            return [choice for choice in question.choices if choice in values]


def _checked(question: Question) -> Question:
    label = clean_input(question.label).strip()
    if not label or len(label) > MAX_LABEL:
        raise InvalidInput(f"質問を{MAX_LABEL}文字以内で入力してください。", field=question.key)
    choices = tuple(one for one in (clean_input(each).strip() for each in question.choices) if one)
    if question.type not in _CHOOSE:
        return Question(question.key, label, question.type, (), question.required)
    if len(choices) < 2 or len(choices) > MOST_CHOICES:  # noqa: PLR2004 -- one leaves no choice
        raise InvalidInput(
            f"「{label}」の選択肢を2個以上{MOST_CHOICES}個以内で、1行に1つ入力してください。",
            field=question.key,
        )
    if len(set(choices)) < len(choices) or max(map(len, choices)) > MAX_CHOICE:
        raise InvalidInput(
            f"「{label}」の選択肢は、それぞれ違う{MAX_CHOICE}文字以内の言葉にしてください。",
            field=question.key,
        )
    return Question(question.key, label, question.type, choices, question.required)


def _cleaned(value: str) -> str:
    return clean_input(value).strip()
