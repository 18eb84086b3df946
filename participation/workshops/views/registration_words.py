"""What pages and files of registrations share: words of seats, columns, the filter."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from participation.city.queries import kind_of
from participation.submissions.sender_fields import SenderField, sender_fields
from participation.workshops.forms.registrations import BoardForm
from participation.workshops.models import SeatPool, Workshop
from participation.workshops.queries.registration_lists import BoardFilter
from participation.workshops.registration_file import Columns
from participation.workshops.wording import days_by_id, pool_words


def pool_names(workshop: Workshop, pools: Iterable[SeatPool]) -> dict[int, str]:
    """Return the words of each pool by its id."""
    days = days_by_id(workshop.days)
    return {pool.id: pool_words(pool, days) for pool in pools}


def columns_of(session: Session, workshop: Workshop, pools: Sequence[SeatPool]) -> Columns:
    """Return the columns of an event's list; an e-mail address has one also when not asked for."""
    fields = sender_fields(workshop.sender_fields)
    if all(field.key != "email" for field in fields):
        fields = (*fields, SenderField("email", "メールアドレス", required=False))
    kind = kind_of(session, workshop.kind)
    return Columns(
        pools=pool_names(workshop, pools),
        eligibilities={one.id: one.label for one in workshop.eligibilities},
        fields=fields,
        extra=tuple((field.key, field.label) for field in kind.fields_on("form")),
    )


def asked(names: Mapping[int, str]) -> tuple[BoardForm, BoardFilter, bool]:
    """Return the board's filter from the address, and whether it could be read.

    Args:
        names: the pools that can be asked for.

    """
    form = BoardForm(request.args)
    form.offer(names.items())
    valid = bool(form.validate())
    return form, form.wanted() if valid else BoardFilter(), valid


def arguments_of(wanted: BoardFilter) -> dict[str, Any]:
    """Return a filter as arguments of an address."""
    values = {
        "pool": str(wanted.pool_id or ""),
        "status": "" if wanted.status is None else wanted.status.value,
        "channel": "" if wanted.channel is None else wanted.channel.value,
        "number": wanted.number,
        "to_call": "y" if wanted.to_call else "",
    }
    return {name: value for name, value in values.items() if value}
