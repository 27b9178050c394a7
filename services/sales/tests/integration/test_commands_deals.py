"""What can be asked of deals, on a real database."""

from dataclasses import replace
from decimal import Decimal

import pytest
from services.sales.tests.factories import NOON, PLANS, hours, unseen
from sqlalchemy import text

from crm_chassis.db import Money
from crm_chassis.problems import NotFound, PreconditionRequired, StaleVersion
from crm_sales import queries
from crm_sales.commands import moves, pipelines
from crm_sales.commands.deals import (
    ArchiveDeal,
    CreateDeal,
    RestoreDeal,
    UpdateDeal,
    archive_deal,
    create_deal,
    restore_deal,
    update_deal,
)
from crm_sales.model.errors import (
    DealAlreadyClosed,
    LossNeedsReason,
    RecordArchived,
    StageNotFound,
    StageNotLost,
    StageNotOpen,
    StageOfAnotherPipeline,
)
from crm_sales.model.values import DealStatus, StageCategory

pytestmark = pytest.mark.integration


@pytest.fixture
def pipeline(desk):
    command = pipelines.CreatePipeline(name="Small", stages=PLANS)
    return desk.do(pipelines.create_pipeline, command)


@pytest.fixture
def deal(desk, pipeline):
    return desk.do(create_deal, CreateDeal(name="Desks", pipeline_id=pipeline.id))


def stays(desk, deal):
    with desk.sessions() as session:
        return [
            (stay.stage_name, stay.entered_at, stay.left_at)
            for stay in queries.intervals_of(session, deal.id)
        ]


class TestCreateDeal:
    def test_starts_in_the_first_open_stage_and_tells(self, desk, deal):
        assert ("First", DealStatus.OPEN, 1) == (deal.stage_name, deal.status, deal.version)
        assert ["created"] == desk.told(deal.id)
        assert [("First", NOON, None)] == stays(desk, deal)

    def test_makes_the_default_pipeline_on_first_need(self, desk):
        deals = [desk.do(create_deal, CreateDeal(name=f"Deal {n}")) for n in range(2)]

        assert deals[0].pipeline_id == deals[1].pipeline_id
        assert ["created"] == desk.told(deals[0].pipeline_id)

    def test_finds_the_pipeline_of_a_stage(self, desk, pipeline):
        second = pipeline.stages[1]

        deal = desk.do(create_deal, CreateDeal(name="x", stage_id=second.id))

        assert (pipeline.id, "Second") == (deal.pipeline_id, deal.stage_name)

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"stage_id": unseen()}, StageNotFound),
            ({"pipeline_id": unseen()}, StageNotFound),
        ],
    )
    def test_refuses_places_that_do_not_exist(self, desk, wrong, refusal):
        with pytest.raises(refusal):
            desk.do(create_deal, CreateDeal(name="x", **wrong))

    def test_refuses_a_stage_of_another_pipeline_and_a_closed_one(self, desk, pipeline):
        other = desk.do(pipelines.create_pipeline, pipelines.CreatePipeline(name="Other"))
        foreign, won = other.stages[0].id, pipeline.first(StageCategory.WON).id

        with pytest.raises(StageOfAnotherPipeline):
            desk.do(create_deal, CreateDeal(name="x", pipeline_id=pipeline.id, stage_id=foreign))
        with pytest.raises(StageNotOpen):
            desk.do(create_deal, CreateDeal(name="x", stage_id=won))

    def test_accepts_people_and_accounts_nobody_has_seen(self, desk):
        contact, account, owner = unseen(), unseen(), unseen()
        command = CreateDeal(
            name="x", primary_contact_id=contact, account_id=account, owner_id=owner,
            contact_ids=(contact, contact),
        )  # fmt: skip

        deal = desk.do(create_deal, command)

        assert [contact] == deal.contact_ids
        placeholders = desk.rows(
            "select version from contact_copy where id = :contact union all "
            "select version from account_copy where id = :account union all "
            "select version from user_copy where id = :owner",
            contact=contact, account=account, owner=owner,
        )  # fmt: skip
        assert [(0,)] * 3 == placeholders

    def test_follows_a_merge(self, desk):
        absorbed, survivor = unseen(), unseen()
        with desk.sessions.begin() as session:
            session.execute(
                text("insert into contact_copy (id, version, merged_into) values (:a, 3, :s)"),
                {"a": absorbed, "s": survivor},
            )

        deal = desk.do(create_deal, CreateDeal(name="x", primary_contact_id=absorbed))

        assert survivor == deal.primary_contact_id


