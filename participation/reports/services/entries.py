"""What a department's people do with entries: write, copy, edit, withdraw, submit."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.activities import Activity
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input, same_text
from participation.departments import queries as departments
from participation.policy import Permission
from participation.reports.labels import NOTHING
from participation.reports.models import Entry, EntryKind, EntryState
from participation.reports.queries import entries as queries
from participation.reports.queries import guideline as guidelines
from participation.reports.queries.entries import Place
from participation.reports.services.batches import BatchResult, Selection, take_batch
from participation.reports.services.entry_steps import (
    EDIT,
    PULL_BACK,
    RESTORE,
    SUBMIT,
    WITHDRAW,
    EntryConflict,
    Step,
    check_reach,
    hold_entry,
    hold_round,
    note_step,
    refusal,
    take_step,
    unseen_change,
)

MAX_TEXT = 4_000


def create_entry(
    session: Session, place: Place, *, text: str, actor: Actor, now: datetime
) -> Entry:
    """Write a new entry as a draft behind the department's others in the same place.

    A 「該当なし」 in that place is withdrawn with it, since it no longer holds.

    Raises:
        NotFound: the department is out of the actor's reach.
        InvalidInput: the text is empty, too long or there already; the item is not asked for.
        StateConflict: the round is not open, or the 「該当なし」 has gone on to be confirmed.

    """
    return _create(session, "created", place, text, actor=actor, now=now)


def copy_plan(
    session: Session, plan: Entry, *, department_id: int, actor: Actor, now: datetime
) -> Entry:
    """Copy a plan's text, as it stands, into a draft of the same year's result.

    Raises:
        NotFound: the plan or the department is out of the actor's reach.
        InvalidInput: it is no plan with a text, or has been copied already.
        StateConflict: as for ``create_entry``.

    """
    check_reach(actor, Permission.ENTRY_READ, plan.department_id)
    if plan.kind is not EntryKind.PLAN or plan.nothing:
        raise InvalidInput("実績に写せるのは、文のある予定だけです。")
    return _create(
        session,
        "copied",
        Place(plan.item_id, department_id, EntryKind.RESULT, plan.fiscal_year),
        plan.text,
        actor=actor,
        now=now,
        activity_type=plan.activity_type,
    )


def draft_from_activity(
    session: Session, activity: Activity, place: Place, *, text: str, actor: Actor, now: datetime
) -> Entry:
    """Write an entry from what a feature knows of an activity; its text was read by a person.

    Args:
        session: the session of the act.
        activity: of the department and the fiscal year of ``place``, or of a predecessor.
        place: where it goes.
        text: the proposed sentence, as the person left it.
        actor: who writes.
        now: when.

    Raises:
        NotFound: the department is out of the actor's reach.
        InvalidInput: as for ``create_entry``, or the activity stands there already.
        StateConflict: as for ``create_entry``.

    """
    if place.fiscal_year != activity.fiscal_year:
        raise InvalidInput("この活動は別の年度のものです。一覧から選び直してください。")
    if queries.entry_of_activity(session, activity.ref, place.kind, place.fiscal_year):
        raise InvalidInput("この活動はすでに記載されています。最新の一覧を確かめてください。")
    return _create(
        session,
        "derived",
        place,
        text,
        actor=actor,
        now=now,
        activity_type=activity.kind,
        activity_ref=activity.ref,
    )


def declare_nothing(session: Session, place: Place, *, actor: Actor, now: datetime) -> Entry:
    """Answer 「該当なし」; it goes the same way to confirmation as a text does.

    Returns:
        The new answer, or the one that is there already.

    Raises:
        NotFound: the department is out of the actor's reach.
        InvalidInput: there are texts in that place; they must be withdrawn first.
        StateConflict: the round is not open.

    """
    _check_place(session, place, actor=actor, now=now)
    for entry in queries.entries_in(session, place):
        if entry.nothing:
            return entry
        raise InvalidInput(
            f"すでに記載があるため「{NOTHING}」にできません。"
            f"記載をすべて取り下げてから「{NOTHING}」を選んでください。"
        )
    return _add(
        session,
        "declared_nothing",
        Entry(**asdict(place), text="", nothing=True),
        actor=actor,
        now=now,
    )


def edit_entry(
    session: Session, entry: Entry, *, text: str, version: int, actor: Actor, now: datetime
) -> bool:
    """Replace the text of an entry that its department may still change.

    Args:
        session: the session of the act.
        entry: the entry.
        text: the new text, stored as typed.
        version: the version that was shown when typing began.
        actor: who edits.
        now: when.

    Returns:
        Whether anything changed.

    Raises:
        NotFound: the entry is out of the actor's reach.
        InvalidInput: the text is empty or too long.
        EntryConflict: somebody else changed the words or the state since ``version``; the caller
            shows both texts.
        StateConflict: the round is not open.

    """
    text = checked_text(text)
    hold_entry(session, entry, EDIT, actor)
    if text == entry.text and entry.state in EDIT.sources:
        return False
    if unseen_change(session, entry, version):
        raise EntryConflict(entry.id)
    if entry.nothing:
        raise InvalidInput(f"「{NOTHING}」に文は書けません。新しい記載を追加してください。")
    take_step(session, entry, EDIT, actor=actor, now=now, values={"text": text})
    return True


def withdraw_entry(
    session: Session, entry: Entry, *, version: int, actor: Actor, now: datetime
) -> None:
    """Take an entry out of the report; ``restore_entry`` brings it back with all its words.

    Raises:
        NotFound: the entry is out of the actor's reach.
        EntryConflict: it was changed since ``version``.
        StateConflict: it has been approved already, or the round is not open.

    """
    _plain_step(session, entry, WITHDRAW, version=version, actor=actor, now=now)


def restore_entry(session: Session, entry: Entry, *, actor: Actor, now: datetime) -> None:
    """Bring a withdrawn entry back as a draft.

    Raises:
        NotFound: the entry is out of the actor's reach.
        InvalidInput: a 「該当なし」 cannot come back beside texts.
        StateConflict: it is not withdrawn, or the round is not open.

    """
    hold_entry(session, entry, RESTORE, actor)
    if entry.state is not EntryState.WITHDRAWN:
        raise StateConflict(refusal(entry.state))
    cell = queries.entries_in(session, queries.place_of(entry))
    if entry.nothing and cell:
        raise InvalidInput(f"ほかの記載があるため「{NOTHING}」を復元できません。")
    if not entry.nothing:
        _withdraw_nothing(session, cell, actor=actor, now=now)
    if entry.activity_ref and queries.entry_of_activity(
        session, entry.activity_ref, entry.kind, entry.fiscal_year
    ):
        # Its activity was drafted again meanwhile: this text comes back as one of its own.
        entry.activity_ref = ""
    take_step(session, entry, RESTORE, actor=actor, now=now)


def submit_entries(
    session: Session, selection: Selection, *, actor: Actor, now: datetime
) -> BatchResult:
    """Hand drafts and returned entries to the department's approver (課内確認).

    Raises:
        InvalidInput: nothing was selected.
        NotFound: an entry is out of the actor's reach.
        StateConflict: the round is not open.

    """
    return take_batch(session, selection, SUBMIT, actor=actor, now=now)


def pull_back_entry(
    session: Session, entry: Entry, *, version: int, actor: Actor, now: datetime
) -> None:
    """Take back a submitted entry that the approver has not confirmed yet; it is a draft again.

    Raises:
        NotFound: the entry is out of the actor's reach.
        EntryConflict: it was changed since ``version``.
        StateConflict: it is not waiting for the approver, or the round is not open.

    """
    _plain_step(session, entry, PULL_BACK, version=version, actor=actor, now=now)


def checked_text(text: str) -> str:
    """Return the text as it may be stored: as typed.

    Raises:
        InvalidInput: it is blank or longer than ``MAX_TEXT``.

    """
    text = clean_input(text)
    if not text.strip():
        raise InvalidInput(
            f"記載内容を入力してください。書くことがないときは「{NOTHING}」を選んでください。",
            field="text",
        )
    if len(text) > MAX_TEXT:
        raise InvalidInput(
            f"記載内容は{MAX_TEXT:,}文字以内にしてください（今は{len(text):,}文字です）。",
            field="text",
        )
    return text


def _create(
    session: Session,
    act: str,
    place: Place,
    text: str,
    *,
    actor: Actor,
    now: datetime,
    activity_type: str = "",
    activity_ref: str = "",
) -> Entry:
    text = checked_text(text)
    _check_place(session, place, actor=actor, now=now)
    cell = queries.entries_in(session, place)
    # A second click on the button must not write the same line twice.
    if any(same_text(entry.text, text) for entry in cell if not entry.nothing):
        raise InvalidInput("同じ内容の記載がすでにあります。", field="text")
    _withdraw_nothing(session, cell, actor=actor, now=now)
    return _add(
        session,
        act,
        Entry(**asdict(place), text=text, activity_type=activity_type, activity_ref=activity_ref),
        actor=actor,
        now=now,
    )


def _add(session: Session, act: str, entry: Entry, *, actor: Actor, now: datetime) -> Entry:
    entry.position = queries.next_position(session, queries.place_of(entry))
    entry.state = EntryState.DRAFT
    entry.version = 1
    entry.author_id = actor.staff_id
    entry.created_at = entry.updated_at = now
    session.add(entry)
    session.flush()
    note_step(
        session,
        entry,
        act,
        actor=actor,
        now=now,
        after={
            "item_id": entry.item_id,
            "kind": entry.kind,
            "fiscal_year": entry.fiscal_year,
            "text": entry.text,
            "nothing": entry.nothing,
        },
    )
    return entry


def _check_place(session: Session, place: Place, *, actor: Actor, now: datetime) -> None:
    """Lock the round and see that this department may be told of this item now."""
    check_reach(actor, Permission.ENTRY_WRITE, place.department_id)
    hold_round(session, place.kind, place.fiscal_year)
    department = departments.get_department(session, place.department_id)
    if not department.exists_on(clock.local_date(now)):
        raise InvalidInput("廃止された課には追加できません。引き継いだ課で入力してください。")
    round_year = queries.round_year_of(place.kind, place.fiscal_year)
    if not guidelines.asks_for(session, round_year, place.item_id):
        raise InvalidInput("この項目は、この年度の指針にありません。一覧から選び直してください。")


def _plain_step(
    session: Session, entry: Entry, step: Step, *, version: int, actor: Actor, now: datetime
) -> None:
    hold_entry(session, entry, step, actor)
    if entry.state in step.sources and unseen_change(session, entry, version):
        raise EntryConflict(entry.id)
    take_step(session, entry, step, actor=actor, now=now)


def _withdraw_nothing(session: Session, cell: list[Entry], *, actor: Actor, now: datetime) -> None:
    for entry in cell:
        if not entry.nothing:
            continue
        if entry.state not in WITHDRAW.sources:
            raise StateConflict(
                f"「{NOTHING}」の回答が先へ進んでいます。課長かとりまとめ担当課に"
                f"「{NOTHING}」の差戻しを依頼してから、記載を追加してください。"
            )
        take_step(session, entry, WITHDRAW, actor=actor, now=now, reason="記載が追加されたため")
