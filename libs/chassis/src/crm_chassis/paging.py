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
from sqlalchemy import ColumnElement, Select, Text, and_, literal, tuple_
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db
from crm_chassis.auth import Principal
from crm_chassis.problems import Invalid
from crm_chassis.rights.sight import RECORD, visible

LARGEST_PAGE = 200
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
        statement.with_only_columns(RECORD.c.body, key.label("sort_key"), id_column.label("key_id"))
        .join(RECORD, and_(RECORD.c.kind == literal(kind, Text), RECORD.c.id == id_column))
        .where(visible(principal, kind))
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
