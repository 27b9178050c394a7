"""Where contents of documents lie: once per SHA-256, wherever the deployment says.

`CRM_FILES_URL`: `file:///folder`, `s3://key:secret@host[:port]/bucket?region=…&tls=…`, or nothing:
the service's own database.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy.orm import Session, sessionmaker

from crm_contacts.commands.contents.bucket import Bucket
from crm_contacts.commands.contents.folder import Folder
from crm_contacts.commands.contents.parts import Parts

__all__ = ["Bucket", "Contents", "Folder", "Parts", "contents_at"]


Sessions = sessionmaker[Session]


class Contents(Protocol):
    """A place for contents; what is there under a name never changes."""

    def keep(self, sessions: Sessions, sha256: str, content: Iterable[bytes], *, size: int) -> None:
        """Have the content there when this returns; one that is there already is not written.

        No transaction is open meanwhile, for it may take minutes.
        """

    def read(self, session: Session, sha256: str) -> Iterator[bytes]:
        """Yield a content, a piece at a time."""

    def forget(self, session: Session, sha256: str) -> None:
        """Lose a content, if it is there."""


def contents_at(url: str) -> Contents:
    """Return the place that `CRM_FILES_URL` names."""
    scheme = urlsplit(url).scheme
    if scheme == "s3":
        return Bucket.of_url(url)
    return Folder.of_url(url) if scheme == "file" else Parts()
