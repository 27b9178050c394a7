"""Sums over accounts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection

from crm_gateway.queries.view import SEEN, Seen


def open_amounts(
    connection: Connection[Any], account_ids: Sequence[UUID],
    *, seen: Seen,
) -> list[tuple[UUID, str, Decimal]]:  # fmt: skip
    """Return (account, currency, sum) of the live open deals of each of these accounts."""
    values = {"accounts": list(account_ids), **seen}
    return connection.execute(_OPEN_AMOUNTS, values).fetchall()


_OPEN_AMOUNTS = """
select l.customer_id, d #>> '{amount,currency}', sum((d #>> '{amount,amount}')::numeric)
from view_link l join view_record r on r.kind = 'deal' and r.id = l.record_id
cross join lateral (select r.body::json) as deal(d)
where l.customer_id = any(%(accounts)s::uuid[]) and l.kind = 'deal' and r.body is not null
  and d ->> 'status' = 'open' and d ->> 'archived_at' is null
  and d ->> 'account_id' = l.customer_id::text and d #>> '{amount,currency}' is not null and @seen
group by 1, 2
""".replace("@seen", SEEN)
