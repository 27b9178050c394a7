"""Predicates as conditions over the copy of contacts; every value is a bound parameter."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    column,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_marketing.model.predicate import (
    All,
    Any_,
    Condition,
    Kind,
    Node,
    Not,
    conditions,
)

CONTACT = table(
    "contact_copy",
    column("id", Uuid),
    column("version", Integer),
    column("merged_into", Uuid),
    column("archived_at", DateTime(timezone=True)),
    column("owner_id", Uuid),
    column("account_id", Uuid),
    column("opted_out", Boolean),
    column("created_at", DateTime(timezone=True)),
    column("tags", JSONB),
    column("preferences", JSONB),
    *(
        column(name, Text)
        for name in ("name", "first_name", "last_name", "email", "deliverability")
    ),
    *(column(name, Text) for name in ("lifecycle", "language", "job_title", "source")),
)
_DEAL = table(
    "deal_copy",
    column("primary_contact_id", Uuid),
    column("status", Text),
    column("archived_at", DateTime(timezone=True)),
)
_TICKET = table(
    "ticket_copy",
    column("requester_id", Uuid),
    column("status", Text),
    column("archived_at", DateTime(timezone=True)),
)
Column = ColumnElement[Any]
Bool = ColumnElement[bool]


def condition(node: Node, *, now: datetime) -> Bool:
    """What is true of exactly the contacts a predicate means, placeholders and absorbed ones never.

    Archived contacts are meant only by a predicate that names the field.
    """
    known = and_(CONTACT.c.version > 0, CONTACT.c.merged_into.is_(None))
    names_archived = any(each.field == "archived" for each in conditions(node))
    live = true() if names_archived else CONTACT.c.archived_at.is_(None)
    return and_(known, live, _compiled(node, now))


def _compiled(node: Node, now: datetime) -> Bool:
    if isinstance(node, Condition):
        return _condition(node, now)
    parts = [_compiled(part, now) for part in node.parts]
    if isinstance(node, All):
        return and_(true(), *parts)
    if isinstance(node, Any_):
        return or_(false(), *parts)
    assert isinstance(node, Not)  # noqa: S101 - mypy's proof that nothing is left
    return not_(or_(false(), *parts))


def _condition(wanted: Condition, now: datetime) -> Bool:
    if wanted.kind is Kind.WORDS:
        return _words(CONTACT.c.tags, wanted)
    field = _field(wanted.field)
    if wanted.op in {"empty", "not_empty"}:
        nothing: Bool = field.is_(None)
        if wanted.kind is Kind.TEXT:
            nothing = or_(nothing, field == "")
        return nothing if wanted.op == "empty" else not_(nothing)
    return _OPS[wanted.op](field, wanted.value, now)


def _field(name: str) -> Column:
    if name in _DERIVED:
        return _DERIVED[name]()
    found: Column = CONTACT.c[name]
    return found


def _words(tags: Column, wanted: Condition) -> Bool:
    known = func.coalesce(tags, literal([], JSONB))
    if wanted.op in {"empty", "not_empty"}:
        nothing = known == literal([], JSONB)
        return nothing if wanted.op == "empty" else not_(nothing)
    if wanted.value is None:
        return _words(tags, Condition(wanted.field, _NULL[wanted.op]))
    words = wanted.value if isinstance(wanted.value, tuple) else (wanted.value,)
    has_any = or_(*(known.op("@>", is_comparison=True)(literal([word], JSONB)) for word in words))
    return not_(has_any) if wanted.op in {"ne", "nin"} else has_any


_NULL = {"eq": "empty", "ne": "not_empty"}


def _true(comparison: Column) -> Bool:
    """A comparison with null is false, not unknown: else `not` would lose contacts."""
    return func.coalesce(comparison, false())


def _sorted(field: Column) -> Column:
    """Texts are ordered by code point, on every server."""
    return field.collate("C") if isinstance(field.type, Text) else field


def _like(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_").lower()


_OPS: Mapping[str, Callable[[Column, Any, datetime], Bool]] = {
    "eq": lambda f, v, _: f.is_not_distinct_from(v),
    "ne": lambda f, v, _: f.is_distinct_from(v),
    "in": lambda f, v, _: _true(f.in_(v)),
    "nin": lambda f, v, _: not_(_true(f.in_(v))),
    "lt": lambda f, v, _: _true(_sorted(f) < v),
    "lte": lambda f, v, _: _true(_sorted(f) <= v),
    "gt": lambda f, v, _: _true(_sorted(f) > v),
    "gte": lambda f, v, _: _true(_sorted(f) >= v),
    "between": lambda f, v, _: _true((_sorted(f) >= v[0]) & (_sorted(f) <= v[1])),
    "contains": lambda f, v, _: _true(func.lower(f).contains(v.lower(), autoescape=True)),
    "starts": lambda f, v, _: _true(func.lower(f).startswith(v.lower(), autoescape=True)),
    "ends": lambda f, v, _: _true(func.lower(f).endswith(v.lower(), autoescape=True)),
    "matches": lambda f, v, _: _true(func.lower(f).like(_like(v), escape="\\")),
    "in_last": lambda f, v, now: _true(f.between(v.before(now), now)),
    "in_next": lambda f, v, now: _true(f.between(now, v.after(now))),
}


def _archived() -> Column:
    return func.coalesce(CONTACT.c.archived_at.is_not(None), false())


def _has_open_deal() -> Column:
    return exists().where(*_deals("open"))


def _won_deals() -> Column:
    counted = select(func.count()).select_from(_DEAL).where(*_deals("won"))
    return counted.scalar_subquery()


def _open_tickets() -> Column:
    counted = (
        select(func.count())
        .select_from(_TICKET)
        .where(
            _TICKET.c.requester_id == CONTACT.c.id,
            _TICKET.c.archived_at.is_(None),
            _TICKET.c.status.not_in(("resolved", "closed")),
        )
    )
    return counted.scalar_subquery()


def _deals(status: str) -> tuple[Bool, ...]:
    return (
        _DEAL.c.primary_contact_id == CONTACT.c.id,
        _DEAL.c.status == status,
        _DEAL.c.archived_at.is_(None),
    )


_DERIVED: Mapping[str, Callable[[], Column]] = {
    "archived": _archived,
    "has_open_deal": _has_open_deal,
    "won_deals": _won_deals,
    "open_tickets": _open_tickets,
}
