"""Editing a workshop section by section, never over somebody else's change.

What a person who registered trusted in is frozen (services/freezing.py); the rest may be changed
until the workshop is cancelled or its outcome is out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation.audit.life import count, differing
from participation.city import queries as city
from participation.city.areas import set_areas
from participation.city.lists import check_eligibility
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.submissions.sender_fields import FIELDS
from participation.workshops.models import Workshop, WorkshopEligibility
from participation.workshops.models import WorkshopState as S
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services.extra_fields import check_extra
from participation.workshops.services.freezing import has_applications, hold_pools
from participation.workshops.services.state_machine import check_version, hold, record

_BEFORE_END = frozenset({S.PREPARING, S.ANNOUNCED, S.POSTPONED})
_ALWAYS = frozenset(S)
# Section → its columns and the states in which it may be changed.
SECTIONS: dict[str, tuple[tuple[str, ...], frozenset[S]]] = {
    "content": (
        (
            "title",
            "title_kana",
            "kind",
            "summary",
            "description",
            "target",
            "fee",
            "belongings",
            "organiser",
            "plan_name",
            "related",
        ),
        _BEFORE_END,
    ),
    "extra": ((), _BEFORE_END | {S.REPORTED}),
    "areas": ((), _ALWAYS),
    "registering": (
        (
            "sign_up",
            "largest_party",
            "how_else",
            "sender_fields",
            "needs",
            "offer_hours",
            "reminder_days",
            "retention_days",
        ),
        _BEFORE_END,
    ),
    "eligibility": ((), _BEFORE_END),
    "priority": (("priority",), _BEFORE_END),
    "contact": (("section_name", "phone", "fax", "email"), _ALWAYS),
}
FROZEN = frozenset(
    {"kind", "sign_up", "largest_party", "sender_fields", "retention_days", "priority"}
)
_FROZEN_NAMES = {
    "kind": "種類",
    "sign_up": "申込みの単位",
    "largest_party": "同伴できる人数",
    "sender_fields": "申込みのときに聞くこと",
    "retention_days": "消去までの日数",
    "priority": "優先のきまり",
}
MOST_IN_PARTY = 50
FIRST_TIME, ELIGIBILITY = "first_time", "eligibility"


def may_edit(workshop: Workshop, section: str) -> bool:
    """Whether ``section`` can still be changed."""
    return workshop.state in SECTIONS[section][1]


def edit_fields(
    session: Session,
    workshop: Workshop,
    section: str,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change the columns of a section; return whether anything differs.

    Args:
        session: the session of the act.
        workshop: whose section it is.
        section: one of ``SECTIONS`` that has columns.
        values: the columns' new values, texts as typed.
        version: the version that the editor saw.
        actor: who edits.
        now: when.

    Raises:
        StateConflict: somebody changed the workshop meanwhile, or it is past this, or what is to
            be changed is frozen because somebody has registered.
        InvalidInput: a value cannot be.

    """
    _begin(session, workshop, section, version)
    columns = SECTIONS[section][0]
    new = {name: _cleaned(values[name]) for name in columns}
    _check(session, workshop, new)
    before, after = differing(workshop, new)
    if not after:
        return False
    _refuse_frozen(session, workshop, after)
    for name, value in after.items():
        setattr(workshop, name, value)
    record(
        session,
        workshop,
        "rules_edited" if FROZEN & set(after) else "edited",
        actor=actor,
        now=now,
        before=before,
        after=after,
    )
    return True


