"""The public form with children: added, removed, looked after."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from participation.core import clock
from participation.submissions.models import Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import (
    SeatKind,
)
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_workshop
from tests.workshops.register_form import begin, filled, hidden, receipt_page, url


def test_children_are_added_and_removed_without_losing_anything(client, session, workshop, pool):
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE, capacity=5)
    session.commit()
    key = begin(client, workshop)
    data = filled(workshop, key, pool, act="add", childcare=str(care.id)) | {
        "c0-name": "さくら",
        "c0-year": "令和６",
        "c0-month": "２",
        "c0-day": "29",
    }
    page = post(client, url(workshop), data)
    assert hidden(page.text, "n") == "2"
    for text in ("さくら", "令和６", "相模 花子", 'name="childcare" value="' + str(care.id)):
        assert text in page.text
    two = data | {
        "n": "2",
        "act": "send",
        "c1-name": "うめ",
        "c1-year": "2023",
        "c1-month": "4",
        "c1-day": "2",
    }
    removed = post(client, url(workshop), two | {"act": "remove:0"})
    assert "さくら" not in removed.text
    assert "うめ" in removed.text
    _number, _secret, shown = receipt_page(client, post(client, url(workshop), two))
    assert "お子さん2名" in shown.text
    sender = contents_of(session, session.scalar(select(Sender)))
    assert sender["children"] == (
        '[{"name": "さくら", "born": "2024-02-29"}, {"name": "うめ", "born": "2023-04-02"}]'
    )
    session.expire_all()
    assert (pool.taken, care.taken) == (1, 2)


def test_childcare_has_its_ages_and_its_deadline(client, session, monkeypatch):
    starts_at = datetime(2026, 12, 5, 5, tzinfo=UTC)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    workshop = make_workshop(session, make_department(session), starts_at=starts_at)
    pool = make_pool(session, workshop, closes_at=now + timedelta(days=9))
    care = make_pool(
        session,
        workshop,
        kind=SeatKind.CHILDCARE,
        capacity=5,
        youngest_months=7,
        until_school=True,
        closes_at=now + timedelta(days=2),
    )
    session.commit()

    def answer(born: date):
        data = filled(workshop, begin(client, workshop), pool, act="confirm") | {
            "childcare": str(care.id),
            "c0-name": "さくら",
            "c0-year": str(born.year),
            "c0-month": str(born.month),
            "c0-day": str(born.day),
        }
        return post(client, url(workshop), data)

    for born, taken in (
        (date(2026, 5, 5), True),
        (date(2026, 5, 6), False),
        (date(2020, 4, 2), True),
        (date(2020, 4, 1), False),
    ):
        page = answer(born)
        assert (page.status_code == 200) is taken, born
        assert ('href="#c0-year"' in page.text) is not taken
    monkeypatch.setattr(clock, "now", lambda: care.closes_at)
    late = answer(date(2022, 1, 1))
    assert 'href="#childcare"' in late.text
    assert "託児の受付は終わりました" in late.text
