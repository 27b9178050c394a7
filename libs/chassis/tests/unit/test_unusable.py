"""A queue is given up only when it has failed for long, and only the one that fails."""

import pytest

from crm_chassis.broker.unusable import PATIENCE_SECONDS, Unusable

pytestmark = pytest.mark.unit


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def unusable(clock):
    return Unusable(clock)


def test_a_queue_that_just_failed_is_not_lost(unusable):
    unusable.failed("a")

    assert not unusable.is_lost("a")


def test_a_queue_that_failed_for_long_is_lost_and_no_other(unusable, clock):
    unusable.failed("a")
    clock.seconds += PATIENCE_SECONDS

    assert unusable.is_lost("a")
    assert not unusable.is_lost("b")


def test_the_next_of_many_need_not_wait_as_long_again(unusable, clock):
    unusable.failed("a")
    clock.seconds += PATIENCE_SECONDS
    unusable.failed("b")

    assert unusable.is_lost("b")


def test_a_queue_that_was_served_meanwhile_has_its_time_anew(unusable, clock):
    unusable.failed("a")
    clock.seconds += PATIENCE_SECONDS
    unusable.works()
    unusable.failed("a")

    assert not unusable.is_lost("a")
