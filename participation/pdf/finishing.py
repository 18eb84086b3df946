"""The last pass over a finished PDF: its dates, its metadata, and what must never be in it."""

import io
from datetime import UTC, datetime

import pikepdf

from participation.pdf.errors import RenderError

_PRODUCER = "WeasyPrint"  # without its version: a published file tells nothing about the machine
_PRINT = 4  # annotation flag: shown on paper too, as PDF/UA asks
_LINK_SCHEMES = ("https://", "http://", "mailto:")
_ACTIVE = ("/OpenAction", "/AA", "/AcroForm", "/Collection", "/AF")


def finish(raw: bytes, *, created: datetime) -> bytes:
    """Return ``raw`` with its dates and metadata, checked and written in one fixed way.

    Raises:
        RenderError: the document is not tagged, has no title or language, carries a file or
            script, or links to anything but a web page, a mail address or itself.

    """
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        _refuse_active(pdf)
        for page in pdf.pages:
            for annotation in page.obj.get("/Annots", ()):
                _check_link(annotation)
                annotation["/F"] = int(annotation.get("/F", 0)) | _PRINT
        _describe(pdf, created)
        _check_accessible(pdf)
        out = io.BytesIO()
        pdf.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
            fix_metadata_version=False,
        )
    return out.getvalue()


def _describe(pdf: pikepdf.Pdf, created: datetime) -> None:
    moment = created.astimezone(UTC)
    language = str(pdf.Root.get("/Lang", ""))
    pdf.docinfo["/Producer"] = _PRODUCER
    for key in ("/CreationDate", "/ModDate"):
        pdf.docinfo[key] = moment.strftime("D:%Y%m%d%H%M%SZ")
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["pdf:Producer"] = _PRODUCER
        metadata["dc:language"] = [language]
        for key in ("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate"):
            metadata[key] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_accessible(pdf: pikepdf.Pdf) -> None:
    root, nothing = pdf.Root, pikepdf.Dictionary()
    title = str(pdf.docinfo.get("/Title", "")).strip()
    faults = [
        fault
        for fault, is_there in (
            ("題名がありません", title),
            ("言語の指定がありません", str(root.get("/Lang", ""))),
            ("タグがありません", root.get("/StructTreeRoot")),
            ("タグ付きの印がありません", root.get("/MarkInfo", nothing).get("/Marked")),
            (
                "題名を表示する指定がありません",
                root.get("/ViewerPreferences", nothing).get("/DisplayDocTitle"),
            ),
        )
        if not is_there
    ]
    if faults:
        raise RenderError("PDF/UAになりません: " + "、".join(faults))


def _refuse_active(pdf: pikepdf.Pdf) -> None:
    names = pdf.Root.get("/Names", pikepdf.Dictionary())
    found = [key for key in _ACTIVE if key in pdf.Root]
    found += [key for key in ("/EmbeddedFiles", "/JavaScript") if key in names]
    if found:
        raise RenderError(f"PDFに入れられないものが含まれています: {'、'.join(found)}")


def _check_link(annotation: pikepdf.Object) -> None:
    action = annotation.get("/A")
    if annotation.get("/Subtype") != "/Link":
        raise RenderError(f"PDFに入れられない注釈です: {annotation.get('/Subtype')}")
    if action is None:
        return  # a destination inside the document
    address = str(action.get("/URI", ""))
    if action.get("/S") != "/URI" or not address.startswith(_LINK_SCHEMES):
        raise RenderError(f"PDFに入れられないリンクです: {address[:200]}")
