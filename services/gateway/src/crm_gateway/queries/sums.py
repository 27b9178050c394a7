"""What is counted over all of a customer's records."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

from crm_gateway.queries.view import SEEN, Seen

Connection = psycopg.Connection[Any]


def sums(
    connection: Connection, customers: Sequence[UUID], *, seen: Seen | None = None
) -> list[tuple[Any, ...]]:
    """Return (customer_id, deals, tickets, clocks, messages, invoices, how many of all are limited).

    Deals come by currency as [[currency, open, weighted]], invoices as [[currency, open, overdue,
    how many overdue]].
    """
    statement = _SUMS if seen is None else _SUMS_SEEN
    return connection.execute(statement, {"customers": list(customers), **(seen or {})}).fetchall()


def amounts(rows: Iterable[Sequence[Any]] | None, index: int) -> Mapping[str, Decimal]:
    """Return one column of the deals' sums by currency."""
    return {row[0]: Decimal(row[index]) for row in rows or () if row[index] is not None}


_OF_CUSTOMER = """
  from view_link l join view_record r on r.kind = '@kind' and r.id = l.record_id
  where l.customer_id = c.id and l.kind = '@kind' and r.body is not null
    and r.body::json ->> 'archived_at' is null and @seen
"""
_LIMITED = "count(*) filter (where r.visibility in ('team', 'private'))"
_SUMS = """
select c.id, deals.sums, tickets.open, clocks.broken, array[messages.sent, messages.opened],
  invoices.sums, coalesce(deals.limited, 0) + tickets.limited + clocks.limited + messages.limited
    + coalesce(invoices.limited, 0)
from unnest(%(customers)s::uuid[]) as c(id)
cross join lateral (
  select json_agg(json_build_array(currency, amount::text, weighted::text)) as sums,
         sum(limited)::bigint as limited
  from (
      select r.body::json #>> '{amount,currency}' as currency,
             sum((r.body::json #>> '{amount,amount}')::numeric) as amount,
             sum((r.body::json #>> '{weighted_amount,amount}')::numeric) as weighted,
             @limited as limited
      @deal and r.body::json ->> 'status' = 'open'
        and r.body::json #>> '{amount,currency}' is not null
      group by 1 order by 1) by_currency) deals
cross join lateral (
  select count(*) as open, @limited as limited
  @ticket and r.body::json ->> 'status' not in ('resolved', 'closed', 'spam')) tickets
cross join lateral (
  select count(*) as broken, @limited as limited
  @sla_clock and r.body::json ->> 'state' in ('breached', 'warned')) clocks
cross join lateral (
  select count(*) filter (where r.body::json ->> 'sent_at' is not null) as sent,
         count(*) filter (where r.body::json ->> 'opened_at' is not null) as opened,
         @limited as limited
  @message) messages
cross join lateral (
  select json_agg(json_build_array(currency, owed::text, overdue::text, late)) as sums,
         sum(limited)::bigint as limited
  from (
      select r.body::json #>> '{open_amount,currency}' as currency,
             sum((r.body::json #>> '{open_amount,amount}')::numeric) as owed,
             sum((r.body::json #>> '{open_amount,amount}')::numeric)
                 filter (where r.body::json ->> 'status' = 'overdue') as overdue,
             count(*) filter (where r.body::json ->> 'status' = 'overdue') as late,
             @limited as limited
      @invoice and r.body::json ->> 'status' in ('open', 'overdue')
      group by 1 order by 1) by_currency) invoices
""".replace("@limited", _LIMITED)
for _kind in ("deal", "ticket", "sla_clock", "message", "invoice"):
    _SUMS = _SUMS.replace(f"@{_kind}", _OF_CUSTOMER.replace("@kind", _kind).strip())
_SUMS_SEEN = _SUMS.replace("@seen", SEEN)
_SUMS = _SUMS.replace(" and @seen", "")
