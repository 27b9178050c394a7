"""What was read, kept in memory for a second at most, and written in sets: reads stay as fast."""

import atexit
import threading
import time
from collections.abc import Sequence
from multiprocessing.util import Finalize
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, logs
from crm_chassis.audit.noting import Entry, write

MOST = 10_000
ONE_LOOK_SECONDS = 300.0
_BETWEEN_SECONDS = 1.0
_REMEMBERED = 50_000
log = logs.get(__name__)


class Looks:
    """Takes what was read; a thread writes it once a second, and `close` what is left.

    The same person looking at the same thing from the same place within five minutes has looked
    once: a page that stays open asks every two seconds. When so much waits that memory is at stake,
    whoever reads next writes it: nothing is left out, and no row is made while the database is away.
    """

    def __init__(self, sessions: sessionmaker[Session], *, service: str, most: int = MOST) -> None:
        """`most`: how many may wait."""
        self._sessions, self._most = sessions, most
        self._context = db.Context(actor=f"service:{service}")
        self._waiting: list[Entry] = []
        self._seen: dict[tuple[Any, ...], float] = {}
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def is_new(self, action: str, actor: str, object_id: UUID | None, origin: db.Origin) -> bool:
        """Say whether this is another look, to be noted: most are not."""
        last = self._seen.get((action, actor, object_id, origin.credential, origin.address))
        return last is None or time.monotonic() - last >= ONE_LOOK_SECONDS

    def note(self, entry: Entry) -> None:
        """Take one. Raises what the database does, where it has to be written at once."""
        origin, now = entry.origin, time.monotonic()
        if not self.is_new(entry.action, entry.actor, entry.object_id, origin):
            return
        key = (entry.action, entry.actor, entry.object_id, origin.credential, origin.address)
        with self._lock:
            is_full = len(self._waiting) >= self._most
        if is_full:
            self.flush()
        with self._lock:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[key] = now
            self._waiting.append(entry)
            if self._thread is None:
                self._start()

    def flush(self) -> None:
        """Write what waits; on a fault it waits on. Raises what the database does."""
        with self._writing:
            with self._lock:
                some, self._waiting = self._waiting, []
            if not some:
                return
            try:
                self._write(some)
            except BaseException:
                with self._lock:
                    self._waiting = some + self._waiting
                raise

    def close(self) -> None:
        """Stop the thread, and write what is left: at a drain nothing is lost."""
        self._stop.set()
        try:
            self.flush()
        except Exception as error:  # noqa: BLE001 - the process ends: what is lost is said
            log.error("reads not noted", extra={"rows": len(self._waiting), "cause": repr(error)})  # noqa: TRY400

    def _start(self) -> None:
        """Begin in the process that serves: one made by forking has no thread of its parent's."""
        self._thread = threading.Thread(target=self._run, name="looks", daemon=True)
        self._thread.start()
        atexit.register(self.close)
        Finalize(None, self.close, exitpriority=10)  # a child of multiprocessing has no atexit

    def _run(self) -> None:
        while not self._stop.wait(_BETWEEN_SECONDS):
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001 - tried again in a second, whatever it was
                db.report(log, "reads wait to be noted", error)

    def _write(self, some: Sequence[Entry]) -> None:
        with db.transaction(self._sessions, self._context) as session:
            write(db.cursor(session), some)
