"""Contents in a folder that all processes of the service share."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import ids
from crm_contacts.model.errors import StoreAway

_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Folder:
    """`root/contents/ab/abcd…`; a content is there whole or not at all."""

    root: Path

    @classmethod
    def of_url(cls, url: str) -> Self:
        """`file:///var/lib/files`."""
        return cls(Path(unquote(urlsplit(url).path)) / "contents")

    def keep(
        self, sessions: sessionmaker[Session], sha256: str, content: Iterable[bytes], *, size: int
    ) -> None:
        """Write it under another name, to the disk, then give it its own."""
        del sessions
        path = self._path(sha256)
        if path.exists() and path.stat().st_size == size:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{ids.new()}")
        try:
            with unfinished.open("xb") as file:
                for piece in content:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync(path.parent)

    def read(self, session: Session, sha256: str) -> Iterator[bytes]:
        """Yield it, a piece at a time. Raises StoreAway."""
        del session
        try:
            file = self._path(sha256).open("rb")
        except OSError as error:
            raise StoreAway(detail="the content is not where it was kept") from error
        with file:
            while piece := file.read(_PIECE):
                yield piece

    def forget(self, session: Session, sha256: str) -> None:
        """Delete it."""
        del session
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256


def _sync(folder: Path) -> None:
    """Have the new name on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
