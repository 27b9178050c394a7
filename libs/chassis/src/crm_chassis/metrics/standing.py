"""Gauges read from the database when somebody asks: what is parked, how late others' facts are."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crm_chassis import logs

_FRESH_SECONDS = 5.0
log = logs.get(__name__)


class Standing(Collector):
    """`parked_messages`, `view_lag_seconds` and `mails_unsent`, as `status` says; once in 5 s.

    A database that is away leaves them out: Prometheus then shows a gap, not a lie.
    """

    def __init__(self, status: Callable[[], Mapping[str, Any]]) -> None:
        """`status()` is asked in the thread of the scrape."""
        self._status = status
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._found: Mapping[str, Any] | None = None

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name the gauges without asking the database."""
        return self.families()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges as they stand."""
        parked, lag, mails = families = self.families()
        found = self._fresh()
        if found is None:
            return ()
        for each in found["parked"]:
            parked.add_metric([each["consumer"], each["cause"]], each["messages"])
        for service, seconds in found["lag_seconds"].items():
            lag.add_metric([service], seconds)
        for state, number in found["mails"].items():
            mails.add_metric([state], number)
        return families

    @staticmethod
    def families() -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
        """Return the gauges without a sample."""
        return (
            GaugeMetricFamily(
                "parked_messages", "Messages that wait for a decision", labels=["consumer", "cause"]
            ),
            GaugeMetricFamily(
                "view_lag_seconds", "Age of a service's newest word in the view", labels=["service"]
            ),
            GaugeMetricFamily(
                "mails_unsent", "Mails of the last day that failed or may have", labels=["state"]
            ),
        )

    def _fresh(self) -> Mapping[str, Any] | None:
        with self._lock:
            if time.monotonic() - self._read_at > _FRESH_SECONDS:
                self._read_at = time.monotonic()
                try:
                    self._found = self._status()
                except Exception as error:  # noqa: BLE001 - a scrape must answer all the same
                    log.warning("standing unknown", extra={"cause": repr(error)})
                    self._found = None
            return self._found
