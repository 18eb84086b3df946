"""Looking into an Office file's ZIP before any parser does: what it is, and how large it grows."""

import io
import struct
import zipfile
import zlib

from participation.core.errors import InvalidInput
from participation.sheets.table import Limits, shown_name

_SLICE = 1 << 18
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, …, length of the name, of the extra field
_ENCRYPTED_FLAG = 0x1

_SAVE_AS_XLSX = (
    "Excelなどで開き、「名前を付けて保存」で「Excelブック（*.xlsx）」を選んで保存し直してください。"
)


def check_archive(data: bytes, filename: str, limits: Limits) -> None:
    """Refuse a ZIP that is no workbook, or that grows beyond ``limits`` when inflated.

    The sizes in its directory are checked first, since honest bombs end there at no cost. But
    they are only claims, so every entry is then inflated, in slices that are thrown away, and
    counted. A document type (DTD) at the beginning is refused too: no Office file has one, and
    entities grow. One further on gains nothing: the parser knows no entities of a file's own.

    Raises:
        InvalidInput: with what to do.

    """
    name = shown_name(filename)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error):
        raise broken(name) from None
    if len(entries) > limits.zip_entries or _claimed(entries) > limits.inflated_bytes:
        raise _too_large(name, limits)
    _refuse_other_documents({entry.filename for entry in entries}, name)
    left = limits.inflated_bytes
    for entry in entries:
        left -= _inflated_size(data, entry, left, name, limits)


def broken(name: str) -> InvalidInput:
    """Return the refusal of a workbook that no parser understands."""
    return InvalidInput(
        f"「{name}」はExcelファイルとして読み取れません（壊れているか、特殊な作りです）。"
        + _SAVE_AS_XLSX
    )


def _too_large(name: str, limits: Limits) -> InvalidInput:
    return InvalidInput(
        f"「{name}」は展開すると{limits.inflated_bytes / 1e6:,.0f}MBを超えるため、読み取れません。"
        "必要な行と列だけを新しいブックに値として貼り付け、保存し直してください。"
    )


def _claimed(entries: list[zipfile.ZipInfo]) -> int:
    return sum(entry.file_size for entry in entries)


def _refuse_other_documents(names: set[str], name: str) -> None:
    if "xl/workbook.bin" in names:
        raise InvalidInput(f"「{name}」はExcelバイナリブック（.xlsb）です。" + _SAVE_AS_XLSX)
    if "xl/workbook.xml" in names:
        return
    if "content.xml" in names or "Index/Document.iwa" in names:
        raise InvalidInput(
            f"「{name}」はExcel以外の表計算ソフトの形式（.ods、.numbersなど）です。" + _SAVE_AS_XLSX
        )
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise InvalidInput(
            f"「{name}」はWordやPowerPointの文書です。Excelファイル（.xlsx）かCSVを選んでください。"
        )
    raise InvalidInput(
        f"「{name}」はExcelファイルではありません。ZIPの場合は、展開してから中のファイルを"
        "選んでください。"
    )


def _inflated_size(
    data: bytes, entry: zipfile.ZipInfo, left: int, name: str, limits: Limits
) -> int:
    """Return the entry's true size; not through zipfile, which stops where the directory says."""
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise InvalidInput(
            f"「{name}」はパスワードで保護されています。パスワードを解除して保存し直してください。"
        )
    try:
        signature, name_length, extra_length = _LOCAL_HEADER.unpack_from(data, entry.header_offset)
    except struct.error:
        raise broken(name) from None
    start = entry.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    packed = memoryview(data)[start : start + entry.compress_size]
    if signature != b"PK\x03\x04" or len(packed) != entry.compress_size:
        raise broken(name)
    if entry.compress_type == zipfile.ZIP_STORED:
        _refuse_document_type(bytes(packed[:_SLICE]), name)
        size = len(packed)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        size = _deflated_size(packed, left, name, limits)
    else:
        raise broken(name)
    if size != entry.file_size:
        raise broken(name)
    return size


def _deflated_size(packed: memoryview, left: int, name: str, limits: Limits) -> int:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size = fed = 0
    pending: bytes | memoryview = b""
    while not inflater.eof:
        if not pending:
            # In slices as well: zlib hands back, as a copy, what it did not come to.
            pending = packed[fed : fed + _SLICE]
            fed += len(pending)
        ended = not pending
        try:
            piece = inflater.decompress(pending, _SLICE)
        except zlib.error:
            raise broken(name) from None
        if size == 0:
            _refuse_document_type(piece, name)
        size += len(piece)
        if size > left:
            raise _too_large(name, limits)
        pending = inflater.unconsumed_tail
        if ended and not piece:
            raise broken(name)  # the stream ends too early
    return size


def _refuse_document_type(beginning: bytes, name: str) -> None:
    if b"<!DOCTYPE" in beginning:
        raise broken(name)
