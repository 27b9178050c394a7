"""Routes of orders, invoices and subscriptions: one way in for all three."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema

from crm_chassis import web
from crm_chassis.problems import Invalid
from crm_chassis.web.blueprints import Blueprint
from crm_chassis.web.schemas import BatchOut
from crm_contacts.commands import purchases as commands
from crm_contacts.model.purchase import Invoice, Order, Purchase, Subscription
from crm_contacts.queries import purchases as queries
from crm_contacts.schemas import purchases as taken
from crm_contacts.schemas import purchases_out as answered
from crm_contacts.web import batches

Fields = Mapping[str, Any]
_BATCH = web.batch_in("create", "archive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What differs between the three."""

    name: str
    kind: type[Purchase]
    command: Any
    record: Any
    sorts: Mapping[str, Any]
    body: type[Schema]
    state: type[Schema]
    filters: type[Schema]
    answer: type[Schema]
    page: type[Schema]

    @property
    def record_kind(self) -> str:
        """The kind of the records."""
        return queries.table_of(self.kind)

    def recorded(self, fields: Fields) -> Response:
        """Take in one delivery: 201 where it is new, else 200."""
        return web.write(self.record, self.command(**fields), status=201, found=200)

    def creating(self, item: Fields) -> web.Operation:
        """One delivery of a batch."""
        command = self.command(**self.body().load(item["body"]))
        return web.Operation(self.record, command, status=201, found=200)

    def archiving(self, purchase_id: UUID, version: int | None) -> commands.ArchivePurchase:
        """The command that puts one away."""
        return commands.ArchivePurchase(
            kind=self.kind, purchase_id=purchase_id, expected_version=version
        )


def _routes(resource: Resource) -> Blueprint:
    """The routes of one of the three."""
    blueprint = Blueprint(
        resource.name, __name__, url_prefix=f"/v1/{resource.name}", kind=resource.record_kind
    )
    _reading(blueprint, resource)
    _writing(blueprint, resource)
    _keeping(blueprint, resource)
    return blueprint


def _reading(blueprint: Blueprint, resource: Resource) -> None:
    @blueprint.get("")
    @blueprint.arguments(resource.filters, location="query")
    @blueprint.response(200, resource.page)
    def list_all(filters: Fields) -> Response:
        """List them; `awaiting=true`: those whose buyer is not known yet."""
        return web.listing(
            queries.purchases(resource.kind, filters),
            kind=resource.record_kind,
            id_column=resource.kind.id,
            sorts=resource.sorts,
            args=filters,
        )

    @blueprint.get("/<uuid:purchase_id>")
    @blueprint.response(200, resource.answer)
    def read(purchase_id: UUID) -> Response:
        """Read one."""
        return web.read(resource.record_kind, purchase_id)


def _writing(blueprint: Blueprint, resource: Resource) -> None:
    @blueprint.post("")
    @blueprint.arguments(resource.body)
    @blueprint.response(201, resource.answer)
    @blueprint.alt_response(200, schema=resource.answer, description="It is known already")
    def record(fields: Fields) -> Response:
        """Say how one stands: 201 where it is new, 200 where (source, external_id) is known."""
        return resource.recorded(fields)

    @blueprint.put("/by-source/<source>/<path:external_id>")
    @blueprint.arguments(resource.state)
    @blueprint.response(200, resource.answer)
    @blueprint.alt_response(201, schema=resource.answer, description="It is new")
    @web.needs("create")
    def record_by_source(fields: Fields, source: str, external_id: str) -> Response:
        """Say how one stands, by what its source calls it: 201 where it is new, else 200."""
        faults = taken.KeyIn().validate({"source": source, "external_id": external_id})
        if faults:
            raise Invalid({str(name): list(why) for name, why in faults.items()})
        key = {"source": source.strip(), "external_id": external_id.strip()}
        return resource.recorded({**fields, **key})

    @blueprint.post("/batch")
    @blueprint.arguments(_BATCH)
    @blueprint.response(207, BatchOut)
    def change(batch: Fields) -> Response:
        """Say how up to 500 stand (`create`), or archive them."""
        archiving = batches.archiving(commands.archive_purchase, resource.archiving)
        builders = {"create": resource.creating, "archive": archiving}
        return web.write_batch(_together(batches.operations(batch, resource.kind, builders)))


def _keeping(blueprint: Blueprint, resource: Resource) -> None:
    @blueprint.delete("/<uuid:purchase_id>")
    @blueprint.response(200, resource.answer)
    def archive(purchase_id: UUID) -> Response:
        """Archive one."""
        web.read(resource.record_kind, purchase_id)  # 404 for who may not see it
        command = resource.archiving(purchase_id, web.if_match())
        return web.write(commands.archive_purchase, command)

    @blueprint.put("/<uuid:purchase_id>/restoration")
    @blueprint.response(200, resource.answer)
    def restore(purchase_id: UUID) -> Response:
        """Bring an archived one back."""
        web.read(resource.record_kind, purchase_id)
        command = commands.RestorePurchase(
            kind=resource.kind, purchase_id=purchase_id, expected_version=web.if_match()
        )
        return web.write(commands.restore_purchase, command)


def _together(operations: list[web.Operation]) -> list[web.Operation]:
    """The same, with what all deliveries are about looked up at once."""
    deliveries = [each.command for each in operations if each.found is not None]
    return [
        replace(each, function=commands.together(each.function, deliveries))
        if each.found is not None and each.function is not None
        else each
        for each in operations
    ]


ORDERS = _routes(
    Resource(
        name="orders",
        kind=Order,
        command=commands.RecordOrder,
        record=commands.record_order,
        sorts=queries.ORDER_SORTS,
        body=taken.OrderIn,
        state=taken.OrderStateIn,
        filters=taken.OrdersIn,
        answer=answered.OrderOut,
        page=answered.OrdersOut,
    )
)
INVOICES = _routes(
    Resource(
        name="invoices",
        kind=Invoice,
        command=commands.RecordInvoice,
        record=commands.record_invoice,
        sorts=queries.INVOICE_SORTS,
        body=taken.InvoiceIn,
        state=taken.InvoiceStateIn,
        filters=taken.InvoicesIn,
        answer=answered.InvoiceOut,
        page=answered.InvoicesOut,
    )
)
SUBSCRIPTIONS = _routes(
    Resource(
        name="subscriptions",
        kind=Subscription,
        command=commands.RecordSubscription,
        record=commands.record_subscription,
        sorts=queries.SUBSCRIPTION_SORTS,
        body=taken.SubscriptionIn,
        state=taken.SubscriptionStateIn,
        filters=taken.SubscriptionsIn,
        answer=answered.SubscriptionOut,
        page=answered.SubscriptionsOut,
    )
)
