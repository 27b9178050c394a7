"""Files are what they say themselves, or are not taken."""

import io
import zipfile

import pytest

from crm_contacts.model.filetype import ALLOWED, sniff

pytestmark = pytest.mark.unit
PDF, PNG, JPEG = b"%PDF-1.7\n...", b"\x89PNG\r\n\x1a\n....", b"\xff\xd8\xff\xe0...."


def packed(*names: str, **contents: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name, b"x"))
    return kept.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")
ODT = packed("mimetype", "content.xml", mimetype=b"application/vnd.oasis.opendocument.text")


@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (PDF, "contract.PDF", "application/pdf"),
        (PNG, "scan.png", "image/png"),
        (JPEG, "scan.jpeg", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "scan.webp", "image/webp"),
        (DOCX, "offer.docx", next(k for k, v in ALLOWED.items() if v == ("docx",))),
        (ODT, "offer.odt", "application/vnd.oasis.opendocument.text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old.doc", "application/msword"),
        ("Grüße\n".encode(), "note.txt", "text/plain"),
        (b"a;b\n1;2\n", "list.csv", "text/csv"),
    ],
)
def test_what_is_taken_is_known_by_its_content(content, name, mime):
    file = io.BytesIO(content)

    assert sniff(file, name) == mime
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "contract.png"),
        (PNG, "contract.pdf"),
        (b"MZ\x90\x00", "setup.exe"),
        (b"MZ\x90\x00", "setup.txt"),
        (b"\x7fELF\x02\x01", "run.txt"),
        (b"#!/bin/sh\n", "run.txt"),
        (b"<!DOCTYPE html><script>", "page.txt"),
        (b"\xef\xbb\xbf  <svg onload=x>", "picture.txt"),
        (b"<svg/>", "picture.svg"),
        (packed("a.txt"), "files.zip"),
        (packed("a.txt"), "files.docx"),
        (packed("[Content_Types].xml", "word/vbaProject.bin"), "macro.docx"),
        (b"PK\x03\x04broken", "broken.docx"),
        (b"", "empty.txt"),
        (b"text", "noending"),
    ],
)
def test_everything_else_is_not(content, name):
    assert sniff(io.BytesIO(content), name) is None
