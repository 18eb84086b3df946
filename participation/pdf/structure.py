"""Mends the structure tree that a screen reader follows, before the PDF is written.

WeasyPrint tags page by page: a table that runs over three pages becomes three tables, each with
its header row, and a row cut by the end of a page becomes two rows. Here every HTML element gets
one structure element again, however many pages it runs over; header rows repeated at the top of
a page, running titles and page numbers become artifacts, which are not read aloud; header cells
say for what they are headers (Scope).

A cell with ``data-continues="x"`` is printed below the cell with ``data-cell="x"`` to look like
one with it, and becomes one with it here.

It works on WeasyPrint's boxes and pydyf's objects, which are not promised to stay as they are:
the version is pinned, and tests walk the finished tree.
"""

from collections.abc import Iterator
from typing import Any

import pydyf

from participation.pdf.errors import RenderError

_SCOPES = {"col": "/Column", "row": "/Row"}


def speed_up() -> None:
    """Make pydyf remember the references of its pages.

    It makes a list of all pages anew for every tagged element, so that a document of ten times
    the pages spent a hundred times as long on that.
    """
    pydyf.PDF.page_references = property(_page_references)


def _page_references(pdf: Any) -> tuple[bytes, ...]:
    known: tuple[bytes, ...] = vars(pdf).get("known_pages", ())
    if len(known) != pdf.pages["Count"]:
        known = tuple(b"%d 0 R" % number for number in pdf.pages["Kids"][::3])
        vars(pdf)["known_pages"] = known
    return known


def repair(document: Any, pdf: Any) -> None:
    """Mend the tree of ``pdf`` (a ``pydyf.PDF``) made from ``document``; a WeasyPrint finisher."""
    mender = _Mender(pdf)
    for page in document.pages:
        for table in _tables(page._page_box):  # noqa: SLF001 -- the only way to the boxes
            mender.table(table)
    _Gatherer(pdf).run()


def _tables(box: Any) -> Iterator[Any]:
    from weasyprint.formatting_structure import boxes

    if isinstance(box, boxes.TableBox):
        yield box
    elif isinstance(box, boxes.ParentBox) and not isinstance(box, boxes.LineBox):
        for child in box.children:
            yield from _tables(getattr(child, "_box", child))


class _Mender:
    """Joins what the ends of pages cut apart. Elements are known by the HTML they came from."""

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.first: dict[Any, Any] = {}  # HTML element (or data-cell) -> structure element
        self.last_child: dict[int, Any] = {}  # a cell's number -> HTML element of its last child
        self.rows_of: dict[int, set[int]] = {}  # a cell's number -> the rows it reaches over

    def table(self, table: Any) -> None:
        """Take in one page's part of a table."""
        groups = [group for group in table.children if any(row.children for row in group.children)]
        if not groups:
            return
        part = self._parent(self._group_of(groups[0]))
        whole = self.first.setdefault(table.element, part)
        for group in groups:
            if whole is not part and group.is_header:
                continue  # never linked to the whole, so it becomes an artifact
            self._group(whole, group)
        if whole is not part:
            self._parent(part)["K"].remove(part.reference)

    def _group(self, table: Any, group: Any) -> None:
        part = self._group_of(group)
        whole = self.first.setdefault(group.element, part)
        if whole is part:
            self._adopt(table, part)
        for row in group.children:
            if row.children:
                self._row(whole, row)

    def _row(self, group: Any, row: Any) -> None:
        part = self._parent(row.children[0].mark)
        whole = self.first.setdefault(row.element, part)
        if whole is part:
            self._adopt(group, part)
        for cell in row.children:
            self._cell(whole, cell)

    def _cell(self, row: Any, cell: Any) -> None:
        part, html = cell.mark, cell.element
        _describe(part, html)
        whole = self.first.setdefault(
            html.get("data-continues") or html.get("data-cell") or html, part
        )
        if whole is part:
            self.rows_of[whole.number] = {row.number}
            self._adopt(row, part)
        else:
            self._reach_over(whole, row, part)
            self._join(whole, part, cell)
        if cell.children:
            self.last_child[whole.number] = cell.children[-1].element

    def _reach_over(self, whole: Any, row: Any, part: Any) -> None:
        """Take ``part`` out of ``row``, where ``whole`` reaches down to it instead."""
        if row.number not in self.rows_of[whole.number]:
            self.rows_of[whole.number].add(row.number)
            row["K"].remove(part.reference)
            whole["A"]["RowSpan"] = whole["A"].get("RowSpan", 1) + 1

    def _join(self, whole: Any, part: Any, cell: Any) -> None:
        """Move the content of ``part`` to the end of ``whole``."""
        kids = [self._object(reference) for reference in part["K"]]
        if not kids:
            return
        cut_inside = cell.children[0].element is self.last_child.get(whole.number)
        if cut_inside and whole["K"] and isinstance(kids[0]["K"][0], bytes):
            # The page ended inside this paragraph: its rest is no paragraph of its own.
            paragraph, rest = self._object(whole["K"][-1]), kids.pop(0)
            for reference in rest["K"]:
                self._adopt(paragraph, self._object(reference))
        for kid in kids:
            self._adopt(whole, kid)

    def _adopt(self, parent: Any, child: Any) -> None:
        if child["P"] != parent.reference:
            child["P"] = parent.reference
            parent["K"].append(child.reference)

    def _group_of(self, group: Any) -> Any:
        row = next(row for row in group.children if row.children)
        return self._parent(self._parent(row.children[0].mark))

    def _parent(self, element: Any) -> Any:
        return self._object(element["P"])

    def _object(self, reference: bytes) -> Any:
        return _object(self.pdf, reference)


