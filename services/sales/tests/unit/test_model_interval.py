"""Time in stage."""

import pytest
from services.sales.tests.factories import NOON, PLANS, a_deal, a_pipeline, hours

from crm_sales.model.interval import follow, time_in_stages
from crm_sales.model.values import StageCategory

pytestmark = pytest.mark.unit


@pytest.fixture
def pipeline():
    return a_pipeline(plans=PLANS)


def moved(deal, stays, stage, *, at):
    deal.move(stage, at=at, reason="x")
    changed = follow(deal, stays[-1], at=at)
    return [*stays, *(stay for stay in changed if stay is not stays[-1])]


class TestFollow:
    def test_ends_one_stay_where_the_next_begins(self, pipeline):
        deal = a_deal(pipeline)

        stays = moved(deal, follow(deal, None, at=NOON), pipeline.stages[1], at=NOON + hours(2))

        assert [("First", NOON, NOON + hours(2)), ("Second", NOON + hours(2), None)] == [
            (stay.stage_name, stay.entered_at, stay.left_at) for stay in stays
        ]

    def test_opens_no_stay_for_a_closed_deal(self, pipeline):
        deal = a_deal(pipeline)
        stays = follow(deal, None, at=NOON)

        stays = moved(deal, stays, pipeline.first(StageCategory.WON), at=NOON + hours(1))

        assert [deal.closed_at] == [stay.left_at for stay in stays]

    def test_changes_nothing_when_the_deal_has_not_moved(self, pipeline):
        deal = a_deal(pipeline)
        (stay,) = follow(deal, None, at=NOON)

        assert [] == follow(deal, stay, at=NOON + hours(1))

    def test_never_ends_a_stay_before_it_began(self, pipeline):
        deal = a_deal(pipeline)

        stays = moved(deal, follow(deal, None, at=NOON), pipeline.stages[1], at=NOON - hours(1))

        assert [NOON, NOON] == [stays[0].left_at, stays[1].entered_at]


class TestTimeInStages:
    def test_adds_visits_and_measures_the_last_one_to_now(self, pipeline):
        deal = a_deal(pipeline)
        stays = follow(deal, None, at=NOON)
        stays = moved(deal, stays, pipeline.stages[1], at=NOON + hours(1))
        stays = moved(deal, stays, pipeline.stages[0], at=NOON + hours(3))

        first, second = time_in_stages(reversed(stays), now=NOON + hours(7))

        assert (2, 5 * 3600, True) == (first.visits, first.seconds, first.is_current)
        assert (1, 2 * 3600, False) == (second.visits, second.seconds, second.is_current)

    def test_is_empty_without_stays(self):
        assert [] == time_in_stages([], now=NOON)
