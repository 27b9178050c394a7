"""Records that bring their past along."""

from dataclasses import replace

import pytest
from services.sales.tests.factories import NOON, PLANS, hours

from crm_sales import queries
from crm_sales.commands import pipelines
from crm_sales.commands.deals import CreateDeal
from crm_sales.commands.imports import (
    ImportDeal,
    ImportLead,
    PastStage,
    import_deal,
    import_lead,
)
from crm_sales.commands.leads import CaptureLead
from crm_sales.model.errors import (
    HistoryImpossible,
    LossNeedsReason,
    StageNotOpen,
    StageOfAnotherPipeline,
)
from crm_sales.model.values import DealStatus, LeadStatus

pytestmark = pytest.mark.integration


@pytest.fixture
def stages(desk):
    command = pipelines.CreatePipeline(name="Small", stages=PLANS)
    return desk.do(pipelines.create_pipeline, command).stages


def past(stages, *steps):
    return tuple(
        PastStage(stage_id=stages[index].id, entered_at=NOON - hours(ago), reason="Because")
        for index, ago in steps
    )


def an_import(**options):
    return ImportDeal(deal=CreateDeal(name="Old"), created_at=NOON - hours(100), **options)


class TestImportDeal:
    def test_lives_its_past_and_is_told_once(self, desk, stages):
        command = an_import(stage_history=past(stages, (0, 100), (1, 60), (2, 10)))

        deal = desk.do(import_deal, command)

        assert (DealStatus.WON, NOON - hours(10), NOON - hours(100), 1) == (
            deal.status,
            deal.closed_at,
            deal.created_at,
            deal.version,
        )
        assert ["created"] == desk.told(deal.id)
        with desk.sessions() as session:
            stays = queries.intervals_of(session, deal.id)
            assert [
                (NOON - hours(100), NOON - hours(60)),
                (NOON - hours(60), NOON - hours(10)),
            ] == [(stay.entered_at, stay.left_at) for stay in stays]

    def test_may_have_been_lost_and_reopened(self, desk, stages):
        command = an_import(stage_history=past(stages, (0, 100), (3, 60), (1, 10)))

        deal = desk.do(import_deal, command)

        assert (DealStatus.OPEN, "Second", "Because") == (
            deal.status,
            deal.stage_name,
            deal.reopened_reason,
        )

    def test_needs_no_history_to_be_closed(self, desk, stages):
        lost = CreateDeal(name="Old", stage_id=stages[3].id)
        command = replace(an_import(closed_at=NOON - hours(3), lost_reason="Price"), deal=lost)

        deal = desk.do(import_deal, command)

        assert (DealStatus.LOST, NOON - hours(3), "Price") == (
            deal.status,
            deal.closed_at,
            deal.lost_reason,
        )
        with pytest.raises(LossNeedsReason):
            desk.do(import_deal, replace(command, lost_reason=None))

    def test_may_just_be_old(self, desk):
        deal = desk.do(import_deal, an_import())

        assert (NOON - hours(100), DealStatus.OPEN) == (deal.created_at, deal.status)

    @pytest.mark.parametrize("steps", [((0, 100), (1, 20), (2, 30)), ((0, 100), (1, -1))])
    def test_refuses_times_out_of_order_or_to_come(self, desk, stages, steps):
        with pytest.raises(HistoryImpossible):
            desk.do(import_deal, an_import(stage_history=past(stages, *steps)))

    def test_refuses_to_begin_in_a_closed_stage_or_to_change_pipelines(self, desk, stages):
        other = desk.do(pipelines.create_pipeline, pipelines.CreatePipeline(name="Other"))

        with pytest.raises(StageNotOpen):
            desk.do(import_deal, an_import(stage_history=past(stages, (2, 100))))
        mixed = (*past(stages, (0, 100)), *past(other.stages, (0, 50)))
        with pytest.raises(StageOfAnotherPipeline):
            desk.do(import_deal, an_import(stage_history=mixed))


class TestImportLead:
    def test_keeps_age_and_state(self, desk):
        command = ImportLead(
            lead=CaptureLead(last_name="x"),
            created_at=NOON - hours(9),
            status=LeadStatus.DISQUALIFIED,
            disqualified_reason="Too small",
        )

        lead = desk.do(import_lead, command)

        assert (NOON - hours(9), "Too small") == (lead.created_at, lead.disqualified_reason)
        assert ["captured"] == desk.told(lead.id)

    def test_refuses_one_to_come(self, desk):
        with pytest.raises(HistoryImpossible):
            desk.do(
                import_lead,
                ImportLead(lead=CaptureLead(last_name="x"), created_at=NOON + hours(1)),
            )