def _describe(cell: Any, html: Any) -> None:
    """Say what a header cell is a header for.

    WeasyPrint names headers by IDs instead, which repeat on each page a table runs over, and
    leaves out the index of IDs that the standard asks for.
    """
    cell.pop("ID", None)
    cell["A"].pop("Headers", None)
    if cell["S"] == "/TH":
        cell["A"]["Scope"] = _SCOPES[html.get("scope", "col")]


class _Gatherer:
    """Goes through the mended tree once: simplifies it and notes which content it holds."""

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.root = _object(pdf, pdf.catalog["StructTreeRoot"])
        numbers = _object(pdf, self.root["ParentTree"])["Nums"]
        self.owners = dict(zip(numbers[::2], numbers[1::2], strict=True))
        self.pages = {
            reference: _object(pdf, reference)["StructParents"] for reference in pdf.page_references
        }
        self.held: dict[int, set[int]] = {number: set() for number in self.pages.values()}

    def run(self) -> None:
        """Go through the whole tree, then hide what was not in it."""
        for reference in self.root["K"]:
            self._element(_object(self.pdf, reference))
        for reference, number in self.pages.items():
            elements, held = self.owners[number], self.held[number]
            hidden = {mcid for mcid in range(len(elements)) if mcid not in held}
            for mcid in hidden:
                elements[mcid] = b"null"
            page = _object(self.pdf, reference)
            _make_artifacts(_object(self.pdf, page["Contents"]).stream, hidden)

    def _element(self, element: Any) -> None:
        """Take over the content of plain spans: WeasyPrint makes one for every line of text."""
        if element.get("S") == "/Figure" and "Alt" not in element:
            raise RenderError("図に説明（title か alt）がありません。")
        kids: list[int | bytes] = []
        for kid in element.get("K", ()):
            below = _object(self.pdf, kid) if isinstance(kid, bytes) else None
            if below is None:
                self._hold(element, kid)
                kids.append(kid)
                continue
            self._element(below)
            content = _plain_content(below)
            if content and below["Pg"] == element.get("Pg"):
                for mcid in content:
                    self._hold(element, mcid)
                kids += content
                below.clear()
            else:
                kids.append(kid)
        if "K" in element:
            element["K"] = kids[0] if len(kids) == 1 else pydyf.Array(kids)

    def _hold(self, element: Any, mcid: int) -> None:
        page = self.pages[element["Pg"]]
        self.held[page].add(mcid)
        self.owners[page][mcid] = element.reference


def _plain_content(element: Any) -> list[int]:
    """Return the pieces of page content that a span holds which says nothing about them."""
    if element.get("S") != "/Span" or not element.keys() <= {"Type", "S", "P", "Pg", "K"}:
        return []
    kids = element["K"] if isinstance(element["K"], list) else [element["K"]]
    return kids if all(isinstance(kid, int) for kid in kids) else []


def _make_artifacts(operations: list[Any], hidden: set[int]) -> None:
    for index, operation in enumerate(operations):
        if isinstance(operation, pydyf.Dictionary) and operation.get("MCID") in hidden:
            operations[index - 1] = "/Artifact"
            operations[index] = pydyf.Dictionary({"Type": "/Pagination"})


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split(maxsplit=1)[0])]
