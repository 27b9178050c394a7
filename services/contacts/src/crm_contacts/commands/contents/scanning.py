"""Having files looked through by clamd before they are kept."""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from crm_contacts.model.errors import FileInfected, ScannerAway

_SECONDS = 30.0
_LONGEST_ANSWER = 4096


@dataclass(frozen=True, slots=True)
class Scanner:
    """clamd at `tcp://host:port` or `unix:///path`."""

    address: str | tuple[str, int]

    @classmethod
    def of_url(cls, url: str) -> Self | None:
        """Return the scanner a setting names, None where it names none."""
        if not url:
            return None
        parts = urlsplit(url)
        return cls(
            parts.path if parts.scheme == "unix" else (parts.hostname or "", parts.port or 0)
        )

    def look_through(self, content: Iterable[bytes]) -> None:
        """Raise FileInfected with what was found, ScannerAway if nobody can tell."""
        try:
            answer = self._ask(content)
        except OSError as error:
            raise ScannerAway from error
        if answer.endswith("FOUND"):
            found = answer.removeprefix("stream: ").removesuffix("FOUND").strip()
            raise FileInfected(detail=f"{found} was found in the file", errors={"file": [found]})
        if not answer.endswith("OK"):
            raise ScannerAway(detail=f"the scanner says: {answer[:200]}")

    def _ask(self, content: Iterable[bytes]) -> str:
        """Speak INSTREAM: each piece after its length, a length of nothing at the end."""
        family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        with socket.socket(family) as line:
            line.settimeout(_SECONDS)
            line.connect(self.address)
            line.sendall(b"zINSTREAM\0")
            for piece in content:
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            return _answer(line)


def _answer(line: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