class TestUpdateDeal:
    def test_changes_only_what_is_named_and_tells_it_once(self, desk, deal):
        changes = {"amount": Money(Decimal("99.50"), "EUR"), "next_step": "Call"}

        updated = desk.do(
            update_deal, UpdateDeal(deal_id=deal.id, expected_version=1, changes=changes)
        )

        assert ("Desks", Money(Decimal("99.50"), "EUR"), 2) == (
            updated.name,
            updated.amount,
            updated.version,
        )
        assert ["created", "updated"] == desk.told(deal.id)

    def test_tells_nothing_when_nothing_changed(self, desk, deal):
        command = UpdateDeal(deal_id=deal.id, expected_version=1, changes={"name": "Desks"})

        assert 1 == desk.do(update_deal, command).version
        assert ["created"] == desk.told(deal.id)

    def test_refuses_without_a_version_with_an_old_one_and_what_is_not_there(self, desk, deal):
        command = UpdateDeal(deal_id=deal.id, expected_version=None, changes={"name": "x"})

        with pytest.raises(PreconditionRequired):
            desk.do(update_deal, command)
        with pytest.raises(StaleVersion):
            desk.do(update_deal, replace(command, expected_version=7))
        with pytest.raises(NotFound):
            desk.do(update_deal, replace(command, deal_id=unseen()))


class TestMoveDeal:
    def move(self, deal, stage, version=1, **options):
        return moves.MoveDeal(
            deal_id=deal.id, expected_version=version, stage_id=stage.id, **options
        )

    def test_moves_closes_the_stay_and_opens_the_next(self, desk, pipeline, deal):
        later = NOON + hours(5)

        moved = desk.do(moves.move_deal, self.move(deal, pipeline.stages[1]), now=later)

        assert ("Second", Decimal("0.6000")) == (moved.stage_name, moved.probability)
        assert ["created", "stage_changed"] == desk.told(deal.id)
        assert [("First", NOON, later), ("Second", later, None)] == stays(desk, deal)

    def test_does_nothing_when_it_is_there_whatever_the_version(self, desk, pipeline, deal):
        moved = desk.do(moves.move_deal, self.move(deal, pipeline.stages[0], version=None))

        assert 1 == moved.version
        assert ["created"] == desk.told(deal.id)

    def test_closes_when_the_stage_does(self, desk, pipeline, deal):
        lost = pipeline.first(StageCategory.LOST)

        with pytest.raises(LossNeedsReason):
            desk.do(moves.move_deal, self.move(deal, lost))
        moved = desk.do(moves.move_deal, self.move(deal, lost, reason="Price"))

        assert (DealStatus.LOST, "Price", NOON) == (
            moved.status,
            moved.lost_reason,
            moved.closed_at,
        )
        assert ["created", "lost"] == desk.told(deal.id)

    def test_changes_the_pipeline_only_when_it_is_named(self, desk, deal):
        other = desk.do(pipelines.create_pipeline, pipelines.CreatePipeline(name="Other"))
        stage = other.stages[1]

        with pytest.raises(StageOfAnotherPipeline):
            desk.do(moves.move_deal, self.move(deal, stage))
        moved = desk.do(moves.move_deal, self.move(deal, stage, pipeline_id=other.id))

        assert (other.id, stage.name) == (moved.pipeline_id, moved.stage_name)

    def test_refuses_a_closed_deal_and_checks_the_version_first(self, desk, pipeline, deal):
        desk.do(moves.win_deal, moves.WinDeal(deal_id=deal.id, expected_version=1))
        command = self.move(deal, pipeline.stages[0], version=2)

        with pytest.raises(DealAlreadyClosed):
            desk.do(moves.move_deal, command)
        with pytest.raises(StaleVersion):
            desk.do(moves.move_deal, replace(command, expected_version=1))


