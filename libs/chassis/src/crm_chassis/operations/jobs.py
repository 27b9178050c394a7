"""Long work behind one address: POST starts it, GET tells how far it is."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_chassis import clock, logs
from crm_chassis.metrics import answer

log = logs.get(__name__)
Work = Callable[["Progress", str], dict[str, Any]]


class Progress:
    """How far one run is; written by its thread, read by any."""

    def __init__(self) -> None:
        """Begin now."""
        self.state, self.what, self.done, self.total = "running", "", 0, 0
        self.began_at: datetime = clock.now()
        self.ended_at: datetime | None = None
        self.result: dict[str, Any] | None = None
        self.error: Exception | None = None

    def expect(self, total: int) -> None:
        """Say how many steps there are in all."""
        self.total = total

    def reach(self, what: str, done: int) -> None:
        """Say what is being done and how many steps of all are behind."""
        self.what, self.done = what, done

    def finish(self, result: dict[str, Any] | None, error: Exception | None) -> None:
        """Keep the outcome."""
        self.result, self.error, self.ended_at = result, error, clock.now()
        self.state = "failed" if error else "done"

    def report(self) -> dict[str, Any]:
        """Return all of it as GET answers it."""
        return {
            "state": self.state,
            "what": self.what,
            "done": self.done,
            "total": self.total,
            "began_at": self.began_at,
            "ended_at": self.ended_at,
            "result": self.result,
            "fault": f"{type(self.error).__name__}: {self.error}" if self.error else None,
        }


class Job:
    """One kind of work, one run at a time in this process.

    POST runs it to its end and answers with its result; with `?background=true` it answers 202 at
    once. While it runs another POST is refused with 409. GET answers with the last run's progress.
    """

    def __init__(self, name: str, work: Work) -> None:
        """`work(progress, actor)` returns its result; `actor` is who asked, for the audit."""
        self._name, self._work = name, work
        self._lock = threading.Lock()
        self._last: Progress | None = None

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.method != "POST":
            return answer(self._last.report() if self._last else {"state": "never ran"})
        if not self._lock.acquire(blocking=False):
            return answer({"title": "It is running already", "status": 409}, 409)
        progress = self._last = Progress()
        actor = request.headers.get("X-CRM-Operator", "operator")[:100]
        if request.args.get("background") == "true":
            threading.Thread(target=self._run, args=(progress, actor), daemon=True).start()
            return answer(progress.report(), 202)
        self._run(progress, actor)
        if progress.error is not None:
            raise progress.error
        return answer(progress.result)

    def _run(self, progress: Progress, actor: str) -> None:
        result, failure = None, None
        try:
            result = self._work(progress, actor)
        except Exception as error:  # noqa: BLE001 - whatever it met, GET tells it
            log.warning("operation failed", extra={"operation": self._name, "cause": repr(error)})
            failure = error
        finally:
            progress.finish(result, failure)
            self._lock.release()
