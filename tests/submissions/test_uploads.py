"""P12: what people attach is told by its content, inert, and never a bomb for us."""

import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from participation.core.errors import InvalidInput
from participation.submissions.services.uploads import MOST_BYTES, check_upload

SCRIPT = b"<script>alert(1)</script>"
ROOT = Path(__file__).resolve().parents[2]


def picture(kind, size=(40, 30), **more):
    out = io.BytesIO()
    Image.new("RGB", size, (10, 120, 60)).save(out, kind, **more)
    return out.getvalue()


def office(main="word/document.xml", **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, "<document/>")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def bomb(megabytes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as entry:
            for _ in range(megabytes):
                entry.write(bytes(1024 * 1024))
    return out.getvalue()


def lying_bomb():
    """The headers say that it inflates to a hundred bytes."""
    data = bytearray(bomb(150))
    real = struct.pack("<I", 150 * 1024 * 1024)
    small = struct.pack("<I", 100)
    at = data.rfind(b"PK\x01\x02word"[:4])
    found = data.find(real, at - 200)
    assert found > 0
    while found > 0:
        data[found : found + 4] = small
        found = data.find(real, found)
    return bytes(data)


def pixel_bomb(width=30_000, height=30_000):
    """A PNG of a few kilobytes that says it is 900 million pixels."""

    def chunk(name, body):
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    rows = zlib.compress(bytes((width // 8 + 1) * 200), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7\n1 0 obj\n", "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
        ("意見の補足です。\r\n".encode("cp932"), "text/plain"),
        ("意見の補足です。".encode(), "text/plain"),
        ("意見".encode("utf-16"), "text/plain"),
        (office(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (
            office("xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_what_is_taken(data, media_type):
    for name in ("資料.pdf", "x.html", "../../etc/passwd", ""):
        kind, kept = check_upload(data, name)
        assert kind == media_type
        assert kept


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty", b""),
        ("too large", b"a" * (MOST_BYTES + 1)),
        ("svg", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT),
        ("svg after blanks", b"\xef\xbb\xbf \r\n <svg onload=alert(1)>"),
        ("html", b"<!DOCTYPE html><html>" + SCRIPT),
        ("html in utf-16", "<html><script>alert(1)</script>".encode("utf-16")),
        ("gif with script", b"GIF89a/*" + SCRIPT + b"*/"),
        ("program", b"MZ\x90\x00" + bytes(200)),
        ("elf", b"\x7fELF" + bytes(200)),
        ("old word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("heic", b"\x00\x00\x00\x18ftypheic" + bytes(100)),
        ("plain zip", office("readme.txt")),
        ("both office kinds", office(xl__workbook_xml="<x/>")),
        ("macros", office(word__vbaProject_bin=b"x")),
        ("many entries", office(**{f"p{n}_xml": "x" for n in range(2_100)})),
        ("broken zip", office()[:80]),
        ("bomb", bomb(150)),
        ("lying bomb", lying_bomb()),
        ("pixel bomb", pixel_bomb()),
        ("broken png", picture("PNG")[:60]),
        ("broken jpeg", picture("JPEG")[:100]),
        ("webp that is a wave", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)),
    ],
)
def test_what_is_refused_with_a_sentence(name, data):
    begun = time.process_time()
    with pytest.raises(InvalidInput) as refused:
        check_upload(data, "<b>山田.pdf")
    assert time.process_time() - begun < 10
    assert "山田.pdf" in str(refused.value)
    assert str(refused.value).endswith("。")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_keeps_its_pixels_and_nothing_else(kind):
    exif = Image.Exif()
    exif[0x010E] = "canary-place"
    exif[0x0112] = 6  # turned
    data = picture(kind, exif=exif.tobytes()) + SCRIPT + b"canary-tail"
    assert b"canary" in data
    media_type, kept = check_upload(data, "写真")
    assert media_type == f"image/{kind.lower()}"
    assert b"canary" not in kept
    assert SCRIPT not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (30, 40), "upright, as the camera meant it"
        assert not shown.getexif()


def test_a_transparent_picture_stays_transparent():
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(out, "PNG")
    _type, kept = check_upload(out.getvalue(), "図.png")
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.getpixel((5, 5))[3] == 0


@pytest.mark.slow
def test_the_worst_of_them_stay_below_512_megabytes():
    """In a process of its own, so that its peak is seen."""
    script = (
        "import pathlib, re\n"
        "from PIL import Image\n"
        "from tests.submissions.test_uploads import bomb, lying_bomb, picture, pixel_bomb\n"
        "from participation.submissions.services.uploads import check_upload\n"
        "from participation.core.errors import InvalidInput\n"
        "for data in (bomb(400), lying_bomb(), pixel_bomb(), picture('JPEG', (8000, 4900))):\n"
        "    try:\n"
        "        check_upload(data, 'x')\n"
        "    except InvalidInput:\n"
        "        pass\n"
        # The peak of this program alone: rusage would count the process that it was forked from.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())\n"
        "print(int(peak[1]) // 1024)\n"
    )
    begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 512
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begun < 40
