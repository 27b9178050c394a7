"""Turning the operations of a batch into commands."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, cast
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.problems import Invalid
from crm_chassis.project import References
from crm_chassis.web import guard
from crm_chassis.web.operations import Command, Operation

Build = Callable[[Mapping[str, Any]], Operation]
_CREATED = 201


def operations(batch: Mapping[str, Any], builders: Mapping[str, Build]) -> list[Operation]:
    """Return one operation per item: what its builder made, or the refusal its body met."""
    return [_operation(item, builders[item["op"]]) for item in batch["operations"]]


def settled_together(batch: Sequence[Operation], references: References) -> list[Operation]:
    """Return the same operations, those that create with their foreign ids asked for at once."""
    every = [asdict(each.command) for each in batch if each.status == _CREATED]

    def together(operation: Operation) -> Operation:
        function = cast("Command", operation.function)

        def create(session: Session, command: Any, /, *, now: Any) -> db.Aggregate:
            references.settle_together(session, every)
            return function(session, command, now=now)

        return replace(operation, function=create)

    return [
        together(each) if each.status == _CREATED and each.function is not None else each
        for each in batch
    ]


def subject_of(item: Mapping[str, Any]) -> tuple[UUID, int | None]:
    """Return the record an item changes and its version. Raises ValidationError."""
    if "id" not in item:
        raise ValidationError("Missing data for required field.", "id")
    return item["id"], item.get("version")


def _operation(item: Mapping[str, Any], build: Build) -> Operation:
    try:
        made = replace(build(item), op=item["op"], subject=item.get("id"))
    except ValidationError as error:
        return Operation(None, refusal=Invalid(dict(_flat(error.messages))))
    refusal = guard.refused_fields(item)
    return replace(made, function=None, refusal=refusal) if refusal else made


def _flat(messages: Any, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else str(name))
    else:
        yield prefix, [str(message) for message in messages]
