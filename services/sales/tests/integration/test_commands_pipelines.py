"""What can be asked of pipelines, on a real database."""

from dataclasses import replace

import pytest
from services.sales.tests.factories import NOON, PLANS

from crm_chassis import db
from crm_chassis.problems import StaleVersion
from crm_sales.commands.deals import CreateDeal, create_deal
from crm_sales.commands.pipelines import (
    ArchivePipeline,
    CreatePipeline,
    RestorePipeline,
    UpdatePipeline,
    archive_pipeline,
    carry_stage_names,
    create_pipeline,
    ensure_default_pipeline,
    restore_pipeline,
    update_pipeline,
)
from crm_sales.model.errors import (
    PipelineIncomplete,
    PipelineInUse,
    RecordArchived,
    StageInUse,
)
from crm_sales.model.pipeline import StagePlan
from crm_sales.model.values import StageCategory

pytestmark = pytest.mark.integration


def plans_of(pipeline):
    return [
        StagePlan(
            stage_id=stage.id,
            name=stage.name,
            category=stage.category,
            probability=stage.probability,
        )
        for stage in pipeline.stages
    ]


@pytest.fixture
def pipeline(desk):
    return desk.do(create_pipeline, CreatePipeline(name="Small", stages=PLANS))


class TestDefaultPipeline:
    def test_is_made_once_and_told(self, desk):
        made = {
            desk.do(lambda session, _, *, now: ensure_default_pipeline(session, now=now), None).id
            for _ in range(2)
        }

        assert 1 == len(made)
        assert ["created"] == desk.told(made.pop())

    def test_is_replaced_by_a_new_one_and_both_are_told(self, desk):
        former = desk.do(lambda session, _, *, now: ensure_default_pipeline(session, now=now), None)

        new = desk.do(create_pipeline, CreatePipeline(name="New", is_default=True))
        deal = desk.do(create_deal, CreateDeal(name="x"))

        assert new.id == deal.pipeline_id
        assert "updated" == desk.told(former.id)[-1]
        back = UpdatePipeline(
            pipeline_id=former.id, expected_version=former.version + 1, is_default=True
        )
        assert desk.do(update_pipeline, back).is_default

    def test_is_not_given_up_without_a_successor(self, desk):
        default = desk.do(
            lambda session, _, *, now: ensure_default_pipeline(session, now=now), None
        )
        keys = {"pipeline_id": default.id, "expected_version": default.version}

        with pytest.raises(PipelineInUse):
            desk.do(update_pipeline, UpdatePipeline(**keys, is_default=False))
        with pytest.raises(PipelineInUse):
            desk.do(archive_pipeline, ArchivePipeline(**keys))


class TestUpdatePipeline:
    def test_reorders_renames_adds_and_removes_stages(self, desk, pipeline):
        _first, second, won, lost = plans_of(pipeline)
        command = UpdatePipeline(
            pipeline_id=pipeline.id,
            expected_version=1,
            stages=(second, StagePlan(name="Between"), replace(won, name="Yes"), lost),
        )

        updated = desk.do(update_pipeline, command)

        assert ["Second", "Between", "Yes", "Lost"] == [each.name for each in updated.stages]
        kept = desk.rows(
            "select name from stage where pipeline_id = :id order by position", id=pipeline.id
        )
        assert [("Second",), ("Between",), ("Yes",), ("Lost",)] == kept
        assert ["created", "updated"] == desk.told(pipeline.id)

    def test_refuses_to_take_a_stage_from_under_a_deal(self, desk, pipeline):
        desk.do(create_deal, CreateDeal(name="x", pipeline_id=pipeline.id))
        first, second, won, lost = plans_of(pipeline)
        command = UpdatePipeline(pipeline_id=pipeline.id, expected_version=1)
        as_lost = replace(first, category=StageCategory.LOST)

        with pytest.raises(StageInUse):
            desk.do(update_pipeline, replace(command, stages=(second, won, lost)))
        with pytest.raises(StageInUse):
            desk.do(update_pipeline, replace(command, stages=(as_lost, second, won, lost)))

    def test_refuses_an_incomplete_list_and_an_old_version(self, desk, pipeline):
        command = UpdatePipeline(pipeline_id=pipeline.id, expected_version=1)
        incomplete = tuple(plans_of(pipeline)[:2])

        with pytest.raises(PipelineIncomplete):
            desk.do(update_pipeline, replace(command, stages=incomplete))
        with pytest.raises(StaleVersion):
            desk.do(update_pipeline, replace(command, expected_version=4))

    def test_carries_a_new_stage_name_to_its_deals(self, desk, pipeline):
        deal = desk.do(create_deal, CreateDeal(name="x", pipeline_id=pipeline.id))
        first, *others = plans_of(pipeline)
        renamed = (replace(first, name="Fresh"), *others)
        desk.do(
            update_pipeline,
            UpdatePipeline(pipeline_id=pipeline.id, expected_version=1, stages=renamed),
        )

        carried = [self.carry(desk) for _ in range(2)]

        assert [1, 0] == carried
        assert [("Fresh",)] == desk.rows("select stage_name from deal where id = :id", id=deal.id)
        assert ["created", "updated"] == desk.told(deal.id)

    def carry(self, desk):
        with db.transaction(desk.sessions, db.Context(actor="service:sales")) as session:
            return carry_stage_names(session, now=NOON)


class TestArchivePipeline:
    def test_archives_and_restores_once(self, desk, pipeline):
        archive = ArchivePipeline(pipeline_id=pipeline.id, expected_version=1)
        restore = RestorePipeline(pipeline_id=pipeline.id, expected_version=2)

        for _ in range(2):
            desk.do(archive_pipeline, archive)
        with pytest.raises(RecordArchived):
            desk.do(
                update_pipeline,
                UpdatePipeline(pipeline_id=pipeline.id, expected_version=2, name="x"),
            )
        for _ in range(2):
            desk.do(restore_pipeline, restore)

        assert ["created", "archived", "restored"] == desk.told(pipeline.id)

    def test_refuses_while_open_deals_stand_in_it(self, desk, pipeline):
        desk.do(create_deal, CreateDeal(name="x", pipeline_id=pipeline.id))

        with pytest.raises(PipelineInUse):
            desk.do(archive_pipeline, ArchivePipeline(pipeline_id=pipeline.id, expected_version=1))
