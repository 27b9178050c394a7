"""What storing the published record buys a read and costs a write (ADR 0011)."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from sqlalchemy import text

import crm_contracts
from crm_chassis import clock, db
from crm_chassis.outbox import telling
from crm_contacts import events
from crm_contacts.commands import contacts as commands
from crm_contacts.model.contact import Contact
from crm_contacts.model.values import Point

pytestmark = pytest.mark.bench
CONTACTS, ROUNDS = 2_000, 5


def fields(number: int) -> dict[str, Any]:
    return {
        "first_name": "Ada",
        "last_name": f"Lovelace {number}",
        "emails": [Point(value=f"ada{number}@example.org", primary=True)],
    }


def seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def create(sessions: Any, start: int) -> None:
    context = db.Context(actor="user:bench")
    with db.transaction(sessions, context) as session:
        for number in range(start, start + CONTACTS):
            commands.create_contact(
                session, commands.CreateContact(fields=fields(number)), now=clock.now()
            )


def read_stored(sessions: Any, ids: list[Any]) -> None:
    for id_ in ids:
        with sessions() as session:
            session.connection().exec_driver_sql(
                "select body from record where kind = 'contact' and id = %s", (id_,)
            ).one()


def build_from_rows(sessions: Any, ids: list[Any]) -> None:
    for id_ in ids:
        with sessions() as session:
            contact = session.get(Contact, id_)
            crm_contracts.record_body(events.contact_record(contact))


def test_published_record_against_building_it(database, capsys, monkeypatch):
    engine = db.engine(database("contacts"))
    sessions = db.sessions(engine)
    create(sessions, 0)
    with sessions() as session:
        ids = list(session.execute(text("select id from contact limit 500")).scalars())

    reads = [
        (
            seconds(lambda: read_stored(sessions, ids)),
            seconds(lambda: build_from_rows(sessions, ids)),
        )
        for _ in range(ROUNDS)
    ]
    writes = []
    for round_ in range(ROUNDS):
        plain = seconds(lambda r=round_: create(sessions, (2 * r + 1) * CONTACTS))
        with monkeypatch.context() as patch:
            patch.setattr(telling, "_TELL", _without_record(telling._TELL))
            spare = seconds(lambda r=round_: create(sessions, (2 * r + 2) * CONTACTS))
        writes.append(plain / spare)

    engine.dispose()
    ratios = [built / stored for stored, built in reads]
    with capsys.disabled():
        print(
            f"\nread: stored record {median(ratios):.1f}x as fast as building it"
            f" ({min(ratios):.1f}-{max(ratios):.1f}); write with it takes"
            f" {median(writes):.2f}x the time ({min(writes):.2f}-{max(writes):.2f})"
        )


def _without_record(statement: str) -> str:
    """The same statement without the published records: only outbox and history are written."""
    start = statement.index("), published as (")
    end = statement.index("), past as (")
    return statement[:start] + statement[end:]
