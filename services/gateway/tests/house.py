"""Owners of records: each service's database behind a real ops port, filled as its outbox would."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

import crm_contracts as contracts
from crm_chassis import audit, records
from crm_chassis.metrics import Ops
from crm_chassis.testing import OPS_TOKEN, free_port
from crm_contracts.base import Fact, Record

SERVICES = ("contacts", "sales", "marketing", "support")
_KEEP = """
insert into record (kind, id, version, body, customer_ids, archived_at, updated_at, owner_id,
                    team_id, visibility)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (kind, id) do update set version = excluded.version, body = excluded.body,
    customer_ids = excluded.customer_ids, archived_at = excluded.archived_at,
    updated_at = excluded.updated_at
where record.version < excluded.version
"""


class House:
    """The owners of all records, as the gateway asks them."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.urls, self._servers = urls, {}
        self._ports = {service: free_port() for service in urls}
        for service in urls:
            self.open(service)

    @property
    def peers(self) -> str:
        return json.dumps({name: f"http://127.0.0.1:{port}" for name, port in self._ports.items()})

    def open(self, service: str) -> None:
        ops = Ops(token=OPS_TOKEN)
        ops.routes |= records.routes(self.urls[service]) | audit.routes(self.urls[service])
        self._servers[service] = ops.serve("127.0.0.1", self._ports[service])

    def close(self, service: str) -> None:
        server = self._servers.pop(service, None)
        if server:
            server.shutdown()
            server.server_close()

    def keep(self, *things: Fact[Any] | Record) -> None:
        """Store records, and what facts leave on timelines, where their owners would."""
        for thing in things:
            record = thing.record if isinstance(thing, Fact) else thing
            self._store(record.service, record)
            entry = contracts.timeline_entry(thing) if isinstance(thing, Fact) else None
            if entry:
                self._store(record.service, entry)

    def empty(self) -> None:
        for service in SERVICES:
            with psycopg.connect(self.urls[service], autocommit=True) as connection:
                connection.execute("delete from record")

    def reopen(self) -> None:
        for service in self.urls.keys() - self._servers.keys():
            self.open(service)

    def forget(self, record: Record) -> None:
        with psycopg.connect(self.urls[record.service], autocommit=True) as connection:
            connection.execute("delete from record where id = %s", [record.id])

    def _store(self, service: str, record: Record) -> None:
        values = (
            record.kind, record.id, record.version, contracts.record_body(record).decode(),
            sorted(record.customers()), record.archived_at, record.updated_at, record.owner_id,
            record.team_id, record.visibility,
        )  # fmt: skip
        with psycopg.connect(self.urls[service], autocommit=True) as connection:
            connection.execute(_KEEP, values)


@contextmanager
def opened(database: Callable[[str], str], gateway_url: str) -> Iterator[House]:
    """Yield a house whose services own a database each; the spine is the same in all."""
    house = House({name: database("gateway") for name in SERVICES} | {"gateway": gateway_url})
    yield house
    for service in house.urls:
        house.close(service)
