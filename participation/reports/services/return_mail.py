"""The mail that tells a contributor which of their entries came back, and why."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.accounts.models import StaffUser
from participation.core.actors import Actor
from participation.mail.links import site_url
from participation.mail.services import send
from participation.reports.labels import NOTHING, column_label
from participation.reports.models import Entry, EntryEvent
from participation.reports.queries.entries import round_year_of

_EXCERPT = 80
# Where a sent-back entry is worked on; who is not signed in does so on the way.
_ENTRY = "/staff/reports/entries/{}/edit"
_ITEM = "/staff/reports/?year={}&department={}#item-{}"


def tell_of_returns(
    session: Session, entries: Sequence[Entry], *, reason: str, actor: Actor, now: datetime
) -> None:
    """Write one mail to each person who had submitted one of ``entries``.

    Somebody who sent back an own entry, or has left, gets none.
    """
    submitters = _submitters(session, [entry.id for entry in entries])
    theirs: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.id in submitters:
            theirs[submitters[entry.id]].append(entry)
    people = session.scalars(
        select(StaffUser)
        .where(StaffUser.id.in_(theirs), StaffUser.disabled_at.is_(None))
        .order_by(StaffUser.id)
    )
    for person in people:
        if person.id == actor.staff_id:
            continue
        returned = theirs[person.id]
        send(
            session,
            kind="reports.entry_returned",
            recipient=person.email,
            subject=f"年次報告の記載が差し戻されました（{len(returned)}件）",
            body=_body(person.name, returned, reason, actor.name, site_url(session)),
            now=now,
        )


def _submitters(session: Session, entry_ids: list[int]) -> dict[int, int]:
    rows = session.execute(
        select(EntryEvent.entry_id, EntryEvent.actor_id)
        .where(EntryEvent.entry_id.in_(entry_ids), EntryEvent.act == "submitted")
        .order_by(EntryEvent.version)
    )
    return {entry_id: actor_id for entry_id, actor_id in rows if actor_id is not None}


def _body(name: str, entries: list[Entry], reason: str, sender: str, site: str) -> str:
    lines = [
        f"{name} 様",
        "",
        f"{sender} さんが、次の記載を差し戻しました。",
        "それぞれのリンクを開き、内容を直して、もう一度提出してください。",
        "",
        "【理由】",
        reason,
        "",
        "【差し戻された記載】",
    ]
    for entry in entries:
        words = NOTHING if entry.nothing else " ".join(entry.text.split())
        excerpt = words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"
        lines.append(
            f"・{entry.item.code}（{column_label(entry.kind, entry.fiscal_year)}）{excerpt}"
        )
        lines.append(f"　{site}{_path(entry)}")
    return "\n".join(lines) + "\n"


def _path(entry: Entry) -> str:
    if not entry.nothing:
        return _ENTRY.format(entry.id)
    # An answer 該当なし has no text to edit: at its item it is taken back, or something written.
    year = round_year_of(entry.kind, entry.fiscal_year)
    return _ITEM.format(year, entry.department_id, entry.item_id)
