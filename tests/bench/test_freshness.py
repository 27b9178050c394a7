"""From a commit to the page that shows it: at twenty writes a second, and beside half a full load."""

import threading
import time
from statistics import median, quantiles

import psycopg
import pytest
from tests.bench.conftest import UNLIMITED, Serving, environment
from tests.bench.figures import ROUNDS, keep
from tests.bench.load import Load, burst
from tests.bench.test_contact_write import posts
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]
WRITES, PER_SECOND = 100, 20
SECONDS = WRITES / PER_SECOND
_SHOWN = "select composed_at from customer_view where customer_id = %s and known"


def milliseconds_to_view(platform: Platform, view: psycopg.Connection) -> float:
    """Create a contact; return how long after the answer its page was there."""
    made = platform.contact()
    answered = time.perf_counter()
    while view.execute(_SHOWN, (made["id"],)).fetchone() is None:
        assert time.perf_counter() < answered + 30
        time.sleep(0.0005)  # looking without a pause would take a core from what is measured
    return (time.perf_counter() - answered) * 1000


def paced(platform: Platform, view: psycopg.Connection) -> list[float]:
    """Write twenty times a second; return what each took to be shown, milliseconds."""
    took = []
    for _ in range(WRITES):
        due = time.perf_counter() + 1 / PER_SECOND
        took.append(milliseconds_to_view(platform, view))
        time.sleep(max(0.0, due - time.perf_counter()))
    return took


def test_commit_to_view(whole_platform: Platform) -> None:
    url = environment(whole_platform, "gateway-serve")["CRM_DATABASE_URL"]
    halves, tails = [], []
    with psycopg.connect(url, autocommit=True) as view:
        for round_ in range(ROUNDS + 1):
            took = paced(whole_platform, view)
            if round_:
                halves.append(median(took))
                tails.append(quantiles(took, n=100)[98])
    keep("commit to view at 20 writes/s, p50", "-", halves, at_most=10, unit="ms")
    keep("commit to view at 20 writes/s, p99", "-", tails, at_most=50, unit="ms")


def test_commit_to_view_under_load(whole_platform: Platform, ours: Serving) -> None:
    url = environment(whole_platform, "gateway-serve")["CRM_DATABASE_URL"]
    made = posts(f"{whole_platform.url}/v1/contacts", whole_platform.api.token, keyed=True)
    tails, rates = [], []
    with ours("gateway", "granian") as gateway, psycopg.connect(url, autocommit=True) as view:
        for round_ in range(ROUNDS + 1):
            full = burst(gateway.address, list(made()), seconds=SECONDS)
            wait_until(whole_platform.is_quiet, timeout=120, what="everything told and folded")
            took = _beside(gateway.address, list(made()), full.rate / 2, whole_platform, view)
            wait_until(whole_platform.is_quiet, timeout=120, what="everything told and folded")
            if round_:
                tails.append(quantiles(took, n=100)[98])
                rates.append(full.rate)
    detail = f"saturated at {median(rates):.0f} writes/s, rate limit {UNLIMITED}"
    keep("commit to view at half the saturated rate, p99", "-", tails, at_most=150, unit="ms",
         detail=detail)  # fmt: skip


def _beside(
    address: str, requests: list[bytes], rate: float, platform: Platform, view: psycopg.Connection
) -> list[float]:
    """Return what our own twenty writes a second took to be shown beside so many of others."""
    loads: list[Load] = []

    def load() -> None:
        loads.append(burst(address, requests, seconds=SECONDS + 1, rate=rate - PER_SECOND))

    others = threading.Thread(target=load)
    others.start()
    took = paced(platform, view)
    others.join()
    assert set(loads[0].statuses) == {"201"}, loads[0].statuses
    return took