def edit_extra(
    session: Session,
    workshop: Workshop,
    values: Mapping[str, str],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set the fields that the workshop's kind shows on its page.

    Raises:
        StateConflict: as for ``edit_fields``.
        InvalidInput: a value does not fit its field.

    """
    _begin(session, workshop, "extra", version)
    fields = city.kind_of(session, workshop.kind).fields_on("page")
    before = dict(workshop.extra)
    # What an earlier form of the kind asked for stays.
    new = before | check_extra(fields, values)
    if all(before.get(key, "") == value for key, value in new.items()):
        return False
    workshop.extra = new
    record(
        session,
        workshop,
        "edited",
        actor=actor,
        now=now,
        before={"extra": before},
        after={"extra": new},
    )
    return True


def edit_areas(
    session: Session,
    workshop: Workshop,
    chosen: Sequence[str],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Say which areas of interest the workshop is about.

    Raises:
        StateConflict: as for ``edit_fields``.
        InvalidInput: an area that the city does not have.

    """
    _begin(session, workshop, "areas", version)
    changed = set_areas(
        session,
        f"workshop:{workshop.id}",
        chosen,
        department_id=workshop.department_id,
        actor=actor,
        now=now,
    )
    if changed:
        count(session, workshop, now)
    return changed


def edit_eligibility(
    session: Session,
    workshop: Workshop,
    lines: Sequence[str],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set the classes of people who may come; once somebody registered, only more can be added.

    Raises:
        StateConflict: as for ``edit_fields``.
        InvalidInput: a line cannot be, one that people may have chosen already is changed, or one
            that a rule of priority names would go.

    """
    _begin(session, workshop, "eligibility", version)
    new = check_eligibility(list(lines), field="lines")
    before = [one.label for one in workshop.eligibilities]
    if before == new:
        return False
    if new[: len(before)] != before and has_applications(session, workshop.id):
        raise InvalidInput(
            "すでに申込みがあるため、今ある行は変えられません。"
            "申し込んだ方が選んでいるかもしれないためです。新しい行は後ろに追加できます。",
            field="lines",
        )
    going = {one.id for one in workshop.eligibilities[len(new) :]}
    if going & _named_in(workshop.priority):
        raise InvalidInput(
            "優先のきまりに使っている行は消せません。先に優先のきまりを変えてください。",
            field="lines",
        )
    for position, label in enumerate(new):
        if position < len(before):
            workshop.eligibilities[position].label = label
        else:
            workshop.eligibilities.append(WorkshopEligibility(position=position, label=label))
    del workshop.eligibilities[len(new) :]
    record(
        session,
        workshop,
        "eligibility_edited",
        actor=actor,
        now=now,
        before={"eligibility": before},
        after={"eligibility": new},
    )
    return True


def _begin(session: Session, workshop: Workshop, section: str, version: int) -> None:
    # The pools come first, in the one order of locks: whoever registers is waited for.
    hold_pools(session, workshop)
    hold(session, workshop)
    check_version(workshop, version)
    if not may_edit(workshop, section):
        raise StateConflict(
            "この部分は、今の状態では変えられません。概要で状態を確かめてください。"
        )


def _refuse_frozen(session: Session, workshop: Workshop, changed: Iterable[str]) -> None:
    frozen = [_FROZEN_NAMES[name] for name in changed if name in FROZEN]
    if frozen and has_applications(session, workshop.id):
        raise StateConflict(
            f"すでに申込みがあるため、{'、'.join(frozen)}は変えられません。"
            "申し込んだ方は、案内されたきまりを見て申し込んでいます。"
        )


def _cleaned(value: Any) -> Any:
    return clean_input(value) if isinstance(value, str) else value


def _check(session: Session, workshop: Workshop, new: Mapping[str, Any]) -> None:
    if "title" in new and not new["title"].strip():
        raise InvalidInput("題名を入力してください。", field="title")
    if (
        "kind" in new
        and new["kind"] != workshop.kind
        and not city.kind_of(session, new["kind"]).active
    ):
        raise InvalidInput("種類を選び直してください。", field="kind")
    if "largest_party" in new and not 1 <= new["largest_party"] <= MOST_IN_PARTY:
        raise InvalidInput(
            f"本人を含めて1人から{MOST_IN_PARTY}人までにしてください。", field="largest_party"
        )
    if {line["key"] for line in new.get("sender_fields", ())} - set(FIELDS):
        raise InvalidInput("知らない項目があります。画面を開き直してください。")
    if (
        "sign_up" in new
        and new["sign_up"] is not workshop.sign_up
        and pools_of(session, workshop.id)
    ):
        raise InvalidInput(
            "申込みの単位を変える前に、「日程と定員」で今ある定員を消してください。",
            field="sign_up",
        )
    if "priority" in new:
        _check_priority(workshop, new["priority"])


def _check_priority(workshop: Workshop, rules: Sequence[Mapping[str, Any]]) -> None:
    names = [rule["rule"] for rule in rules]
    if set(names) - {FIRST_TIME, ELIGIBILITY} or len(set(names)) < len(names):
        raise InvalidInput("同じきまりは1回だけ選んでください。", field="second")
    known = {one.id for one in workshop.eligibilities}
    for rule in rules:
        if rule["rule"] == ELIGIBILITY and (not rule["ids"] or set(rule["ids"]) - known):
            raise InvalidInput("優先する方を1つ以上選んでください。", field="ids")


def _named_in(rules: Sequence[Mapping[str, Any]]) -> set[int]:
    return {number for rule in rules for number in rule.get("ids", ())}
