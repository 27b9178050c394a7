"""What clients saw: every request with its outcome, kept in memory and written line by line."""

import json
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as its client saw it; `mark` is found again in what it made."""

    method: str
    path: str
    key: str | None
    mark: str | None
    began: float
    seconds: float
    status: int
    outcome: str
    version: str | None = None
    slug: str | None = None
    deadline: float = 60.0
    retry_after: bool = False


@dataclass
class History:
    """All calls of a run; safe to share between threads."""

    file: Path | None = None
    calls: list[Call] = field(default_factory=list)
    violations: list[tuple[str, float, float, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        """Note a call."""
        with self._lock:
            self.calls.append(call)
            self.counts[call.outcome] += 1
            if self.file is not None:
                with self.file.open("a") as file:
                    file.write(json.dumps(asdict(call)) + "\n")

    def violated(self, service: str, what: str, *, since: float) -> None:
        """Note a promise of a service's, broken between `since` and now."""
        with self._lock:
            self.violations.append((service, since, now(), what))

    def settled(self) -> dict[str, str]:
        """Return the last word on each idempotency key: ok beats failed beats unknown."""
        rank = {UNKNOWN: 0, FAILED: 1, OK: 2}
        found: dict[str, str] = {}
        for call in tuple(self.calls):
            if call.key is not None:
                known = found.get(call.key, UNKNOWN)
                found[call.key] = max(known, call.outcome, key=rank.__getitem__)
        return found

    def overdue(self) -> list[Call]:
        """Return the calls that took longer than their deadline allows."""
        return [call for call in tuple(self.calls) if call.seconds > call.deadline]


def outcome_of(status: int) -> str:
    """Return what an answer means: done, refused for good, or nobody knows."""
    if 200 <= status < 300:
        return OK
    return FAILED if 400 <= status < 500 and status not in {408, 409, 425, 429} else UNKNOWN


def now() -> float:
    """Return the run's clock."""
    return time.monotonic()


def problem(body: Any) -> str | None:
    """Return the slug of a problem document."""
    kind = str(body.get("type") or "") if isinstance(body, dict) else ""
    return kind.rpartition("/")[2] or None
