"""/v1/deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import clock, web
from crm_chassis.problems import Forbidden
from crm_chassis.rights import Range
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut, PageOut
from crm_fields.holding import routes
from crm_fields.objects import Held
from crm_sales import queries
from crm_sales.commands import deals as commands
from crm_sales.commands import imports, moves
from crm_sales.commands.holding import KEEPER
from crm_sales.commands.references import REFERENCES
from crm_sales.model.interval import time_in_stages
from crm_sales.schemas.deals import (
    CustomerOverdueOut,
    DealBatchIn,
    DealIn,
    DealOut,
    DealPatch,
    DealQuery,
    DealReasonIn,
    DealStageIn,
    DealStagesOut,
)

deals = Blueprint(
    "deals", __name__, url_prefix="/v1/deals", description="Deals: worth and place", kind="deal"
)


@deals.get("")
@deals.arguments(DealQuery, location="query")
@deals.response(200, PageOut)
def list_deals(wanted: dict[str, Any]) -> Response:
    """Live deals, newest first."""
    rest, conditions = routes.asked(Held.DEAL, KEEPER, wanted)
    return web.listing(
        queries.deals(rest).where(*conditions),
        kind="deal",
        id_column=queries.DEAL_ID,
        sorts=queries.DEAL_SORTS,
        args=wanted,
    )


@deals.post("")
@deals.arguments(DealIn)
@deals.response(201, DealOut)
def create_deal(command: commands.CreateDeal) -> Response:
    """Open a deal; without an owner it is the caller's."""
    owned = replace(command, owner_id=command.owner_id or web.principal().user_id)
    return web.write(commands.create_deal, owned, status=201)


@deals.post("/batch")
@deals.arguments(web.batch_in("create", "update", "archive"))
@deals.response(207, BatchOut)
def batch_deals(batch: dict[str, Any]) -> Response:
    """Create (also with their past: `imported`), update or archive up to 500 deals."""
    builders = {"create": _creation, "update": _update, "archive": _archiving}
    return web.write_batch(web.settled_together(web.operations(batch, builders), REFERENCES))


@deals.get("/<uuid:deal_id>")
@deals.response(200, DealOut)
def get_deal(deal_id: UUID) -> Response:
    """Return one deal."""
    return web.read("deal", deal_id)


@deals.patch("/<uuid:deal_id>")
@deals.arguments(DealPatch)
@deals.response(200, DealOut)
def update_deal(changes: dict[str, Any], deal_id: UUID) -> Response:
    """Change fields of a deal."""
    command = commands.UpdateDeal(deal_id=deal_id, expected_version=web.if_match(), changes=changes)
    return web.write(commands.update_deal, command)


@deals.delete("/<uuid:deal_id>")
@deals.response(200, DealOut)
def archive_deal(deal_id: UUID) -> Response:
    """Archive a deal."""
    command = commands.ArchiveDeal(deal_id=deal_id, expected_version=web.if_match())
    return web.write(commands.archive_deal, command)


@deals.put("/<uuid:deal_id>/restoration")
@deals.response(200, DealOut)
def restore_deal(deal_id: UUID) -> Response:
    """Bring an archived deal back."""
    command = commands.RestoreDeal(deal_id=deal_id, expected_version=web.if_match())
    return web.write(commands.restore_deal, command)


@deals.put("/<uuid:deal_id>/stage")
@deals.arguments(DealStageIn)
@deals.response(200, DealOut)
def move_deal(wanted: dict[str, Any], deal_id: UUID) -> Response:
    """Move an open deal to a stage; a won or lost one closes it."""
    command = moves.MoveDeal(deal_id=deal_id, expected_version=web.if_match(), **wanted)
    return web.write(moves.move_deal, command)


@deals.put("/<uuid:deal_id>/win")
@deals.response(200, DealOut)
@web.needs("update", changes=("status", "stage_id"))
def win_deal(deal_id: UUID) -> Response:
    """Close an open deal as won."""
    command = moves.WinDeal(deal_id=deal_id, expected_version=web.if_match())
    return web.write(moves.win_deal, command)


@deals.put("/<uuid:deal_id>/loss")
@deals.arguments(DealReasonIn)
@deals.response(200, DealOut)
@web.needs("update", changes=("status", "stage_id"))
def lose_deal(wanted: dict[str, Any], deal_id: UUID) -> Response:
    """Close an open deal as lost, with the reason."""
    command = moves.LoseDeal(deal_id=deal_id, expected_version=web.if_match(), **wanted)
    return web.write(moves.lose_deal, command)


@deals.put("/<uuid:deal_id>/reopening")
@deals.arguments(DealReasonIn)
@deals.response(200, DealOut)
@web.needs("update", changes=("status", "stage_id"))
def reopen_deal(wanted: dict[str, Any], deal_id: UUID) -> Response:
    """Work on a closed deal again, with the reason."""
    command = moves.ReopenDeal(deal_id=deal_id, expected_version=web.if_match(), **wanted)
    return web.write(moves.reopen_deal, command)


@deals.get("/<uuid:deal_id>/stages")
@deals.response(200, DealStagesOut)
def get_deal_stages(deal_id: UUID) -> dict[str, Any]:
    """Return the time the deal stood in each stage."""
    web.read("deal", deal_id)
    with web.sessions()() as session:
        intervals = queries.intervals_of(session, deal_id)
    return {"items": time_in_stages(intervals, now=clock.now()), "intervals": intervals}


@deals.get("/<uuid:deal_id>/customer-overdue")
@deals.response(200, CustomerOverdueOut)
@web.needs("read", kind="invoice", subject=("deal_id", "deal"))
def get_customer_overdue(deal_id: UUID) -> dict[str, Any]:
    """Say what the deal's customer owes beyond the day, before more is sold to them.

    A sum over all invoices is for who reads all of them.
    """
    web.read("deal", deal_id)
    if web.principal().rights.range_of("invoice", "read") is not Range.ALL:
        raise Forbidden(detail="your right to read invoices does not reach all of them")
    with web.sessions()() as session:
        found = queries.overdue_of_deal(session, deal_id)
    amounts = [{"amount": f"{amount:.2f}", "currency": each} for each, _, amount, _ in found]
    overdue = {
        "count": sum(count for _, count, _, _ in found),
        "amount": amounts[0] if len(amounts) == 1 else None,
        "amounts": amounts,
        "oldest_due_at": min((due_at for *_, due_at in found), default=None),
    }
    return {"customer_overdue": overdue}


routes.add(deals, Held.DEAL, KEEPER)


def _creation(item: Mapping[str, Any]) -> web.Operation:
    command = DealBatchIn().load(item["body"])
    is_import = isinstance(command, imports.ImportDeal)
    function = imports.import_deal if is_import else commands.create_deal
    return web.Operation(function, command, status=201)


def _update(item: Mapping[str, Any]) -> web.Operation:
    deal_id, version = web.subject_of(item)
    changes = DealPatch().load(item["body"])
    command = commands.UpdateDeal(deal_id=deal_id, expected_version=version, changes=changes)
    return web.Operation(commands.update_deal, command)


def _archiving(item: Mapping[str, Any]) -> web.Operation:
    deal_id, version = web.subject_of(item)
    command = commands.ArchiveDeal(
        deal_id=deal_id, expected_version=version, is_any_version=version is None
    )
    return web.Operation(commands.archive_deal, command)
