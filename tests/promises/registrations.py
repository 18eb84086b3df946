"""Registrations as promise P1 puts them to the test: each by somebody new, seats counted."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.submissions.models import Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import Registration, SeatPool
from tests.bench import bench_registration as bench
from tests.bench.intake import Visitor
from tests.promises.killing import Flow


def _form(target: bench.Target, visitor: Visitor, text: str) -> dict[str, str]:
    return {**bench.form(target, visitor), "s-name": text}


def _stored(session: Session) -> Sequence[tuple[str, str]]:
    [taken] = session.scalars(select(SeatPool.taken))
    assert taken == session.scalar(select(func.sum(Registration.seats))), "the seats add up"
    rows = session.execute(
        select(Sender, Receipt.number).join(Receipt, Receipt.id == Sender.receipt_id)
    )
    return [(contents_of(session, sender)["name"], number) for sender, number in rows]


REGISTRATIONS = Flow(make_target=bench.make_target, visit=bench.visit, form=_form, stored=_stored)
