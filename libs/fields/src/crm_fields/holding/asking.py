"""Where the fields that predicates name stand, for lists, rules and trials of rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    DateTime,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    cast,
    column,
    func,
    literal,
    select,
    table,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from crm_chassis.problems import Invalid
from crm_fields.kinds import Kind, value_of
from crm_fields.language import All, Condition, Node
from crm_fields.objects import Held
from crm_fields.predicate import InvalidPredicate, parse
from crm_fields.rulebook import Part
from crm_fields.sql import Bool, Column, Place, WordsPlace, compiled
from crm_fields.types import KINDS, PREFIX, FieldType, Spec, read

VALUE = table(
    "custom_value",
    *(column(name, Text) for name in ("object", "key", "text_value", "long_value")),
    *(column(name, Text) for name in ("unique_key", "search_key")),
    column("record_id", Uuid),
    column("position", Integer),
    column("number_value", Numeric),
    column("moment_value", DateTime(timezone=True)),
)
_LONG = frozenset({FieldType.TEXT, FieldType.URL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The records of one kind: their mapped class, and where their own fields stand.

    `values` gives a record's values by the names that rules use, `name` what people call it,
    `scalar` the column of a field that stands in rows beside the record, `known` what `?q=` finds
    in the records themselves.
    """

    held: Held
    model: Any
    values: Callable[[Any], dict[str, Any]]
    name: Callable[[], Column]
    place: Callable[[str, Kind], Place | WordsPlace]
    scalar: Callable[[str], Column | None] = lambda _: None
    known: Callable[[str], Bool] | None = None


def column_place(model: Any, name: str, kind: Kind) -> Place | WordsPlace:
    """Return where a field stands that is a column of the row."""
    found = getattr(model, name)
    if kind is Kind.WORDS:
        words = type_coerce(found, ARRAY(Text))
        return WordsPlace(
            has=lambda word: words.contains([word]),
            is_empty=words == cast([], ARRAY(Text)),
        )
    if kind in {Kind.TEXT, Kind.DAY}:
        is_text = kind is Kind.TEXT or isinstance(found.type, Text)
        return Place(column=type_coerce(found, Text()) if is_text else cast(found, Text))
    if kind is Kind.NUMBER:  # compared exactly with any number, not with one of the column's size
        return Place(column=type_coerce(found, Numeric()))
    return Place(column=found)


def condition(part: Part, records: Records, node: Node, *, now: datetime) -> Bool:
    """What is true of the records a predicate means."""

    def place(name: str, kind: Kind) -> Place | WordsPlace:
        if name.startswith(PREFIX):
            return _own(part, records, name, kind)
        return records.place(name, kind)

    return compiled(node, place, now=now)


def equals(spec: Spec, given: str) -> Node:
    """Return the predicate that `?custom.<key>=…` stands for. Raises ValueError with the reason."""
    value = read(spec, given)
    kind = KINDS.get(spec.type, Kind.TEXT)
    if spec.type is FieldType.MONEY:
        amount = Condition(spec.name, "eq", value_of(kind, value["amount"]), kind)
        return All((amount, Condition(f"{spec.name}.currency", "eq", value["currency"])))
    if spec.type is FieldType.MULTI_ENUM:
        return All(tuple(Condition(spec.name, "contains", word, kind) for word in value))
    if spec.type is FieldType.TEXT:
        return Condition(spec.name, "eq", value)
    return Condition(spec.name, "eq", value_of(kind, value), kind)


def asked(
    part: Part, records: Records, filters: Mapping[str, Any], *, now: datetime
) -> tuple[dict[str, Any], list[Bool]]:
    """Return a list's filters without those of the company's own fields, and what these ask for.

    Raises Invalid for a predicate that cannot be understood, or a value that is none of its field.
    """
    rest = {name: value for name, value in filters.items() if name not in {"where", "custom"}}
    found = [
        condition(part, records, _equal(part, key, value), now=now)
        for key, value in (filters.get("custom") or {}).items()
    ]
    if given := filters.get("where"):
        found.append(condition(part, records, _parsed(part, given), now=now))
    return rest, found


