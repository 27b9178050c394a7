"""Which of the company's own fields are searched, and records found by others from then on."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg

import crm_contracts as contracts
from crm_chassis.project import Item
from crm_gateway.queries import search as queries
from crm_gateway.view.shapes import search_text

Connection = psycopg.Connection[Any]
Fields = Mapping[str, frozenset[str]]  # by kind of record
_HAVING = {
    "contact": "contacts", "account": "contacts", "deal": "sales", "lead": "sales",
    "ticket": "support",
}  # fmt: skip
_AT_ONCE = 1_000


def fields(connection: Connection, items: Sequence[Item]) -> Fields:
    """Return the fields that are searched, as far as these records need to know."""
    if any(item.kind == "field" or item.kind in _HAVING for item in items):
        return queries.searched_fields(connection)
    return {}


def follow(connection: Connection, kinds: Collection[str], before: Fields) -> None:
    """Find records by other fields where these were changed; `before` is what counted until now."""
    if "field" not in kinds:
        return
    now = queries.searched_fields(connection)
    for kind in _HAVING:
        of_kind = now.get(kind, frozenset())
        for key in sorted(of_kind ^ before.get(kind, frozenset())):
            _again(connection, kind, key, of_kind)


def _again(connection: Connection, kind: str, key: str, of_kind: frozenset[str]) -> None:
    after = None
    while rows := queries.having_field(connection, kind, key, after=after, limit=_AT_ONCE):
        after = rows[-1][0]
        records = [contracts.record_from(_HAVING[kind], kind, body.encode()) for _, body in rows]
        texts = [search_text(record, own=of_kind) for record in records]
        connection.execute(
            _FOUND_BY, {"kind": kind, "ids": [row[0] for row in rows], "texts": texts}
        )


_FOUND_BY = """
update view_record set search_text = given.search_text
from unnest(%(ids)s::uuid[], %(texts)s::text[]) as given(id, search_text)
where view_record.kind = %(kind)s and view_record.id = given.id
"""
