"""Which records of the trail somebody sees, whose values they may be told."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import psycopg

from crm_chassis import audit, rights
from crm_gateway.queries.view import SEEN, Seen

Key = tuple[str, UUID]


def own_trail(connection: psycopg.Connection[Any], filters: audit.Filters) -> list[dict[str, Any]]:
    """Return a page of what was done at the gateway itself."""
    return audit.page(connection, filters)


def seen_among(
    connection: psycopg.Connection[Any], keys: Collection[Key], *, seen: Seen
) -> set[Key]:
    """Return which of these records, of whatever service, somebody sees."""
    kinds, ids = [kind for kind, _ in keys], [id_ for _, id_ in keys]
    values = {"kinds": kinds, "asked": ids, **seen}
    return {(kind, id_) for kind, id_ in connection.execute(_SEEN, values)}


_SEEN = f"""
select r.kind, r.id from view_record r
join unnest(%(kinds)s::text[], %(asked)s::uuid[]) k(kind, id) on r.kind = k.kind and r.id = k.id
where r.body is not null and {SEEN}
union
select r.kind, r.id from record r
join unnest(%(kinds)s::text[], %(asked)s::uuid[]) k(kind, id) on r.kind = k.kind and r.id = k.id
where r.body is not null and {rights.seen_by_kind("record")}
"""  # noqa: S608 - our own words
