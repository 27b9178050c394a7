"""The clock of the first response."""

import pytest
from services.support.tests.factories import NOON, a_clock, hours

from crm_support.model.clock import explain
from crm_support.model.values import ClockState, Priority

pytestmark = pytest.mark.unit


class TestFirstResponse:
    @pytest.mark.parametrize(
        ("priority", "target"),
        [(Priority.URGENT, 1), (Priority.HIGH, 4), (Priority.NORMAL, 8), (Priority.LOW, 24)],
    )
    def test_is_due_by_priority(self, priority, target):
        clock = a_clock(priority)

        assert (NOON + hours(target), target * 3600) == (clock.due_at, clock.target_seconds)


class TestStop:
    def test_is_met_up_to_the_last_instant(self):
        clock = a_clock()

        clock.stop(at=clock.due_at)

        assert (ClockState.MET, clock.due_at) == (clock.state, clock.stopped_at)

    def test_is_breached_after_it(self):
        clock = a_clock()

        clock.stop(at=clock.due_at + hours(0.001))

        assert ClockState.BREACHED is clock.state

    @pytest.mark.parametrize("end", ["stop", "cancel"])
    def test_keeps_its_first_verdict(self, end):
        clock = a_clock()
        clock.stop(at=NOON)

        getattr(clock, end)(at=NOON + hours(100))

        assert (ClockState.MET, NOON) == (clock.state, clock.stopped_at)


class TestBreach:
    def test_is_news_once_and_only_when_late(self):
        clock = a_clock()

        assert [False, True, False] == [
            clock.breach(now=NOON + hours(count)) for count in (8, 8.01, 9)
        ]

    def test_is_no_news_of_a_cancelled_clock(self):
        clock = a_clock()
        clock.cancel(at=NOON)

        assert not clock.breach(now=NOON + hours(100))


class TestExplain:
    @pytest.mark.parametrize(
        ("elapsed", "kinds"), [(0, ["counted"]), (8, ["counted"]), (9, ["counted", "over"])]
    )
    def test_tiles_the_time_exactly(self, elapsed, kinds):
        clock, now = a_clock(), NOON + hours(elapsed)

        spans = explain(clock, now=now)

        assert kinds == [span.kind for span in spans]
        assert (NOON, now) == (spans[0].started_at, spans[-1].ended_at)
        assert elapsed * 3600 == sum(span.seconds for span in spans)

    def test_ends_when_the_clock_did(self):
        clock = a_clock()
        clock.stop(at=NOON + hours(1))

        (span,) = explain(clock, now=NOON + hours(100))

        assert 3600 == span.seconds
