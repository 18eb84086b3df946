"""What people attach: told by its content, re-encoded where that is possible, else refused.

What is taken is handed out as a download only, under a sandbox (promise P12).
"""

import io
import threading
import zipfile
import zlib
from pathlib import PurePosixPath

import puremagic
from PIL import Image, ImageFile, ImageOps

from participation.core.errors import InvalidInput

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 5
ACCEPTED = ".pdf,.docx,.xlsx,.png,.jpg,.jpeg,.webp,.txt"
ACCEPTED_WORDS = "PDF、Word（.docx）、Excel（.xlsx）、写真・画像（JPEG、PNG、WebP）、テキスト"

_MOST_PIXELS = 40_000_000  # decoded: 160 MB at most
_MOST_ENTRIES = 2_000
_MOST_INFLATED = 100 * 1024 * 1024
_CHUNK = 256 * 1024
_HEAD = 1024
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": ("PNG", "image/png"),
    b"\xff\xd8\xff": ("JPEG", "image/jpeg"),
    b"RIFF": ("WEBP", "image/webp"),
}
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_GIF = (b"GIF87a", b"GIF89a")  # may be plain letters to its end
_TEXT_ENCODINGS = ("utf-8-sig", "cp932")
# One picture at a time: each takes its decoded size of memory.
_decoding = threading.Lock()


def check_upload(data: bytes, name: str, *, most_bytes: int = MOST_BYTES) -> tuple[str, bytes]:
    """Return the media type of ``data`` by its content, and the bytes to keep.

    Pictures are decoded and written anew without anything but their pixels (place and time of a
    photo among it); the rest is kept as it is.

    Args:
        data: the whole content.
        name: the sender's name for it, for messages only; it decides nothing.
        most_bytes: how long it may be; the city's own documents are longer than what people send.

    Raises:
        InvalidInput: empty, too large, of a kind that is not taken, or made to harm; the text
            says what to do.

    """
    shown = _shown(name)
    if not data:
        raise _refused(shown, "中身がありません。ファイルを確かめて、選び直してください。")
    if len(data) > most_bytes:
        raise _too_large(shown, most_bytes)
    if data.startswith(b"%PDF-"):
        return "application/pdf", data
    for head, (kind, media_type) in _IMAGES.items():
        if data.startswith(head):
            return media_type, _redrawn(data, kind, shown)
    if data.startswith(b"PK\x03\x04"):
        return _office_type(data, shown), data
    if _is_text(data) and not data.startswith(_GIF):
        return "text/plain", data
    raise _refused(shown, f"{_guess(data)}受け付けられるのは、{ACCEPTED_WORDS}です。")


def check_picture(
    data: bytes, name: str, *, widest: int, most_bytes: int = MOST_BYTES
) -> tuple[str, bytes]:
    """Return the media type of a photograph to be published, and its pixels as a new file.

    Args:
        data: the whole content.
        name: the sender's name for it, for messages only.
        widest: pixels of its longer side at most; a larger one is made smaller.
        most_bytes: how long the file may be.

    Raises:
        InvalidInput: it is no picture that is taken; the text says what to do.

    """
    shown = _shown(name)
    kinds = [found for head, found in _IMAGES.items() if data.startswith(head)]
    if not kinds:
        raise _refused(shown, "写真・画像（JPEG、PNG、WebP）を選んでください。")
    if len(data) > most_bytes:
        raise _too_large(shown, most_bytes)
    kind, media_type = kinds[0]
    return media_type, _redrawn(data, kind, shown, widest)


def _shown(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name[-80:] or "ファイル"


def _too_large(shown: str, most_bytes: int) -> InvalidInput:
    return _refused(
        shown,
        f"{most_bytes // 1024 // 1024}MBを超えています。分けるか小さくして、選び直してください。",
    )


def _redrawn(data: bytes, kind: str, shown: str, widest: int | None = None) -> bytes:
    """Return the picture's pixels as a new file of the same kind."""
    with _decoding:
        try:
            # WeasyPrint, once imported, lets the whole process take pictures that are cut off.
            ImageFile.LOAD_TRUNCATED_IMAGES = False
            with Image.open(io.BytesIO(data), formats=[kind]) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise _refused(
                        shown,
                        f"画像が大きすぎます（{_MOST_PIXELS // 1_000_000}00万画素まで）。"
                        "縮小して、選び直してください。",
                    )
                upright = ImageOps.exif_transpose(picture)
                mode = "RGBA" if _is_transparent(upright) and kind != "JPEG" else "RGB"
                pixels = upright.convert(mode)
                pixels.info.clear()
                if widest is not None:
                    pixels.thumbnail((widest, widest))
                out = io.BytesIO()
                pixels.save(out, kind, **({} if kind == "PNG" else {"quality": 90}))
        except (
            OSError,
            ValueError,
            SyntaxError,  # how Pillow calls a broken PNG
            MemoryError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ):
            raise _refused(
                shown, "画像として開けません。別の形式（JPEGなど）で保存し直してください。"
            ) from None
    return out.getvalue()


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info


def _office_type(data: bytes, shown: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > _MOST_ENTRIES:
                raise _bomb(shown)
            found = [kind for part, kind in _OFFICE.items() if part in names]
            if "[Content_Types].xml" not in names or len(found) != 1:
                raise _refused(
                    shown,
                    f"圧縮ファイルは受け付けていません。{ACCEPTED_WORDS}のまま添付してください。",
                )
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise _refused(
                    shown, "マクロが入っています。マクロのない形式で保存し直してください。"
                )
            _measure(archive, entries, shown)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        # RuntimeError is how zipfile says that a password is needed.
        raise _refused(
            shown, "開けません。壊れているか、パスワードがかかっていないか確かめてください。"
        ) from None
    return found[0]


def _measure(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], shown: str) -> None:
    """Inflate everything piece by piece: what the headers say of the sizes may be a lie."""
    inflated = 0
    for entry in entries:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                inflated += len(chunk)
                if inflated > _MOST_INFLATED:
                    raise _bomb(shown)


def _is_text(data: bytes) -> bool:
    """Whether it is a plain text; what begins like markup (HTML, SVG, XML) is not."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates: tuple[str, ...] = ("utf-16",)
    else:
        candidates = _TEXT_ENCODINGS
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        odd = any(ord(sign) < 32 and sign not in "\t\n\r\x0c\x1a" for sign in text)  # noqa: PLR2004
        return not odd and not text.lstrip("\ufeff \t\r\n\u3000").startswith("<")
    return False


def _guess(data: bytes) -> str:
    """Return a sentence on what the file seems to be, or nothing."""
    head = data[:_HEAD].lstrip()
    if head.startswith(b"<") or b"<svg" in head.lower() or b"<html" in head.lower():
        return "HTML・SVG・XMLのファイルは、開くだけで動くものが入りうるため受け付けていません。"
    try:
        kind = puremagic.from_string(data[: 64 * 1024])
    except (puremagic.PureError, ValueError):
        return "この種類のファイルは受け付けていません。"
    return f"この種類のファイル（{kind}）は受け付けていません。"


def _bomb(shown: str) -> InvalidInput:
    return _refused(shown, "広げると大きくなりすぎます。小さくして、選び直してください。")


def _refused(shown: str, why: str) -> InvalidInput:
    return InvalidInput(f"「{shown}」：{why}", field="files")
