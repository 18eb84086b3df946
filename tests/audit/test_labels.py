"""The log in Japanese: every tag of the code is named, and values are words, not codes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import participation
from participation.audit.changes import changes_of
from participation.audit.labels import (
    SUBJECT_LABELS,
    THING_LABELS,
    VALUE_LABELS,
    VERB_LABELS,
    action_words,
    subject_words,
)
from participation.audit.models import AuditEvent
from participation.core.actors import Role
from participation.jobs.models import JobState
from participation.mail.models import MailState
from participation.reports import labels as reports
from participation.reports.models import EditionState, EntryState, GuidelineState

PACKAGE = Path(participation.__file__).parent


def _recorded() -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield place and (action, subject) of every ``record(session, action, subject=…)``."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            subject = [keyword.value for keyword in node.keywords if keyword.arg == "subject"]
            if name in {"record", "_record"} and len(node.args) >= 2:
                yield f"{path.name}:{node.lineno}", [node.args[1], *subject]


def _lived() -> Iterator[tuple[str, str, str]]:
    """Yield place, callee and text of every ``Life("…")`` and ``Step("…", …)``."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="Life" | "Step" as callee),
                    args=[ast.Constant(value=str() as text), *_],
                ):
                    yield f"{path.name}:{node.lineno}", callee, text


def _beginning(node: ast.expr) -> Iterator[str]:
    """Yield the fixed texts that an expression may begin with."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _beginning(body)
            yield from _beginning(other)


TAGS = sorted(
    {
        (place, tag)
        for place, [action, *_] in _recorded()
        for tag in _beginning(action)
        if "." in tag
    }
)
SUBJECTS = sorted(
    {
        (place, text.partition(":")[0])
        for place, [_, *subjects] in _recorded()
        for subject in subjects
        for text in _beginning(subject)
    }
)


def test_the_search_finds_what_is_recorded():
    assert len(TAGS) > 30
    assert len({kind for _, kind in SUBJECTS}) > 8


@pytest.mark.parametrize(("place", "tag"), TAGS)
def test_every_tag_has_the_grammar_and_a_name(place, tag):
    thing, _, verb = tag.rpartition(".")
    assert thing in THING_LABELS, place
    assert thing.count(".") == 1, place
    assert not verb or verb in VERB_LABELS, place


def test_everything_with_a_life_and_each_of_its_steps_has_a_name():
    lived = list(_lived())
    assert {"Life", "Step"} == {callee for _, callee, _ in lived}
    for place, callee, text in lived:
        assert text in (THING_LABELS if callee == "Life" else VERB_LABELS), place
        assert callee == "Step" or text.rpartition(".")[2] in SUBJECT_LABELS, place


@pytest.mark.parametrize("act", sorted(reports.ACT))
def test_every_step_of_an_entry_has_a_name(act):
    assert len(action_words(f"reports.entry.{act}")) == 2


@pytest.mark.parametrize(("place", "kind"), SUBJECTS)
def test_every_kind_of_subject_has_a_name(place, kind):
    assert kind in SUBJECT_LABELS, place


@pytest.mark.parametrize(
    ("place", "states"),
    [
        (("entry", "state"), EntryState),
        (("edition", "state"), EditionState),
        (("guideline", "state"), GuidelineState),
        (("staff", "role"), Role),
        (("message", "state"), MailState),
        (("job", "state"), JobState),
    ],
)
def test_every_state_has_a_name(place, states):
    assert set(VALUE_LABELS[place]) >= {state.value for state in states}


def test_the_words_of_entries_are_those_of_their_own_pages():
    assert VALUE_LABELS["entry", "state"] == {
        state.value: label for state, label in reports.STATE.items()
    }
    assert VALUE_LABELS["entry", "kind"] == {
        kind.value: label for kind, label in reports.KIND.items()
    }


def test_changes_stand_side_by_side_in_words():
    event = AuditEvent(
        subject="entry:12",
        before={"state": "draft", "text": "draft", "due_on": None},
        after={"state": "submitted", "nothing": False, "x": [1, 2], "y": {"kind": "plan"}},
    )
    assert [(change.field, change.before, change.after) for change in changes_of(event)] == [
        ("期限", "", ""),
        ("該当なし", "", "いいえ"),
        ("状態", "入力中", "課内確認"),
        ("本文", "draft", ""),
        ("x", "", "1、2"),
        ("y", "", "種類: 取り組み予定"),
    ]
    assert changes_of(AuditEvent(subject="x", before=None, after=None)) == []


def test_what_people_typed_is_never_translated():
    event = AuditEvent(subject="entry:1", before={"text": "はい"}, after={"nothing": True})
    changes = changes_of(event, lambda word: f"<{word}>")
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("<該当なし>", "", "<はい>"),
        ("<本文>", "はい", ""),
    ]


def test_what_nobody_named_is_shown_as_it_is():
    assert action_words("reports.entry.submitted") == ("取り組みの記載", "提出")
    assert action_words("surveys.answer.counted") == ("surveys.answer.counted",)
    assert subject_words("entry:12") == ("記載", "12")
    assert subject_words("survey:12") == ("survey:12",)
    assert subject_words("entry") == ("entry",)
