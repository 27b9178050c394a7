"""Counting requests in windows."""

import time

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from crm_gateway.api import windows
from crm_gateway.api.windows import Windows

pytestmark = pytest.mark.unit


@pytest.fixture
def clock(monkeypatch):
    """`clock(60)` moves the time."""
    moved = [1_000_000.0]
    monkeypatch.setattr(windows.time, "time", lambda: moved[0])

    def move(seconds):
        moved[0] += seconds

    return move


class TestWindows:
    def test_count_until_they_end(self, clock):
        counted = Windows()

        first = [counted.incr("a", 60) for _ in range(3)]
        clock(59)
        kept = counted.get("a")
        clock(1)

        assert (first, kept, counted.get("a")) == ([1, 2, 3], 3, 0)
        assert counted.incr("a", 60) == 1

    def test_end_where_the_first_request_said(self, clock):
        counted = Windows()
        counted.incr("a", 60)
        clock(10)
        counted.incr("a", 60)

        assert counted.get_expiry("a") == 1_000_060.0
        assert counted.get_expiry("b") == time.time()

    def test_forget_what_has_ended(self, clock, monkeypatch):
        monkeypatch.setattr(windows, "_SWEEP_ABOVE", 5)
        counted = Windows()
        for number in range(6):
            counted.incr(str(number), 60)
        clock(61)

        counted.incr("new", 60)

        assert counted.reset() == 1

    def test_serve_the_librarys_strategy(self):
        limiter, item = FixedWindowRateLimiter(Windows()), parse("2/minute")

        allowed = [limiter.hit(item, "caller", "ida") for _ in range(3)]

        assert allowed == [True, True, False]
        assert limiter.get_window_stats(item, "caller", "ida").remaining == 0
        limiter.clear(item, "caller", "ida")
        assert limiter.test(item, "caller", "ida")
