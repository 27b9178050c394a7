"""What a run counts and finds, by name."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Faults done, findings, recovery times, and when reads may fail; safe to share."""

    faults: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, str] = field(default_factory=dict)
    findings: dict[str, list[str]] = field(default_factory=dict)
    recoveries: list[tuple[str, float]] = field(default_factory=list)
    reads_may_fail: list[tuple[float, float]] = field(default_factory=list)
    checks: Counter[str] = field(default_factory=Counter)
    server_kills: int = 0
    injected_events: int = 0
    _new: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def did(self, fault: str) -> None:
        """Count a fault."""
        with self._lock:
            self.faults[fault] += 1

    def skip(self, fault: str, reason: str) -> None:
        """Say why a fault was not done."""
        self.skipped[fault] = reason

    def found(self, check: str, problems: list[str]) -> None:
        """Note the outcome of a check: no problem, or what is wrong."""
        with self._lock:
            self.checks[check] += 1
            if problems:
                self.findings.setdefault(check, []).extend(problems)
                self._new += [f"{check}: {problem}" for problem in problems]

    def news(self) -> list[str]:
        """Return what was found since it was asked last."""
        with self._lock:
            news, self._new = self._new, []
        return news

    def recovered(self, fault: str, seconds: float) -> None:
        """Note how long all roles took to be ready after a fault had ended."""
        self.recoveries.append((fault, seconds))

    def excuse_reads(self, began: float, *, patience: float = 0.0) -> None:
        """Reads may have failed from `began` until now and `patience` seconds more."""
        self.reads_may_fail.append((began, time.monotonic() + patience))
