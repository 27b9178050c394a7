"""A seed draws one schedule; every room of faults is in it."""

import pytest
from tests.chaos import schedule
from tests.chaos.faults import all_faults
from tests.chaos.faults.crashes import LONELY, POINTS

from crm_chassis import crashpoints

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("is_short", [True, False])
def test_a_seed_draws_the_same_again(is_short):
    draws = [schedule.draw(seed, all_faults(), is_short=is_short) for seed in (7, 7, 8)]

    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


@pytest.mark.parametrize("seed", range(20))
def test_a_short_run_has_a_fault_of_each_room_and_ends_with_a_check(seed):
    steps = schedule.draw(seed, all_faults(), is_short=True)

    rooms = {name.partition(".")[0] for name, f in all_faults().items() if f.is_in_short_run}
    assert rooms == {step.fault.partition(".")[0] for step in steps if step.fault}
    assert steps[-1].fault is None


def test_a_full_run_has_every_fault():
    steps = schedule.draw(1, all_faults(), is_short=False)

    assert set(all_faults()) == {step.fault for step in steps if step.fault}


def test_every_crash_point_is_drawn():
    drawn = {f"{step}.{point}" for step, points in POINTS.items() for point in points}

    assert crashpoints.NAMES == drawn | LONELY
    assert not drawn & LONELY


def test_a_backup_is_brought_back_when_it_is_old_and_much_comes_after():
    steps = schedule.draw(3, all_faults(), is_short=False)

    place = [step.fault for step in steps].index(schedule.RESTORE)
    assert 0.6 * len(steps) < place < 0.8 * len(steps)
