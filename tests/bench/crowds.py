"""Databases of many contacts: one made by the services' own code, the others its likenesses in SQL."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from tests.bench import names

from crm_chassis import clock, db
from crm_chassis.project import Item
from crm_contacts import events
from crm_contacts.commands import contacts as commands
from crm_contacts.model.contact import Contact
from crm_contacts.model.values import Point
from crm_contracts import record_body
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

Connection = psycopg.Connection[Any]
FIRST, LAST, EMAIL = "qzfirstzq", "qzlastzq", "qzemailzq@people.example"
LIFECYCLES = ("subscriber", "lead", "mql", "opportunity", "customer")
"""The lifecycle of the n-th is the n-th of these, in turn."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A database each of contacts and of the gateway with so many contacts; `last` is the newest."""

    size: int
    contacts_url: str
    gateway_url: str


def fill(crowd: Crowd) -> float:
    """Make the crowd; return how many seconds that took. The databases must be migrated, empty."""
    started = time.perf_counter()
    record = _first_contact(crowd.contacts_url)
    with ThreadPoolExecutor(2) as both:
        done = [both.submit(each, crowd, record) for each in (_fill_contacts, _fill_pages)]
        for each in done:
            each.result()
    return time.perf_counter() - started


def _fill_contacts(crowd: Crowd, record: Contact) -> None:
    with psycopg.connect(crowd.contacts_url, autocommit=True) as own:
        _prepare(own, crowd.size)
        _multiply_contacts(own, record)
        _finish(own, ("contact", "contact_point", "record"))


def _fill_pages(crowd: Crowd, record: Contact) -> None:
    _first_page(crowd.gateway_url, record)
    with psycopg.connect(crowd.gateway_url, autocommit=True) as own:
        _prepare(own, crowd.size)
        _multiply_pages(own, record)
        _finish(own, ("view_record", "view_link", "customer_view"))


def _first_contact(url: str) -> Contact:
    """Create the one the others are made in the likeness of."""
    engine = db.engine(url)
    fields = {
        "first_name": FIRST, "last_name": LAST, "job_title": "Buyer",
        "emails": [Point(value=EMAIL, primary=True)],
    }  # fmt: skip
    with db.transaction(db.sessions(engine), db.Context(actor="user:bench")) as session:
        command = commands.CreateContact(fields=fields)
        made = commands.create_contact(session, command, now=clock.now())
    engine.dispose()
    return made


def _first_page(url: str, contact: Contact) -> None:
    body = record_body(events.contact_record(contact))
    item = Item(service="contacts", kind="contact", id=contact.id, version=1, body=body)
    with psycopg.connect(url, autocommit=True) as own, own.transaction():
        ViewFolder(all_sources()).fold(own, [item])


def _prepare(own: Connection, size: int) -> None:
    own.execute("set maintenance_work_mem = '512MB'")
    own.execute("set synchronous_commit = off")
    own.execute("set session_replication_role = replica")  # foreign keys hold by construction
    own.execute(_PEOPLE)
    with own.cursor() as cursor, cursor.copy("copy first_name (word) from stdin") as copy:
        for word in names.FIRST:
            copy.write_row((word,))
    with own.cursor() as cursor, cursor.copy("copy last_name (word) from stdin") as copy:
        for word in names.last_names():
            copy.write_row((word,))
    own.execute(_NAMED, {"size": size, "lifecycles": list(LIFECYCLES)})


def _multiply_contacts(own: Connection, record: Contact) -> None:
    likeness = {
        "id": "p.id", "public_no": "p.n + 1", "first_name": "p.first", "last_name": "p.last",
        "created_at": "p.at", "updated_at": "p.at", "lifecycle": "p.lifecycle",
        "sort_name": "lower(p.last || ' ' || p.first)",
        "search_text": _worded("t.search_text"), "match_keys": "'{}'",
    }  # fmt: skip
    _multiply(own, "contact", likeness)
    _multiply(own, "contact_point", {"contact_id": "p.id", "value": "p.email"})
    likeness = {"id": "p.id", "body": _bodied("t.body", record), "customer_ids": "array[p.id]",
                "updated_at": "p.at"}  # fmt: skip
    _multiply(own, "record", likeness, "t.kind = 'contact'")


