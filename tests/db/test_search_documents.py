"""Public texts in the search: by kind, department and day, with the place that matched."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.db import search
from participation.db.search import (
    FIELD_BREAK,
    DocumentFilter,
    DocumentKind,
    PublicDocument,
    SearchEntry,
)


def make_document(number: int, words: str, **more: object) -> PublicDocument:
    values: dict[str, object] = {
        "reference": f"workshop:{number}",
        "scope_id": number,
        "kind": DocumentKind.WORKSHOP,
        "department_id": 1,
        "day": date(2024, 5, 1),
        "title": f"催し{number}",
        "text": words,
    }
    return PublicDocument(**(values | more))


def references(session: Session, query: str, **more: object) -> list[str]:
    wanted = DocumentFilter(query, **more)
    found = search.find_documents(session, wanted, limit=100)
    assert search.count_documents(session, wanted) == len(found)
    return [one.reference for one in found]


def test_public_documents_by_kind_and_department(session: Session):
    search.publish(
        session,
        [
            make_document(1, "公園の木陰", day=date(2024, 5, 3)),
            make_document(2, "公園の花", department_id=2),
            make_document(3, "公園", kind=DocumentKind.EDITION, day=date(1969, 1, 1)),
            make_document(4, "道路", department_id=300),
        ],
    )
    # The newest day first, whatever the number; before 1970 there is no order.
    assert references(session, "公園") == ["workshop:1", "workshop:2", "workshop:3"]
    workshops, editions = (DocumentKind.WORKSHOP,), (DocumentKind.EDITION,)
    assert references(session, "公園", kinds=workshops) == ["workshop:1", "workshop:2"]
    assert references(session, "公園", kinds=editions) == ["workshop:3"]
    assert len(references(session, "公園", kinds=workshops + editions)) == 3
    assert references(session, "公園", kinds=workshops, department_id=2) == ["workshop:2"]
    assert references(session, "公園", department_id=300) == []
    assert references(session, "路", department_id=300) == ["workshop:4"]
    assert references(session, "公園", department_id=10**6) == []
    assert references(session, "公園", reference="workshop:2") == ["workshop:2"]
    assert references(session, "", kinds=workshops) == []


def test_a_public_document_says_what_matched_and_goes(session: Session):
    search.publish(session, [make_document(1, FIELD_BREAK.join(["公園の催し", "木陰で話す"]))])
    (found,) = search.find_documents(session, DocumentFilter("催し"), limit=9)
    assert [piece.text for piece in found.marked_title if piece.is_found] == ["催し"]
    assert [piece.text for piece in found.pieces if piece.is_found] == ["催し"]
    assert (found.kind, found.department_id, found.day) == (
        DocumentKind.WORKSHOP,
        1,
        date(2024, 5, 1),
    )
    assert references(session, "し木") == []
    search.withdraw(session, "workshop:1", PublicDocument.place == "other")
    assert references(session, "木陰") == ["workshop:1"]
    search.withdraw(session, "workshop:1")
    assert references(session, "木陰") == []
    assert session.scalar(select(func.count()).select_from(SearchEntry)) == 0


def test_an_excerpt_does_not_say_the_title_again(session: Session):
    fields = ["催し1", "公園の木陰で話す"]
    search.publish(session, [make_document(1, FIELD_BREAK.join(fields))])
    search.publish(session, [make_document(2, "公園だけ", title="公園だけ")])
    found = search.find_documents(session, DocumentFilter("公園"), limit=9)
    assert {"".join(piece.text for piece in one.pieces) for one in found} == {
        "公園の木陰で話す",
        "公園だけ",
    }
    (by_title,) = search.find_documents(session, DocumentFilter("催し"), limit=9)
    assert [piece.text for piece in by_title.marked_title] == ["催し", "1"]
    assert [piece.text for piece in by_title.pieces] == ["公園の木陰で話す"]


def test_documents_of_some_days(session: Session):
    days = [date(2024, 3, 31), date(2024, 4, 1), date(2025, 3, 31), date(2025, 4, 1)]
    search.publish(
        session, [make_document(n, "公園", day=day) for n, day in enumerate(days, start=1)]
    )
    first, last = date(2024, 4, 1), date(2025, 3, 31)
    assert references(session, "公園", first_day=first, last_day=last) == [
        "workshop:3",
        "workshop:2",
    ]
    assert len(references(session, "公園", first_day=first)) == 3
    assert len(references(session, "公園", last_day=last)) == 3
    of_two = (DocumentKind.WORKSHOP, DocumentKind.EDITION)
    assert len(references(session, "公園", last_day=last, kinds=of_two)) == 3
    assert references(session, "公園", first_day=last, last_day=first) == []
