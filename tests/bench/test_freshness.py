"""From a commit to the page that shows it, at twenty writes a second."""

import time
from statistics import median, quantiles

import psycopg
import pytest
from tests.bench.conftest import environment
from tests.bench.figures import ROUNDS, keep
from tests.running import Platform

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
WRITES, PER_SECOND = 100, 20
_SHOWN = "select composed_at from customer_view where customer_id = %s and known"


def milliseconds_to_view(platform: Platform, view: psycopg.Connection) -> float:
    """Create a contact; return how long after the answer its page was there."""
    made = platform.contact()
    answered = time.perf_counter()
    while view.execute(_SHOWN, (made["id"],)).fetchone() is None:
        assert time.perf_counter() < answered + 30
    return (time.perf_counter() - answered) * 1000


def test_commit_to_view(whole_platform: Platform) -> None:
    url = environment(whole_platform, "gateway-serve")["CRM_DATABASE_URL"]
    halves, tails = [], []
    with psycopg.connect(url, autocommit=True) as view:
        for round_ in range(ROUNDS + 1):
            took = []
            for _ in range(WRITES):
                due = time.perf_counter() + 1 / PER_SECOND
                took.append(milliseconds_to_view(whole_platform, view))
                time.sleep(max(0.0, due - time.perf_counter()))
            if round_:
                halves.append(median(took))
                tails.append(quantiles(took, n=100)[98])
    keep("commit to view at 20 writes/s, p50", "-", halves, at_most=10, unit="ms")
    keep("commit to view at 20 writes/s, p99", "-", tails, at_most=50, unit="ms")
