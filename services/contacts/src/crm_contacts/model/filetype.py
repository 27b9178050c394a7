"""What kind of file some bytes are, by what they say themselves; the name only has to agree."""

import zipfile
from collections.abc import Mapping
from typing import BinaryIO

HEAD = 4096  # bytes looked at
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
# What is taken, and the endings that may stand for it.
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/tiff": ("tif", "tiff"),
    f"{_OFFICE}.wordprocessingml.document": ("docx",),
    f"{_OFFICE}.spreadsheetml.sheet": ("xlsx",),
    f"{_OFFICE}.presentationml.presentation": ("pptx",),
    f"{_OPEN}.text": ("odt",),
    f"{_OPEN}.spreadsheet": ("ods",),
    f"{_OPEN}.presentation": ("odp",),
    "application/msword": ("doc",),
    "application/vnd.ms-excel": ("xls",),
    "application/vnd.ms-powerpoint": ("ppt",),
    "application/rtf": ("rtf",),
    "text/plain": ("txt", "md", "log", "text"),
    "text/csv": ("csv", "tsv"),
    "message/rfc822": ("eml",),
}
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {
    "word/": f"{_OFFICE}.wordprocessingml.document",
    "xl/": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}.presentationml.presentation",
}
_MACROS = "vbaproject.bin"
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<?php")
_LAYOUT = frozenset(b"\t\n\f\r")
_MOST_MEMBERS = 10_000


def sniff(file: BinaryIO, file_name: str) -> str | None:
    """Return the type of a file that is taken; None for any other. Leaves it at its beginning.

    Markup that a browser would run, programs, scripts and office files with macros are not taken;
    nor is a file whose name ends otherwise than its content says.
    """
    file.seek(0)
    head = file.read(HEAD)
    ending = file_name.rpartition(".")[2].lower()
    found = _type(file, head, ending)
    file.seek(0)
    return found if found and ending in ALLOWED[found] else None


def _type(file: BinaryIO, head: bytes, ending: str) -> str | None:
    for mark, found in _MAGIC:
        if head.startswith(mark):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(_ZIP):
        return _packed(file)
    if head.startswith(_OLE):
        return next((kind for kind in _old_office() if ending in ALLOWED[kind]), None)
    return _text(head, ending)


def _old_office() -> tuple[str, ...]:
    return ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint")


def _packed(file: BinaryIO) -> str | None:
    """An office document by the names of its parts; no other archive is taken."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()[:_MOST_MEMBERS]
            if any(name.lower().endswith(_MACROS) for name in names):
                return None
            if "[Content_Types].xml" in names:
                return next(
                    (
                        kind
                        for part, kind in _PARTS.items()
                        if any(n.startswith(part) for n in names)
                    ),
                    None,
                )
            if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < HEAD:
                said = archive.read("mimetype").decode("ascii", "replace")
                return said if said in ALLOWED else None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    return None


def _text(head: bytes, ending: str) -> str | None:
    """Plain text, for it has no other sign: what its ending says, unless it is something else."""
    kinds = ("text/plain", "text/csv", "message/rfc822")
    found = next((kind for kind in kinds if ending in ALLOWED[kind]), None)
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    is_markup = bare.startswith(_MARKUP) or bare.startswith(b"#!")
    is_binary = any(byte < 32 and byte not in _LAYOUT for byte in head)
    return None if not head or is_binary or is_markup else found
