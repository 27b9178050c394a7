"""A file on its way from a visitor's form to a service, a piece at a time."""

import io
from collections.abc import Mapping
from typing import IO
from urllib.parse import quote

from werkzeug.datastructures import FileStorage

from crm_chassis import ids


class Form(io.RawIOBase):
    """A form with one file as a service reads it; `headers` tell its length."""

    def __init__(self, file: FileStorage, fields: Mapping[str, str]) -> None:
        """`fields` come before the file."""
        super().__init__()
        boundary = f"rapport-{ids.new()}"
        size = file.stream.seek(0, io.SEEK_END)
        file.stream.seek(0)
        name = quote(file.filename or "file", safe=" ()-_.")
        head = "".join(_field(boundary, key, text) for key, text in fields.items())
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        start, end = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        self._parts: list[IO[bytes]] = [io.BytesIO(start), file.stream, io.BytesIO(end)]
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(start) + size + len(end)),
        }

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, none at the end."""
        while self._parts:
            piece = self._parts[0].read(-1 if size is None else size)
            if piece:
                return piece
            self._parts.pop(0)
        return b""


def _field(boundary: str, name: str, text: str) -> str:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    return f"--{boundary}\r\n{disposition}\r\n\r\n{text}\r\n"
