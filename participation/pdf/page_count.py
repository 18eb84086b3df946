"""How many pages a document has."""

from io import BytesIO


def page_count(pdf: bytes) -> int:
    """Return the number of pages of a PDF that we made ourselves."""
    import pikepdf  # slow to import, and only the worker asks

    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)
