"""Exactly one effect per fact and reaction, read from the services' own tables."""

from collections import Counter
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from tests.chaos.losses import Losses

Database = Callable[[str], AbstractContextManager[psycopg.Connection[Any]]]

_WON = """
select subject::text, (array_agg(body::json #>> '{data,record,primary_contact_id}'))[1]
from outbox where type = 'sales.deal.won.v1' group by subject
"""
_URGENT = """
select distinct subject::text from outbox
where type in ('support.ticket.opened.v1', 'support.ticket.priority_changed.v1')
  and body::json #>> '{data,record,priority}' = 'urgent'
  and body::json #>> '{data,record,status}' not in ('resolved', 'closed')
"""
_REQUESTED = (
    "select distinct subject::text from outbox where type = 'sales.lead.conversion_requested.v1'"
)
_ANSWERED = "select lead_id::text from lead_conversion"
_ORIGINS = (
    "select substr(origin, length(%(prefix)s) + 1) from {} where origin like %(prefix)s || '%%'"
)
_WELCOMED = """
select e.contact_id::text from enrollment e join campaign c on c.id = e.campaign_id
where c.origin_key = 'onboarding'
"""
_CUSTOMERS = "select id::text from contact where lifecycle = 'customer'"
_DEALS_OF_LEADS = "select lead_id::text from deal where lead_id is not null"
_ASKED_FOR_A_DEAL = "select id::text from lead where deal_id is not null"
_CONVERTED = "select id::text from lead where status = 'converted'"


def check(database: Database, losses: Losses | None = None) -> list[str]:
    """Return effects that are missing or doubled; run it when everything is told and taken.

    A restored service may have forgotten the cause of an effect that others keep.
    """
    lost = losses or Losses()
    won = _rows(database, "sales", _WON)
    deals = [row[0] for row in won]
    welcome = {row[1] for row in won if row[1]}
    leads = _column(database, "sales", _REQUESTED)
    urgent = _column(database, "support", _URGENT)
    onboarded = _origins(database, "support", "ticket", "onboarding:")
    alarmed = _origins(database, "contacts", "task", "urgent-ticket:")
    return [
        *_each_once(
            "onboarding ticket of won deal", deals, onboarded, lost.subjects("sales.deal.won.")
        ),
        *_each_once(
            "task for urgent ticket", urgent, alarmed, lost.subjects(
                "support.ticket.opened.", "support.ticket.priority_changed."
            ),
        ),
        *_each_once(
            "answer to conversion of lead", leads, _column(database, "contacts", _ANSWERED),
            lost.subjects("sales.lead.conversion_requested."),
        ),
        *_each_once(
            "welcome of contact", welcome, _column(database, "marketing", _WELCOMED),
            lost.contacts_of("sales.deal.won.v1"),
        ),
        *_some(
            "customer", welcome - lost.subjects("contacts.contact.created."),
            set(_column(database, "contacts", _CUSTOMERS)),
        ),
        *_some("converted lead", set(leads), set(_column(database, "sales", _CONVERTED))),
        *_each_once(
            "deal of lead",
            _column(database, "sales", _ASKED_FOR_A_DEAL),
            _column(database, "sales", _DEALS_OF_LEADS),
        ),
    ]  # fmt: skip


def _each_once(
    what: str, wanted: Any, found: list[str], allowed: Collection[str] = frozenset()
) -> list[str]:
    """`allowed` may be there without its cause, though not twice."""
    times, wanted = Counter(found), set(wanted)
    return [f"no {what} {each}" for each in sorted(wanted - set(times))] + [
        f"{n} times {what} {each}" if each in wanted else f"{what} {each} without its cause"
        for each, n in sorted(times.items())
        if n != 1 or (each not in wanted and each not in allowed)
    ]


def _some(what: str, wanted: set[str], found: set[str]) -> list[str]:
    return [f"no {what} {each}" for each in sorted(wanted - found)]


def _origins(database: Database, service: str, table: str, prefix: str) -> list[str]:
    with database(service) as own:
        rows = own.execute(_ORIGINS.format(table).encode(), {"prefix": prefix}).fetchall()
    return [row[0] for row in rows]


def _column(database: Database, service: str, statement: str) -> list[str]:
    return [row[0] for row in _rows(database, service, statement)]


def _rows(database: Database, service: str, statement: str) -> list[tuple[Any, ...]]:
    with database(service) as own:
        return own.execute(statement.encode()).fetchall()