class TestWinDeal:
    def test_wins_once_however_often_it_is_asked(self, desk, deal):
        command = moves.WinDeal(deal_id=deal.id, expected_version=1)

        desk.do(moves.win_deal, command, now=NOON + hours(1))
        again = desk.do(moves.win_deal, command, now=NOON + hours(2))

        assert (DealStatus.WON, NOON + hours(1), 2) == (
            again.status,
            again.closed_at,
            again.version,
        )
        assert ["created", "won"] == desk.told(deal.id)
        assert [("First", NOON, NOON + hours(1))] == stays(desk, deal)

    def test_refuses_a_lost_deal(self, desk, deal):
        desk.do(
            moves.lose_deal,
            moves.LoseDeal(deal_id=deal.id, expected_version=1, reason="Price"),
        )

        with pytest.raises(DealAlreadyClosed):
            desk.do(moves.win_deal, moves.WinDeal(deal_id=deal.id, expected_version=2))


class TestLoseDeal:
    def test_keeps_the_reason_and_ignores_a_repeat(self, desk, deal):
        command = moves.LoseDeal(deal_id=deal.id, expected_version=1, reason="Price")

        desk.do(moves.lose_deal, command)
        again = desk.do(moves.lose_deal, replace(command, reason="Other"))

        assert ("Price", 2) == (again.lost_reason, again.version)
        assert ["created", "lost"] == desk.told(deal.id)

    def test_refuses_a_stage_that_is_not_lost_and_a_won_deal(self, desk, pipeline, deal):
        command = moves.LoseDeal(
            deal_id=deal.id, expected_version=1, reason="x", stage_id=pipeline.stages[1].id
        )

        with pytest.raises(StageNotLost):
            desk.do(moves.lose_deal, command)
        desk.do(moves.win_deal, moves.WinDeal(deal_id=deal.id, expected_version=1))
        with pytest.raises(DealAlreadyClosed):
            desk.do(moves.lose_deal, replace(command, expected_version=2, stage_id=None))


class TestReopenDeal:
    def test_goes_back_to_the_stage_it_stood_in_last(self, desk, pipeline, deal):
        stage = pipeline.stages[1]
        desk.do(
            moves.move_deal,
            moves.MoveDeal(deal_id=deal.id, expected_version=1, stage_id=stage.id),
            now=NOON + hours(1),
        )
        desk.do(
            moves.win_deal,
            moves.WinDeal(deal_id=deal.id, expected_version=2),
            now=NOON + hours(2),
        )
        command = moves.ReopenDeal(deal_id=deal.id, expected_version=3, reason="Error")

        reopened = desk.do(moves.reopen_deal, command, now=NOON + hours(3))
        again = desk.do(moves.reopen_deal, command, now=NOON + hours(4))

        assert ("Second", None, 4) == (
            reopened.stage_name,
            reopened.closed_at,
            again.version,
        )
        assert ["created", "stage_changed", "won", "reopened"] == desk.told(deal.id)
        assert ("Second", NOON + hours(3), None) == stays(desk, deal)[-1]

    def test_goes_where_it_is_told(self, desk, pipeline, deal):
        desk.do(moves.win_deal, moves.WinDeal(deal_id=deal.id, expected_version=1))
        command = moves.ReopenDeal(
            deal_id=deal.id, expected_version=2, reason="x", stage_id=pipeline.stages[1].id
        )

        assert "Second" == desk.do(moves.reopen_deal, command).stage_name


class TestArchiveDeal:
    def test_archives_and_restores_once(self, desk, deal):
        archive = ArchiveDeal(deal_id=deal.id, expected_version=1)
        restore = RestoreDeal(deal_id=deal.id, expected_version=2)

        desk.do(archive_deal, archive)
        assert 2 == desk.do(archive_deal, archive).version
        desk.do(restore_deal, restore)
        assert 3 == desk.do(restore_deal, restore).version

        assert ["created", "archived", "restored"] == desk.told(deal.id)

    def test_keeps_an_archived_deal_as_it_is(self, desk, deal):
        desk.do(archive_deal, ArchiveDeal(deal_id=deal.id, expected_version=1))

        with pytest.raises(RecordArchived):
            desk.do(
                update_deal, UpdateDeal(deal_id=deal.id, expected_version=2, changes={"name": "x"})
            )
        with pytest.raises(RecordArchived):
            desk.do(moves.win_deal, moves.WinDeal(deal_id=deal.id, expected_version=2))
