"""Counting requests in windows."""

from datetime import UTC, datetime, timedelta

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from crm_gateway.api import windows
from crm_gateway.api.windows import Elsewhere, Windows

pytestmark = pytest.mark.unit
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def passing(monkeypatch):
    """`passing(60)` moves the time."""
    moved = [START]
    monkeypatch.setattr(windows.clock, "now", lambda: moved[0])

    def move(seconds):
        moved[0] += timedelta(seconds=seconds)

    return move


class TestWindows:
    def test_count_until_they_end(self, passing):
        counted = Windows()

        first = [counted.incr("a", 60) for _ in range(3)]
        passing(59)
        kept = counted.get("a")
        passing(1)

        assert (first, kept, counted.get("a")) == ([1, 2, 3], 3, 0)
        assert counted.incr("a", 60) == 1

    def test_end_where_the_first_request_said(self, passing):
        counted = Windows()
        counted.incr("a", 60)
        passing(10)
        counted.incr("a", 60)

        assert counted.get_expiry("a") == START.timestamp() + 60
        assert counted.get_expiry("b") == START.timestamp() + 10

    def test_forget_what_has_ended(self, passing, monkeypatch):
        monkeypatch.setattr(windows, "_SWEEP_ABOVE", 5)
        counted = Windows()
        for number in range(6):
            counted.incr(str(number), 60)
        passing(61)

        counted.incr("new", 60)

        assert counted.reset() == 1

    def test_serve_the_librarys_strategy(self):
        limiter, item = FixedWindowRateLimiter(Windows()), parse("2/minute")

        allowed = [limiter.hit(item, "caller", "ida") for _ in range(3)]

        assert allowed == [True, True, False]
        assert limiter.get_window_stats(item, "caller", "ida").remaining == 0
        limiter.clear(item, "caller", "ida")
        assert limiter.test(item, "caller", "ida")


class TestTaking:
    WANTED = (("burst/a", 2, 1), ("caller/a", 3, 60))

    @pytest.mark.parametrize("kept", [Windows, lambda: Elsewhere(Windows())])
    def test_stops_at_the_first_window_that_is_full(self, passing, kept):
        counted = kept()

        assert [counted.take(self.WANTED) for _ in range(3)] == [True, True, False]
        assert counted.left(self.WANTED) == [(0, 1), (1, 60)]

        passing(1)
        assert [counted.take(self.WANTED) for _ in range(2)] == [True, False]
        assert counted.left(self.WANTED) == [(0, 1), (0, 59)]

    def test_forgets_what_has_ended(self, passing, monkeypatch):
        monkeypatch.setattr(windows, "_SWEEP_ABOVE", 5)
        counted = Windows()
        for number in range(5):
            counted.take([(str(number), 1, 60)])
        passing(61)
        counted.take([("new", 1, 60)])

        assert counted.reset() == 1
