"""Reads a tagged PDF back as a screen reader would: elements of the structure tree with their text.

The tree comes from pikepdf, the text of each piece of marked content from PDFium, so neither is
taken from the code that wrote the file.
"""

import ctypes
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium


@dataclass(frozen=True)
class Box:
    """Where a piece of text stands, in points from the page's lower left corner."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class _Piece:
    text: str
    boxes: tuple[Box, ...]


@dataclass
class Element:
    """One structure element with all text below it."""

    role: str
    pieces: list[str] = field(default_factory=list)  # text directly in it and in its children
    children: list["Element"] = field(default_factory=list)
    attributes: dict[str, str | int] = field(default_factory=dict)
    boxes: list["Box"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, *roles: str) -> list["Element"]:
        return [element for element in self.walk() if element.role in roles]


def read_tree(pdf: bytes) -> Element:
    """Return the document element."""
    contents = _marked_text(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        numbers = {page.objgen: number for number, page in enumerate(document.pages)}

        def read(node: pikepdf.Object) -> Element:
            attributes = node.get("/A", pikepdf.Dictionary())
            element = Element(
                str(node["/S"]).removeprefix("/"),
                attributes={
                    key.removeprefix("/"): value if isinstance(value, int) else str(value)
                    for key, value in attributes.items()
                },
            )
            for kid in _kids(node):
                if isinstance(kid, int):
                    piece = contents[numbers[node["/Pg"].objgen]].pop(kid, None)
                    if piece:  # a line of blanks draws nothing
                        element.pieces.append(piece.text)
                        element.boxes += piece.boxes
                else:
                    assert kid["/P"].objgen == node.objgen, "a child that names another parent"
                    child = read(kid)
                    element.children.append(child)
                    element.pieces += child.pieces
                    element.boxes += child.boxes
            return element

        roots = _kids(document.Root.StructTreeRoot)
        assert len(roots) == 1
        tree = read(roots[0])
    left = {page: texts for page, texts in contents.items() if texts}
    assert not left, f"tagged content that no element holds: {left}"
    return tree


def grid(table: Element) -> list[list[Element]]:
    """Return the table's cells by row and column; a spanning cell stands in every place."""
    places: dict[tuple[int, int], Element] = {}
    rows = table.find("TR")
    for number, row in enumerate(rows):
        column = 0
        for cell in row.children:
            assert cell.role in {"TH", "TD"}
            while (number, column) in places:
                column += 1
            for down in range(int(cell.attributes.get("RowSpan", 1))):
                for right in range(int(cell.attributes.get("ColSpan", 1))):
                    assert (number + down, column + right) not in places, "cells overlap"
                    places[number + down, column + right] = cell
    width = max(column for _, column in places) + 1
    assert len(places) == len(rows) * width, "the table has holes"
    return [[places[row, column] for column in range(width)] for row in range(len(rows))]


def page_texts(pdf: bytes) -> list[str]:
    """Return the text of each page as PDFium reads it, in the order it is drawn."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def used_glyphs(pdf: bytes) -> dict[str, set[int]]:
    """Return the glyph numbers that the pages draw, by font."""
    used: dict[str, set[int]] = defaultdict(set)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            fonts = page.Resources.Font
            font = ""
            for instruction in pikepdf.parse_content_stream(page):
                operator = str(instruction.operator)
                if operator == "Tf":
                    font = str(fonts[str(instruction.operands[0])].BaseFont)
                elif operator == "Tj":
                    _add_glyphs(used[font], instruction.operands[0])
                elif operator == "TJ":
                    for part in instruction.operands[0]:
                        if isinstance(part, pikepdf.String):
                            _add_glyphs(used[font], part)
    return used


def save(pdf: bytes, path: Path) -> str:
    """Write ``pdf`` for a tool that wants a file, and return the path as text."""
    path.write_bytes(pdf)
    return str(path)


def _add_glyphs(glyphs: set[int], text: pikepdf.Object) -> None:
    codes = bytes(text)
    glyphs.update(int.from_bytes(codes[i : i + 2], "big") for i in range(0, len(codes), 2))


def _kids(node: pikepdf.Object) -> list[pikepdf.Object | int]:
    kids = node.get("/K", pikepdf.Array())
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _marked_text(pdf: bytes) -> dict[int, dict[int, _Piece]]:
    """Return page -> MCID -> text with its places."""
    found: dict[int, dict[int, _Piece]] = {}
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document):
            pieces = found[number] = {}
            textpage = page.get_textpage()
            for item in page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT]):
                mcid = pdfium.FPDFPageObj_GetMarkedContentID(item)
                if mcid < 0:
                    continue
                before = pieces.get(mcid, _Piece("", ()))
                pieces[mcid] = _Piece(
                    before.text + _object_text(item, textpage),
                    (*before.boxes, Box(number, *item.get_bounds())),
                )
    return found


def _object_text(item: pypdfium2.PdfObject, textpage: pypdfium2.PdfTextPage) -> str:
    size = pdfium.FPDFTextObj_GetText(item, textpage, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFTextObj_GetText(
        item, textpage, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size
    )
    # PDFium gives a hyphen at the end of a line as U+0002, to be joined or not.
    return buffer.raw.decode("utf-16-le").removesuffix("\0").replace("\x02", "-")
