"""Contents in the service's database, in parts."""

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, ids
from crm_contacts.commands import files
from crm_contacts.queries import files as stored

_KEEPER = db.Context(actor="service:contacts", source="api")
_RESERVE = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


class Parts:
    """Backed up with everything else; a content is there whole or not at all."""

    def keep(
        self, sessions: sessionmaker[Session], sha256: str, content: Iterable[bytes], *, size: int
    ) -> None:
        """Write it, unless it is there, in a transaction of its own."""
        file_id = ids.derived("content", sha256)
        with db.transaction(sessions, _KEEPER) as session:
            db.cursor(session).execute(_RESERVE, (f"content {sha256}",))
            if stored.size(session, file_id) != size:
                files.forget(session, file_id)
                files.keep(session, file_id, content)

    def read(self, session: Session, sha256: str) -> Iterator[bytes]:
        """Yield it, a part at a time."""
        yield from stored.chunks(session, ids.derived("content", sha256))

    def forget(self, session: Session, sha256: str) -> None:
        """Delete it."""
        files.forget(session, ids.derived("content", sha256))
