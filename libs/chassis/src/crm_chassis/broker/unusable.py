"""A queue that the broker knows and cannot serve, for its files went with a crash: made anew in time.

Nothing depends on a queue's memory: whoever declares a new one fills it from its sources.
"""

import time
from collections.abc import Callable

INTERNAL_ERROR = 541
PATIENCE_SECONDS = 10.0  # a broker that has just started may need some


class Unusable:
    """What one reader of queues remembers of the queue that fails."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing has failed yet."""
        self._now = now
        self._since: float | None = None
        self._queue: str | None = None

    def failed(self, queue: str) -> None:
        """The broker could not serve this queue."""
        self._queue = queue
        self._since = self._now() if self._since is None else self._since

    def works(self) -> None:
        """Every queue is served."""
        self._since = self._queue = None

    def is_lost(self, queue: str) -> bool:
        """Say whether this queue has to be deleted: it failed last, and something has for too long."""
        is_long = self._since is not None and self._now() - self._since >= PATIENCE_SECONDS
        return is_long and queue == self._queue
