"""Ids for very many rows: one's own, also where somebody else takes numbers in between."""

from sqlalchemy import text

from participation.campaigns.models import Opinion
from participation.db.bulk import new_ids


def test_ids_follow_each_other(session):
    first = new_ids(session, Opinion.__table__, 3)
    assert first == list(range(first[0], first[0] + 3))


def test_ids_with_gaps_are_told_one_by_one(session):
    """A sequence that counts by two gives what others leave who count at the same time."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER SEQUENCE opinion_id_seq INCREMENT BY 2"))
        first = new_ids(session, Opinion.__table__, 3)
        assert first == [first[0], first[0] + 2, first[0] + 4]
        session.rollback()
    again = new_ids(session, Opinion.__table__, 2)
    assert again[1] == again[0] + 1
