"""The child process that takes the text out of a PDF: it sees one file and no more.

PDFium is native code that reads whatever a file claims to be; what a hostile file can end is this
process, which runs under limits and without our settings and keys. The PDF comes on stdin, JSON
goes to stdout. Imports nothing of the package, so that it starts at once.
"""

import json
import os
import resource
import sys
from typing import Any

import pypdfium2


def main() -> None:
    """Read the PDF on stdin. Arguments: pages, characters, bytes of memory, seconds."""
    pages, characters, memory, seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = read(sys.stdin.buffer.read(), pages, characters)
    except pypdfium2.PdfiumError as error:
        answer = {"refused": "password" if "password" in str(error).lower() else "broken"}
    except Exception:  # noqa: BLE001 -- whatever else the library stumbles over is the file's doing
        answer = {"refused": "broken"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # without taking the document apart first


def read(data: bytes, max_pages: int, max_characters: int) -> dict[str, Any]:
    """Return the text of each page, or why there is none."""
    document = pypdfium2.PdfDocument(data)
    if len(document) > max_pages:
        return {"refused": "pages"}
    texts = []
    left = max_characters
    for page in document:
        text = page.get_textpage().get_text_bounded()
        page.close()
        left -= len(text)
        if left < 0:
            return {"refused": "text"}
        texts.append(text.encode("utf-8", "replace").decode())
    return {"pages": texts}


if __name__ == "__main__":
    main()
