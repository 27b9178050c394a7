"""Keyset pages over records: stable under writes, no offset, no count."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import psycopg
from marshmallow import Schema, fields, validate
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    column,
    literal,
    or_,
    table,
    tuple_,
)
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db
from crm_chassis.auth import RESTRICTED, Principal
from crm_chassis.problems import Invalid

LARGEST_PAGE = 200
_RECORD = table(
    "record",
    *(column(name) for name in ("kind", "id", "body", "owner_id", "team_id", "visibility")),
)
_PARSERS: dict[type, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    int: int,
    Decimal: Decimal,
    UUID: UUID,
    str: str,
}


class PageIn(Schema):
    """The query parameters of every list; a list's own schema inherits them and adds filters."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    cursor = fields.String(load_default=None)
    sort = fields.String(load_default=None)


@dataclass(frozen=True, slots=True)
class Page:
    """Bodies of one page, and the cursor of the next."""

    bodies: list[str]
    next: str | None

    def json(self) -> bytes:
        """Return `{"items": […], "next": …}` without parsing the bodies."""
        items = ",".join(self.bodies)
        return b'{"items":[' + items.encode() + b'],"next":' + orjson.dumps(self.next) + b"}"


def page(
    make: sessionmaker[Session],
    statement: Select[Any],
    *,
    kind: str,
    id_column: ColumnElement[UUID],
    sorts: Mapping[str, ColumnElement[Any]],
    default: str,
    args: Mapping[str, Any],
    principal: Principal,
) -> Page:
    """Read one page of published records.

    `statement` selects from the aggregate's table with its filters (its columns are replaced);
    `sorts` are non-null expressions by their public names; `default` like `-created_at`; `args`
    is a loaded PageIn. Raises Invalid for an unknown sort or a cursor that is not ours.
    """
    sort = args.get("sort") or default
    name, descending = sort.lstrip("-"), sort.startswith("-")
    if name not in sorts:
        raise Invalid({"sort": [f"one of {', '.join(sorted(sorts))}, or with a leading -"]})
    key = sorts[name]
    limit = args.get("limit") or 50
    found = (
        statement.with_only_columns(
            _RECORD.c.body, key.label("sort_key"), id_column.label("key_id")
        )
        .join(_RECORD, and_(_RECORD.c.kind == literal(kind, Text), _RECORD.c.id == id_column))
        .where(visible(principal))
        .limit(limit + 1)
    )
    if args.get("cursor"):
        after = tuple_(literal(_value(args["cursor"], sort, key), key.type), _id(args["cursor"]))
        here = tuple_(key, id_column)
        found = found.where(here < after if descending else here > after)
    order = (key.desc(), id_column.desc()) if descending else (key.asc(), id_column.asc())
    try:
        rows = db.rows(make, found.order_by(*order))
    except (psycopg.DataError, DataError) as error:
        if args.get("cursor"):
            raise Invalid({"cursor": ["not a cursor of this list"]}) from error
        raise
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = _cursor(sort, last[1], last[2]) if last else None
    return Page([row[0] for row in rows[:limit]], cursor)


def visible(principal: Principal) -> ColumnElement[bool]:
    """Return the condition under which a record row is shown to `principal`."""
    if principal.is_admin:
        return literal(True)
    mine = _RECORD.c.owner_id == principal.user_id
    teams = any_(literal(list(principal.team_ids), ARRAY(Uuid)))
    ours = and_(_RECORD.c.visibility == "team", _RECORD.c.team_id == teams)
    open_to_all = and_(*(_RECORD.c.visibility != each for each in RESTRICTED))
    return or_(open_to_all, mine, ours)


def _cursor(sort: str, value: object, id_: UUID) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    return base64.urlsafe_b64encode(orjson.dumps([sort, text, str(id_)])).decode().rstrip("=")


def _parts(cursor: str) -> tuple[str, str, str]:
    try:
        sort, text, id_ = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error
    return str(sort), str(text), str(id_)


def _value(cursor: str, sort: str, key: ColumnElement[Any]) -> object:
    given, text, _ = _parts(cursor)
    if given != sort:
        raise Invalid({"cursor": [f"belongs to sort={given}"]})
    try:
        return _PARSERS[key.type.python_type](text)
    except (ValueError, ArithmeticError) as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error


def _id(cursor: str) -> ColumnElement[UUID]:
    try:
        return literal(UUID(_parts(cursor)[2]))
    except ValueError as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error
