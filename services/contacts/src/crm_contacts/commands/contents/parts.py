"""Contents in the service's database, in parts."""

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from crm_chassis import ids
from crm_contacts.commands import files
from crm_contacts.queries import files as stored


class Parts:
    """Backed up with everything else, and gone with the transaction that does not commit."""

    def keep(self, session: Session, sha256: str, content: Iterable[bytes], *, size: int) -> None:
        """Write it, unless it is there."""
        file_id = ids.derived("content", sha256)
        if stored.size(session, file_id) != size:
            files.forget(session, file_id)
            files.keep(session, file_id, content)

    def read(self, session: Session, sha256: str) -> Iterator[bytes]:
        """Yield it, a part at a time."""
        yield from stored.chunks(session, ids.derived("content", sha256))

    def forget(self, session: Session, sha256: str) -> None:
        """Delete it."""
        files.forget(session, ids.derived("content", sha256))
