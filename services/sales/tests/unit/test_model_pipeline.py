"""Pipelines and their stages."""

from decimal import Decimal

import pytest
from services.sales.tests.factories import NOON, PLANS, a_pipeline, unseen

from crm_sales.model.errors import PipelineIncomplete, StageNotFound, StageOfAnotherPipeline
from crm_sales.model.pipeline import StagePlan
from crm_sales.model.values import StageCategory

pytestmark = pytest.mark.unit
OPEN, WON, LOST = StageCategory.OPEN, StageCategory.WON, StageCategory.LOST


def plans(*categories: StageCategory) -> list[StagePlan]:
    return [StagePlan(name=f"Stage {n}", category=each) for n, each in enumerate(categories)]


class TestPlan:
    @pytest.mark.parametrize(
        "categories",
        [(), (OPEN,), (OPEN, WON), (OPEN, LOST), (WON, LOST), (OPEN, WON, WON, LOST)],
    )
    def test_refuses_a_pipeline_without_open_won_and_lost(self, categories):
        with pytest.raises(PipelineIncomplete):
            a_pipeline(plans=plans(*categories))

    def test_takes_several_lost_stages(self):
        pipeline = a_pipeline(plans=plans(OPEN, WON, LOST, LOST))

        assert [1, 2, 3, 4] == [stage.position for stage in pipeline.stages]

    def test_makes_won_certain_and_lost_impossible_whatever_was_asked(self):
        asked = [
            StagePlan(name=each.value, category=each, probability=Decimal("0.5"))
            for each in (OPEN, WON, LOST)
        ]

        pipeline = a_pipeline(plans=asked)

        assert [Decimal("0.5"), 1, 0] == [stage.probability for stage in pipeline.stages]

    def test_continues_stages_by_id_and_marks_a_new_name(self):
        pipeline = a_pipeline(plans=PLANS)
        first, second, won, lost = pipeline.stages

        pipeline.plan(
            [
                StagePlan(stage_id=second.id, name="Second"),
                StagePlan(stage_id=first.id, name="Renamed"),
                StagePlan(stage_id=won.id, name="Won", category=WON),
                StagePlan(stage_id=lost.id, name="Lost", category=LOST),
            ],
            at=NOON,
        )

        assert [second, first, won, lost] == pipeline.stages
        assert (NOON, None) == (first.renamed_at, second.renamed_at)

    def test_refuses_to_continue_a_stage_it_does_not_have(self):
        pipeline = a_pipeline()

        with pytest.raises(StageNotFound):
            pipeline.plan(
                [StagePlan(stage_id=unseen(), name="x"), *plans(OPEN, WON, LOST)], at=NOON
            )

    def test_refuses_to_continue_a_stage_twice(self):
        pipeline = a_pipeline()
        again = StagePlan(stage_id=pipeline.stages[0].id, name="x")

        with pytest.raises(StageNotFound):
            pipeline.plan([again, again, *plans(WON, LOST)], at=NOON)


class TestStage:
    def test_finds_its_own_stages_only(self):
        pipeline, other = a_pipeline(), a_pipeline()

        assert pipeline.stages[2] is pipeline.stage(pipeline.stages[2].id)
        with pytest.raises(StageOfAnotherPipeline):
            pipeline.stage(other.stages[2].id)
