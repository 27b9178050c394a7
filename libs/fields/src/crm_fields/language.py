"""Conditions as a tree, and which fields they may name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_fields.kinds import Kind, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What conditions may speak of.

    `has_past`: records are seen before and after a change, so `changed` can be asked. `events`
    are the types that a field of the kind EVENTS may count, each with the fields of its events.
    """

    fields: Mapping[str, Kind]
    has_past: bool = False
    events: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """Another field of the same record, in the place of a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with a value of its kind (several for in, nin, between), or a Reference."""

    field: str
    op: str
    value: Any = None
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened within a span: what `event_count` compares."""

    type: str
    op: str
    n: int
    window: Span
    where: "Node | None" = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - Any is taken by typing
    """A part holds."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """None of the parts holds."""

    parts: "tuple[Node, ...]"


Node = All | Any_ | Not | Condition


def conditions(node: Node) -> Iterator[Condition]:
    """Every condition of a tree."""
    if isinstance(node, Condition):
        yield node
        return
    for part in node.parts:
        yield from conditions(part)