def known_by(part: Part, records: Records, text: str) -> Bool:
    """Return what finds the records with a text in themselves or in a searched field; by index each.

    Raises NotImplementedError for records that are not searched so.
    """
    if records.known is None:
        raise NotImplementedError(records.held)
    value, known = VALUE.alias(), records.known(text)
    pattern = func.concat("%", func.folded(text), "%")
    own = select(value.c.record_id).where(
        value.c.object == part.held.value, value.c.search_key.like(pattern)
    )
    both = union_all(select(records.model.id).where(known), own)
    return records.model.id.in_(both)  # type: ignore[no-any-return]


def with_word(part: Part, word: str) -> Select[Any]:
    """Select the records that have a word, as it is searched, in a searched field."""
    value = VALUE.alias()
    return select(value.c.record_id).where(
        value.c.object == part.held.value,
        value.c.search_key.contains(" " + word, autoescape=True),
    )


def scalar(part: Part, records: Records, name: str, kind: Kind) -> Column:
    """Return a field's value as a column of the row; of what there are several, the first."""
    if name.startswith(PREFIX):
        key = name.removeprefix(PREFIX).partition(".")[0]
        value = VALUE.alias()
        mine = _mine(part, value, key)
        mine = (*mine, value.c.record_id == records.model.id, value.c.position == 0)
        return select(_own_column(part, value, name, kind)).where(*mine).scalar_subquery()
    beside = records.scalar(name)
    if beside is not None:
        return beside
    place = records.place(name, kind)
    if isinstance(place, WordsPlace):
        raise NotImplementedError(name)
    return place.column


def live(records: Records) -> tuple[Bool, ...]:
    """What is true of records that are not archived."""
    return (records.model.archived_at.is_(None),)


def _equal(part: Part, key: str, value: str) -> Node:
    name, spec = PREFIX + key, part.specs.get(key)
    if spec is None or spec.archived or spec.sensitive:
        raise Invalid({name: ["There is no such field to ask for."]})
    try:
        return equals(spec, value)
    except ValueError as error:
        raise Invalid({name: [str(error)]}) from error


def _parsed(part: Part, given: object) -> Node:
    try:
        return parse(given, part.language, path="where")
    except InvalidPredicate as error:
        raise Invalid({error.path: [error.reason]}) from error


def _own(part: Part, records: Records, name: str, kind: Kind) -> Place | WordsPlace:
    """A field of the company's own stands in rows of its own, which have an index by value."""
    key = name.removeprefix(PREFIX).partition(".")[0]
    value, model = VALUE.alias(), records.model

    def within(found: Bool) -> Bool:
        rows = select(value.c.record_id).where(*_mine(part, value, key), found)
        return model.id.in_(rows)  # type: ignore[no-any-return]

    if kind is Kind.WORDS:
        return WordsPlace(
            has=lambda word: within(value.c.text_value == word),
            is_empty=~within(value.c.text_value.is_not(None)),
        )
    return Place(column=_own_column(part, value, name, kind), within=within)


def _mine(part: Part, value: Any, key: str) -> tuple[Any, ...]:
    return value.c.object == literal(part.held.value), value.c.key == literal(key)


def _own_column(part: Part, value: Any, name: str, kind: Kind) -> Column:
    key, _, inner = name.removeprefix(PREFIX).partition(".")
    if kind is Kind.NUMBER:
        return value.c.number_value  # type: ignore[no-any-return]
    if kind is Kind.MOMENT:
        return value.c.moment_value  # type: ignore[no-any-return]
    if kind is Kind.FLAG:
        return cast(value.c.text_value, Boolean)
    is_long = not inner and part.specs[key].type in _LONG
    found: Column = value.c.long_value if is_long else value.c.text_value
    return found
