"""Turning the operations of a batch into commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from crm_chassis.db import Aggregate
from crm_chassis.problems import Invalid
from crm_chassis.web import Operation
from crm_sales.commands.references import refer_together

Build = Callable[[Mapping[str, Any]], Operation]


def operations(batch: Mapping[str, Any], builders: Mapping[str, Build]) -> list[Operation]:
    """One operation per item: its command, or the refusal its body met."""
    return [_operation(item, builders[item["op"]]) for item in batch["operations"]]


def creations(batch: list[Operation]) -> list[Operation]:
    """The same, with the foreign ids of all creations settled together."""
    every = [_fields(each.command) for each in batch if each.status == 201]
    return [_together(each, every) if each.status == 201 else each for each in batch]


def subject_of(item: Mapping[str, Any]) -> tuple[UUID, int | None]:
    """The record an item changes, and its version. Raises ValidationError."""
    if "id" not in item:
        raise ValidationError("Missing.", "id")
    return item["id"], item.get("version")


def _operation(item: Mapping[str, Any], build: Build) -> Operation:
    try:
        return build(item)
    except ValidationError as error:
        return Operation(None, refusal=Invalid(dict(_flat(error.messages))))


def _together(operation: Operation, every: Sequence[Mapping[str, Any]]) -> Operation:
    function = operation.function

    def create(session: Session, command: Any, /, *, now: datetime) -> Aggregate:
        refer_together(session, every)
        return function(session, command, now=now)

    return Operation(create, operation.command, status=operation.status)


def _fields(command: Any) -> dict[str, Any]:
    fields = asdict(command)
    return fields.get("deal") or fields.get("lead") or fields


def _flat(messages: Any, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else str(name))
    else:
        yield prefix, [str(message) for message in messages]
