"""Where the fields that predicates name stand, for lists, rules and trials of rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    table,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from crm_chassis.problems import Invalid
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.field import Held
from crm_contacts.model.point import AccountContact, ContactPoint
from crm_contacts.model.rulebook import Part
from crm_contacts.model.values import PointKind
from crm_contacts.queries.lists import asked_words
from crm_fields import All, Condition, InvalidPredicate, Kind, Node, parse
from crm_fields.kinds import value_of
from crm_fields.sql import Bool, Column, Place, WordsPlace, compiled
from crm_fields.types import KINDS, PREFIX, FieldType, Spec, read

MODELS: Mapping[Held, Any] = {Held.CONTACT: Contact, Held.ACCOUNT: Account}
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


def condition(part: Part, node: Node, *, now: datetime) -> Bool:
    """What is true of the contacts or accounts a predicate means."""

    def place(name: str, kind: Kind) -> Place | WordsPlace:
        if name.startswith(PREFIX):
            return _own(part, name, kind)
        return _of_contact(name, kind) if part.held is Held.CONTACT else _plain(Account, name, kind)

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
    part: Part, filters: Mapping[str, Any], *, now: datetime
) -> tuple[dict[str, Any], list[Bool]]:
    """Return a list's filters without those of the company's own fields, and what these ask for.

    Raises Invalid for a predicate that cannot be understood, or a value that is none of its field.
    """
    rest = {name: value for name, value in filters.items() if name not in {"where", "custom"}}
    found = [
        condition(part, _equal(part, key, value), now=now)
        for key, value in (filters.get("custom") or {}).items()
    ]
    if given := filters.get("where"):
        found.append(condition(part, _parsed(part, given), now=now))
    searched = [key for key, spec in part.specs.items() if spec.searchable and not spec.archived]
    if searched and filters.get("q"):
        del rest["q"]
        found += [_spoken(part, word) for word in asked_words(filters["q"])]
    return rest, found


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


def _spoken(part: Part, word: str) -> Bool:
    """A word of the record's own search text, or of a field that is searched; by index each."""
    model, value = MODELS[part.held], VALUE.alias()
    known = select(model.id).where(model.search_text.contains(" " + word, autoescape=True))
    own = select(value.c.record_id).where(
        value.c.object == part.held.value,
        value.c.search_key.contains(" " + word, autoescape=True),
    )
    return model.id.in_(union_all(known, own))  # type: ignore[no-any-return]


def scalar(part: Part, name: str, kind: Kind) -> Column:
    """Return a field's value as a column of the row; of what there are several, the first."""
    if name.startswith(PREFIX):
        key = name.removeprefix(PREFIX).partition(".")[0]
        value = VALUE.alias()
        mine = _mine(part, value, key)
        mine = (*mine, value.c.record_id == MODELS[part.held].id, value.c.position == 0)
        return select(_own_column(part, value, name, kind)).where(*mine).scalar_subquery()
    if part.held is Held.CONTACT and name in {"email", "phone"}:
        point: Any = aliased(ContactPoint)
        mine = (*_points(point, PointKind(name)), point.is_primary)
        return select(point.value).where(*mine).limit(1).scalar_subquery()
    if part.held is Held.CONTACT and name == "account_id":
        link: Any = aliased(AccountContact)
        mine = (link.contact_id == Contact.id, link.is_primary)
        return select(link.account_id).where(*mine).limit(1).scalar_subquery()
    place = _of_contact(name, kind) if part.held is Held.CONTACT else _plain(Account, name, kind)
    if isinstance(place, WordsPlace):
        raise NotImplementedError(name)
    return place.column


def live(part: Part) -> tuple[Bool, ...]:
    """What is true of records that are not archived."""
    return (MODELS[part.held].archived_at.is_(None),)


def name_of(part: Part) -> Column:
    """What people call a record."""
    return spoken_name() if part.held is Held.CONTACT else type_coerce(Account.name, Text())


def _of_contact(name: str, kind: Kind) -> Place | WordsPlace:
    if name in {"email", "phone"}:
        point: Any = aliased(ContactPoint)
        mine = (*_points(point, PointKind(name)), point.is_primary)
        return Place(
            column=type_coerce(point.value, Text()),
            within=lambda found: exists().where(*mine, found),
        )
    if name in {"emails", "phones"}:
        point = aliased(ContactPoint)
        of_kind = _points(point, PointKind(name.removesuffix("s")))
        return WordsPlace(
            has=lambda word: exists().where(*of_kind, point.value == word),
            is_empty=~exists().where(*of_kind),
        )
    if name == "account_id":
        link: Any = aliased(AccountContact)
        return Place(
            column=link.account_id,
            within=lambda found: exists().where(
                link.contact_id == Contact.id, link.is_primary, found
            ),
        )
    if name.startswith("address."):
        return Place(column=Contact.addresses[0][name.partition(".")[2]].astext)
    if name == "name":
        return Place(column=spoken_name())
    return _plain(Contact, name, kind)


def _points(point: Any, kind: PointKind) -> tuple[Any, ...]:
    return point.contact_id == Contact.id, point.kind == kind


def spoken_name() -> Column:
    """As `Contact.name` has it: the first way to reach somebody without a name."""
    point: Any = aliased(ContactPoint)
    spoken = func.concat_ws(
        " ", func.nullif(Contact.first_name, ""), func.nullif(Contact.last_name, "")
    )
    first = (
        select(point.value)
        .where(point.contact_id == Contact.id)
        .order_by(point.kind, point.position)
        .limit(1)
        .scalar_subquery()
    )
    return type_coerce(func.coalesce(func.nullif(spoken, ""), first), Text())


def _plain(model: Any, name: str, kind: Kind) -> Place | WordsPlace:
    found = getattr(model, name)
    if kind is Kind.WORDS:
        return WordsPlace(
            has=lambda word: found.contains([word]),
            is_empty=found == cast([], ARRAY(Text)),
        )
    if kind in {Kind.TEXT, Kind.DAY}:
        return Place(column=type_coerce(found, Text()))
    return Place(column=found)


def _own(part: Part, name: str, kind: Kind) -> Place | WordsPlace:
    """A field of the company's own stands in rows of its own, which have an index by value."""
    key = name.removeprefix(PREFIX).partition(".")[0]
    value, model = VALUE.alias(), MODELS[part.held]

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
