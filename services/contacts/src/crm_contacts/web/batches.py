"""How an item of a batch becomes an operation: loaded as the single request would be."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema

from crm_chassis import db, web
from crm_chassis.problems import NotFound
from crm_chassis.web import Operation
from crm_chassis.web.batches import Build
from crm_chassis.web.operations import Command
from crm_contacts.commands.changing import ANY_VERSION
from crm_contacts.queries import records

CREATE_ONLY = web.batch_in("create")
EVERY_OPERATION = web.batch_in("create", "update", "archive")
Fields = Mapping[str, Any]


def operations(
    batch: Fields, kind: type[db.Aggregate], builders: Mapping[str, Build]
) -> list[Operation]:
    """One operation per item; what the caller may not see is not found, as in single requests."""
    made, items = web.operations(batch, builders), batch["operations"]
    wanted = {item["id"] for item in items if "id" in item}
    if not wanted:
        return made
    with web.sessions()() as session:
        readers = records.readers_of(session, kind, wanted)
    who = web.principal()
    visible = {None} | {each for each, reader in readers.items() if who.may_see(*reader)}
    return [
        operation if item.get("id") in visible else _not_found(item["id"])
        for item, operation in zip(items, made, strict=True)
    ]


def _not_found(record_id: UUID) -> Operation:
    return Operation(None, refusal=NotFound(record_id))


def creating(function: Command, schema: Schema, command: Callable[[Fields], Any]) -> Build:
    """An item whose body makes a record."""
    return lambda item: Operation(function, command(schema.load(item["body"])), None, 201)


def updating(
    function: Command, schema: Schema, command: Callable[[UUID, int | None, Fields], Any]
) -> Build:
    """An item whose body changes a record of a known version."""

    def build(item: Fields) -> Operation:
        record_id, version = web.subject_of(item)
        return Operation(function, command(record_id, version, schema.load(item["body"])))

    return build


def archiving(function: Command, command: Callable[[UUID, int], Any]) -> Build:
    """An item that archives a record, of any version unless it names one."""

    def build(item: Fields) -> Operation:
        record_id, version = web.subject_of(item)
        return Operation(function, command(record_id, ANY_VERSION if version is None else version))

    return build
