"""Every fact is in each reaction's inbox once, done or parked with a cause; nothing innocent parked."""

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import psycopg

Database = Callable[[str], AbstractContextManager[psycopg.Connection[Any]]]

_HANDLERS = "select handler, producer, registered_at from registration where producer <> ''"
_FACTS = "select id from outbox where type = %s and not bulk and created_at >= %s"
_INBOX = "select event_id, state from inbox where handler = %s"
_PARKED = "select consumer, event_id, type, cause, state from parked"


def check(
    database: Database, services: Iterable[str], untold: Collection[UUID] = frozenset()
) -> list[str]:
    """Return facts that a reaction never met; run it when everything is told and taken.

    `untold` is what it may have met although no outbox has it: poison, and what a restored
    service told after its backup.
    """
    found: list[str] = []
    for service in services:
        with database(service) as own:
            parked = {(row[0], row[1]): row for row in own.execute(_PARKED)}
            for handler, producer, since in own.execute(_HANDLERS).fetchall():
                type_ = f"{handler.partition('.on.')[2]}.v1"
                with database(producer) as theirs:
                    facts = {row[0] for row in theirs.execute(_FACTS, (type_, since))}
                inbox = dict(own.execute(_INBOX, (handler,)).fetchall())
                found += _compare(handler, facts, inbox, parked, untold)
    return found


def parked_innocents(
    database: Database, services: Iterable[str], poison: Collection[UUID]
) -> list[str]:
    """Return what is parked although nobody made it unfit."""
    found = []
    for service in services:
        with database(service) as own:
            for consumer, event_id, type_, cause, state in own.execute(_PARKED):
                if not cause:
                    found.append(f"{consumer} parked {event_id} without a cause")
                elif event_id is not None and event_id not in poison and state == "waiting":
                    found.append(f"{consumer} parked the innocent {type_} {event_id}: {cause}")
    return found


def _compare(
    handler: str,
    facts: set[UUID],
    inbox: dict[UUID, str],
    parked: dict[tuple[str, UUID], Any],
    untold: Collection[UUID],
) -> list[str]:
    found = [f"{handler} never met {fact}" for fact in sorted(facts - set(inbox))]
    found += [
        f"{handler} met {event}, which nobody told"
        for event in sorted(set(inbox) - facts - set(untold))
    ]
    found += [
        f"{handler} says it parked {event}, which is not there"
        for event, state in sorted(inbox.items())
        if state == "parked" and (handler, event) not in parked
    ]
    return found
