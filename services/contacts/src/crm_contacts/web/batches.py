"""A batch's operations, each loaded as the single request would be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_chassis import web
from crm_chassis.problems import Invalid
from crm_chassis.web import Operation
from crm_chassis.web.answers import Command
from marshmallow import Schema, ValidationError

from crm_contacts.commands.changing import ANY_VERSION

CREATE_ONLY = web.batch_in("create")
EVERY_OPERATION = web.batch_in("create", "update", "archive")
Build = Callable[[Mapping[str, Any], UUID, int], Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of operation becomes a command: its function, schema and builder."""

    function: Command
    schema: Schema | None
    build: Build
    status: int = 200


def operations(given: Sequence[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> list[Operation]:
    """Load every operation; one that cannot be loaded carries its refusal."""
    return [_operation(each, kinds[each["op"]]) for each in given]


def _operation(given: Mapping[str, Any], kind: Kind) -> Operation:
    creates = kind.status == 201  # noqa: PLR2004 - Created
    if not creates and "id" not in given:
        return Operation(None, refusal=Invalid({"id": ["Missing data for required field."]}))
    try:
        fields = kind.schema.load(given["body"]) if kind.schema else {}
    except ValidationError as error:
        return Operation(None, refusal=Invalid(dict(_flat(error.messages_dict))))
    version = given.get("version", None if kind.schema else ANY_VERSION)
    return Operation(kind.function, kind.build(fields, given.get("id"), version), None, kind.status)


def _flat(messages: Mapping[Any, Any], prefix: str = "") -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for name, reasons in messages.items():
        path = f"{prefix}{name}"
        if isinstance(reasons, Mapping):
            found += _flat(reasons, f"{path}.")
        else:
            found.append((path, [str(reason) for reason in reasons]))
    return found
