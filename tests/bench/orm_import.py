"""The ORM's way of taking in many: `add_all` of contact and outbox row, a thousand a commit."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Engine, Identity, text
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column
from tests.bench import tables

import crm_contracts as contracts
from crm_chassis import clock, ids
from crm_chassis.db import Utc
from crm_contacts import events
from crm_contacts.model.contact import Contact
from crm_contacts.model.values import Point
from crm_contracts import contacts as facts
from crm_fields.spelling import email_address, phone_number

A_COMMIT = 1_000
_BARE = """
create table if not exists rival_contact
    (id uuid primary key, last_name text, email text unique, body text not null);
create table if not exists rival_outbox (seq bigint generated always as identity primary key,
    id uuid not null unique, body text not null);
"""


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The outbox as the ORM would write it."""


class Outbox(Base):
    """A fact to be sent, in the house's own outbox."""

    __tablename__ = "outbox"
    seq: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, init=False
    )
    created_at: Mapped[datetime] = mapped_column(Utc, primary_key=True)
    id: Mapped[UUID]
    type: Mapped[str]
    subject: Mapped[UUID]
    subject_version: Mapped[int] = mapped_column(BigInteger, default=1)
    bulk: Mapped[bool] = mapped_column(default=True)
    body: Mapped[str]


def same_tables(engine: Engine, count: int) -> float:
    """Rows like an import's: checked values, contact and its points, fact; return rows/s."""
    return _timed(engine, count, _whole)


def bare_tables(engine: Engine, count: int) -> float:
    """Four columns and a fact of 100 bytes, nothing checked, no index but keys; return rows/s."""
    with engine.begin() as connection:
        connection.execute(text(_BARE))
    return _timed(engine, count, _bare)


def _timed(engine: Engine, count: int, make: Callable[[str, int], list[Any]]) -> float:
    mark = ids.new().hex[-8:]
    started = time.perf_counter()
    for start in range(0, count, A_COMMIT):
        with Session(engine) as session, session.begin():
            session.add_all(
                each for n in range(start, min(count, start + A_COMMIT)) for each in make(mark, n)
            )
    return count / (time.perf_counter() - started)


def _whole(mark: str, number: int) -> list[Any]:
    now = clock.now()
    contact = Contact()
    contact.change({
        "first_name": "Ida", "last_name": f"Person{mark}{number}", "job_title": "Baker",
        "emails": [Point(value=email_address(f"{mark}{number}@i{number % 200}.example"))],
        "phones": [Point(value=phone_number(f"+44 20 7946 {number % 10_000:04d}"))],
    })  # fmt: skip
    contact.version, contact.created_at, contact.updated_at = 1, now, now
    contact.created_by = contact.updated_by = "user:bench"
    contact.public_no = 0
    record = events.contact_record(contact)
    del contact.public_no
    fact = facts.ContactCreated(
        id=ids.new(), time=now, actor="user:bench", on_behalf_of=None, correlation_id=ids.new(),
        causation_id=None, traceparent=None, hops=0, record=record, changed=(),
    )  # fmt: skip
    body = contracts.encode(fact).decode()
    row = Outbox(created_at=now, id=fact.id, type=fact.type, subject=contact.id, body=body)
    return [contact, row]


def _bare(mark: str, number: int) -> list[Any]:
    email = f"{mark}{number}@i.example"
    made = tables.Contact(id=ids.new(), last_name=f"P{number}", email=email, body="x" * 100)
    return [made, tables.Outbox(id=ids.new(), body="x" * 100)]
