"""Reads QR codes as a telephone does: from pixels, by a decoder that is none of ours."""

import io

import pypdfium2
import zxingcpp
from PIL import Image

_DOTS_PER_POINT = 150 / 72  # a poor camera's eye for paper


def codes_in(picture: Image.Image) -> list[str]:
    """Return what the QR codes of a picture say, from the top."""
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    return [one.text for one in sorted(found, key=lambda one: one.position.top_left.y)]


def codes_in_png(picture: bytes) -> list[str]:
    """Return what the QR codes of a PNG file say."""
    with Image.open(io.BytesIO(picture)) as opened:
        return codes_in(opened)


def pages_of(pdf: bytes) -> list[Image.Image]:
    """Return the pages of a PDF as they are printed."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=_DOTS_PER_POINT).to_pil() for page in document]