def _multiply_pages(own: Connection, record: Contact) -> None:
    likeness = {
        "id": "p.id", "body": _bodied("t.body", record), "customer_ids": "array[p.id]",
        "sort_at": "p.at", "title": "p.first || ' ' || p.last",
        "search_text": _worded("t.search_text"), "title_key": "lower(p.first || ' ' || p.last)",
        "name_key": "lower(p.last || ' ' || p.first)",
    }  # fmt: skip
    _multiply(own, "view_record", likeness, "t.kind = 'contact'")
    likeness = {"customer_id": "p.id", "record_id": "p.id", "sort_at": "p.at"}
    _multiply(own, "view_link", likeness, "t.kind = 'contact'")
    likeness = {"customer_id": "p.id", "etag": "md5(p.id::text)", "head": _bodied("t.head", record),
                "contacts": _bodied("t.contacts", record)}  # fmt: skip
    _multiply(own, "customer_view", likeness)
    marks = (
        "insert into watermark (service, at) select unnest(%s::text[]), now() + interval '1 day'"
    )
    own.execute(marks, (["contacts", "sales", "marketing", "support"],))


def _worded(column: str) -> str:
    """Return SQL for a search text of the likeness."""
    return (
        f"replace(replace(replace({column}, '{FIRST}', lower(p.first)), '{LAST}', lower(p.last)),"
        " 'qzemailzq', p.local)"
    )


def _bodied(column: str, record: Contact) -> str:
    """Return SQL for JSON of the likeness: its id, number, names, address, lifecycle, times."""
    made = f"replace({column}, '{record.id}', p.id::text)"
    for old, new in ((FIRST, "p.first"), (LAST, "p.last"), ("qzemailzq", "p.local")):
        made = f"replace({made}, '{old}', {new})"
    numbered = f"""'"public_no":{record.public_no},', '"public_no":' || (p.n + 1) || ','"""
    return f"""replace(replace({made}, {numbered}), '"lifecycle":"lead"',
        '"lifecycle":"' || p.lifecycle || '"')"""


def _multiply(
    own: Connection, table: str, likeness: Mapping[str, str], where: str = "true"
) -> None:
    """Insert a likeness of the table's one row for each person, its indexes made afterwards."""
    columns = [name for (name,) in own.execute(_COLUMNS, (table,))]
    indexes = own.execute(_INDEXES, (table,)).fetchall()
    for name, _ in indexes:
        own.execute(f"drop index {name}")
    values = ", ".join(likeness.get(name, f't."{name}"') for name in columns)
    named = ", ".join(f'"{name}"' for name in columns)
    own.execute(
        f"insert into {table} ({named}) overriding system value"
        f" select {values} from person p cross join {table} t where {where} order by p.n"
    )
    for _, definition in indexes:
        own.execute(definition)


def _finish(own: Connection, tables: tuple[str, ...]) -> None:
    own.execute("drop table person, first_name, last_name")
    for table in tables:
        own.execute(f"vacuum (analyze) {table}")


def some_people(url: str, number: int) -> list[tuple[UUID, str, str, str]]:
    """Return id, names and address of so many contacts, evenly over the crowd."""
    with psycopg.connect(url, autocommit=True) as own:
        return own.execute(_SOME, (number,)).fetchall()


# Everybody's id is made as ours are, by time, one contact a second.
_PEOPLE = """
create unlogged table first_name (n int generated always as identity primary key, word text);
create unlogged table last_name (n int generated always as identity primary key, word text);
create unlogged table person (n int primary key, id uuid, at timestamptz, first text, last text,
    local text, email text, lifecycle text);
select setseed(0.5);
"""
_NAMED = """
insert into person
select d.n, d.id, d.at, f.word, l.word, lower(f.word || '.' || l.word) || d.n,
       lower(f.word || '.' || l.word) || d.n || '@people.example',
       (%(lifecycles)s::text[])[1 + d.n %% cardinality(%(lifecycles)s::text[])]
from (
    select n, (lpad(to_hex(1700000000000 + n * 1000::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
               || '8' || substr(md5(n::text), 4, 15))::uuid as id,
           to_timestamp(1700000000 + n) as at,
           1 + floor(random() * random() * (select max(n) from first_name))::int as first_n,
           1 + floor(random() * random() * (select max(n) from last_name))::int as last_n
    from generate_series(1, %(size)s) as n
) as d
join first_name f on f.n = d.first_n join last_name l on l.n = d.last_n
"""
_COLUMNS = """
select attname from pg_attribute
where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum
"""
_INDEXES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index i
where indrelid = to_regclass(%s)
  and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
"""
_SOME = """
select c.id, c.first_name, c.last_name, p.value
from contact c join contact_point p on p.contact_id = c.id
where c.public_no %% greatest((select max(public_no) from contact) / %s, 1) = 0
"""
