"""The rules of a deal."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from services.sales.tests.factories import NOON, PLANS, a_deal, a_pipeline, hours

from crm_chassis.db import Money
from crm_sales.model.errors import (
    DealAlreadyClosed,
    DealNotClosed,
    LossNeedsReason,
    RecordArchived,
    StageNotOpen,
)
from crm_sales.model.interval import follow
from crm_sales.model.values import DealStatus, ProbabilitySource, StageCategory

pytestmark = pytest.mark.unit


@pytest.fixture
def pipeline():
    return a_pipeline(plans=PLANS)


class TestMove:
    def test_takes_over_the_probability_of_the_stage(self, pipeline):
        deal = a_deal(pipeline)

        deal.move(pipeline.stages[1], at=NOON)

        assert Decimal("0.6") == deal.probability
        assert ProbabilitySource.STAGE is deal.probability_source

    def test_goes_backwards_too(self, pipeline):
        deal = a_deal(pipeline)

        deal.move(pipeline.stages[1], at=NOON)
        deal.move(pipeline.stages[0], at=NOON)

        assert ("First", Decimal("0.2")) == (deal.stage_name, deal.probability)

    def test_keeps_a_manual_probability(self, pipeline):
        deal = a_deal(pipeline)
        deal.revise({"probability": Decimal("0.9")})

        deal.move(pipeline.stages[1], at=NOON)

        assert Decimal("0.9") == deal.probability
        assert ProbabilitySource.MANUAL is deal.probability_source

    def test_closes_as_won_once_and_for_certain(self, pipeline):
        deal = a_deal(pipeline)
        deal.revise({"probability": Decimal("0.4")})

        deal.move(pipeline.first(StageCategory.WON), at=NOON)

        assert (DealStatus.WON, NOON, 1) == (deal.status, deal.closed_at, deal.probability)
        with pytest.raises(DealAlreadyClosed):
            deal.move(pipeline.stages[0], at=NOON + hours(1))
        assert NOON == deal.closed_at

    @pytest.mark.parametrize("reason", [None, "", "   "])
    def test_refuses_a_loss_without_a_reason(self, pipeline, reason):
        deal = a_deal(pipeline)

        with pytest.raises(LossNeedsReason):
            deal.move(pipeline.first(StageCategory.LOST), at=NOON, reason=reason)

        assert DealStatus.OPEN is deal.status

    def test_refuses_an_archived_deal(self, pipeline):
        deal = a_deal(pipeline)
        deal.archive(at=NOON)

        with pytest.raises(RecordArchived):
            deal.move(pipeline.stages[1], at=NOON)


class TestReopen:
    def test_forgets_how_it_ended_and_gives_the_manual_probability_back(self, pipeline):
        deal = a_deal(pipeline)
        deal.revise({"probability": Decimal("0.4")})
        deal.move(pipeline.first(StageCategory.LOST), at=NOON, reason="Price")

        deal.reopen(pipeline.stages[1], reason="New budget")

        assert (None, None, "New budget") == (
            deal.closed_at,
            deal.lost_reason,
            deal.reopened_reason,
        )
        assert Decimal("0.4") == deal.probability

    def test_refuses_an_open_deal_and_a_closed_stage(self, pipeline):
        deal = a_deal(pipeline)

        with pytest.raises(DealNotClosed):
            deal.reopen(pipeline.stages[0], reason="x")
        deal.move(pipeline.first(StageCategory.WON), at=NOON)
        with pytest.raises(StageNotOpen):
            deal.reopen(pipeline.first(StageCategory.LOST), reason="x")


class TestRevise:
    def test_leaves_the_manual_probability_alone_when_it_is_not_named(self):
        deal = a_deal()
        deal.revise({"probability": Decimal("0.9")})

        deal.revise({"name": "Eleven desks"})

        assert Decimal("0.9") == deal.probability

    def test_gives_the_probability_back_to_the_stage(self):
        deal = a_deal()
        deal.revise({"probability": Decimal("0.9")})

        deal.revise({"probability": None})

        assert Decimal("0.2") == deal.probability

    def test_says_when_nothing_changed(self):
        deal = a_deal(name="Desks")

        assert not deal.revise({"name": "Desks"})

    def test_takes_own_fields_as_they_are_from_now_on(self):
        deal = a_deal(custom={"a": 1, "b": 2})

        deal.revise({"custom": {"a": 1, "c": 3}})

        assert {"a": 1, "c": 3} == deal.custom


class TestWeightedAmount:
    def test_is_the_amount_times_the_probability(self, pipeline):
        deal = a_deal(pipeline, amount=Money(Decimal(1_000_000), "EUR"))

        assert Money(Decimal("200000.00"), "EUR") == deal.weighted_amount

    def test_rounds_half_to_even(self):
        deal = a_deal(amount=Money(Decimal("0.125"), "EUR"))
        deal.revise({"probability": Decimal(1)})

        assert Decimal("0.12") == deal.weighted_amount.amount

    def test_is_the_whole_amount_when_won_and_nothing_when_lost(self, pipeline):
        won, lost = (a_deal(pipeline, amount=Money(Decimal(10), "EUR")) for _ in range(2))

        won.move(pipeline.first(StageCategory.WON), at=NOON)
        lost.move(pipeline.first(StageCategory.LOST), at=NOON, reason="x")

        assert (10, 0) == (won.weighted_amount.amount, lost.weighted_amount.amount)

    def test_is_unknown_without_an_amount(self):
        assert a_deal().weighted_amount is None


class Lifecycle(RuleBasedStateMachine):
    """Any order of moves keeps the deal whole and its stays without gap or overlap while open."""

    def __init__(self):
        super().__init__()
        self.pipeline = a_pipeline(plans=PLANS)
        self.now, self.deal = NOON, a_deal(self.pipeline)
        self.stays = follow(self.deal, None, at=self.now)
        self.lives = [[self.now, None]]

    def current(self):
        return next((stay for stay in self.stays if stay.left_at is None), None)

    def follow(self):
        known = {id(stay) for stay in self.stays}
        changed = follow(self.deal, self.current(), at=self.now)
        self.stays += [stay for stay in changed if id(stay) not in known]

    @precondition(lambda self: self.deal.is_open)
    @rule(to=st.integers(0, 3), pause=st.integers(0, 90))
    def move(self, to, pause):
        self.now += hours(pause)
        self.deal.move(self.pipeline.stages[to], at=self.now, reason="Because")
        self.follow()
        if not self.deal.is_open:
            self.lives[-1][1] = self.now

    @precondition(lambda self: not self.deal.is_open)
    @rule(to=st.integers(0, 1), pause=st.integers(0, 90))
    def reopen(self, to, pause):
        self.now += hours(pause)
        self.deal.reopen(self.pipeline.stages[to], reason="Again")
        self.follow()
        self.lives.append([self.now, None])

    @invariant()
    def closed_means_closed_at(self):
        assert self.deal.is_open == (self.deal.closed_at is None)
        assert (self.deal.status is DealStatus.LOST) == (self.deal.lost_reason is not None)

    @invariant()
    def stays_tile_each_life(self):
        assert self.deal.is_open == (self.current() is not None)
        edges = [(stay.entered_at, stay.left_at) for stay in self.stays]
        joined = []
        for start, end in edges:
            if joined and joined[-1][1] == start and [start, None] not in self.lives[1:]:
                joined[-1][1] = end
            else:
                joined.append([start, end])
        assert joined[0][0] == self.lives[0][0]
        assert joined[-1][1] == self.lives[-1][1]
        assert all(end is None or start <= end for start, end in edges)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(edges))


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
