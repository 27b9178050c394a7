"""Writing what a change tells: fact, record, timeline entry, history and audit, in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

import crm_contracts as contracts
from crm_chassis import clock, db, ids
from crm_chassis.problems import RecordTooLarge

LARGEST_BODY = 64 * 1024
_UNTOLD = frozenset({"version", "updated_at", "updated_by"})
_CONTEXT = ("actor", "on_behalf_of", "source", "bulk")
_ORIGIN = ("credential", "address", "agent", "request_id")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A fact to tell of a record."""

    fact: type[contracts.Fact[Any]]
    record: contracts.Record

    @property
    def verb(self) -> str:
        """The past participle in the fact's type."""
        return self.fact.type.split(".")[2]


@dataclass(frozen=True, slots=True)
class Beside:
    """An INSERT that goes with what is told of a record, and its values; it must return rows."""

    statement: str
    values: Mapping[str, Any]


def tell(
    session: Session,
    told: Sequence[tuple[Announcement, datetime]],
    *,
    beside: Beside | None = None,
) -> bool:
    """Write facts, records, timeline entries, history and audit of `told`, as one set.

    Says whether `beside`, which goes with one record only, wrote a row.
    """
    context = db.context_of(session)
    before = _bodies(session, [said.record for said, _ in told if said.record.version > 1])
    rows = [_row(said, at, before.get(said.record.id), context) for said, at in told]
    scalars = _scalars(context)
    if len(rows) == 1:
        statement = _TELL_ONE
        if beside:
            statement = _TELL_ONE_BESIDE.replace("@beside", beside.statement)
        values = rows[0] | scalars | dict(beside.values if beside else {})
        found = db.cursor(session).execute(statement, values).fetchone()
        return bool(beside and found and found[0])
    numbered = [{**row, "ord": number} for number, row in enumerate(rows)]
    told_rows = orjson.dumps(numbered).decode()
    db.cursor(session).execute(_TELL, {"rows": told_rows} | scalars)
    return False


def _scalars(context: db.Context) -> dict[str, Any]:
    """Return what all rows of a transaction share; what only follows has its first cause's id."""
    origin = context.origin
    return {
        **{name: getattr(context, name) for name in _CONTEXT},
        **{name: getattr(origin, name) for name in _ORIGIN},
        "request_id": origin.request_id or str(context.correlation_id),
        "noted_at": clock.now(),
    }


def _bodies(session: Session, records: Iterable[contracts.Record]) -> dict[UUID, Any]:
    wanted = [record.id for record in records]
    if not wanted:
        return {}
    found = db.cursor(session).execute("select id, body from record where id = any(%s)", (wanted,))
    return {id_: orjson.loads(body) for id_, body in found if body is not None}


def _row(
    said: Announcement, at: datetime, before: dict[str, Any] | None, context: db.Context
) -> dict[str, Any]:
    record = said.record
    body = contracts.record_body(record)
    old, new = _difference(before, orjson.loads(body))
    fact = said.fact(
        id=ids.new(),
        time=at,
        actor=context.actor,
        on_behalf_of=context.on_behalf_of,
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        traceparent=context.traceparent,
        hops=context.hops,
        restated=context.restated,
        record=record,
        changed=tuple(sorted(new)) if before is not None else (),
    )
    encoded = contracts.encode(fact)
    if len(encoded) > LARGEST_BODY and not context.restated:
        raise RecordTooLarge(record.id)
    entry = contracts.timeline_entry(fact)
    return {
        "fact_id": fact.id,
        "told_at": at,
        "type": fact.type,
        "action": ".".join(fact.type.split(".")[1:3]),
        "fact": encoded.decode(),
        "kind": record.kind,
        "record_id": record.id,
        "version": record.version,
        "body": body.decode(),
        "customers": _array(record.customers()),
        "owner_id": record.owner_id,
        "team_id": record.team_id,
        "visibility": record.visibility,
        "assignee_id": getattr(record, "assignee_id", None),
        "archived_at": record.archived_at,
        "entry": contracts.record_body(entry).decode() if entry else None,
        "fields": _array(sorted(new)),
        "old": orjson.dumps(old).decode(),
        "new": orjson.dumps(new).decode(),
    }


def _difference(
    before: dict[str, Any] | None, after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    if before is None:
        return {}, {k: v for k, v in after.items() if v not in (None, [], {}) and k not in _UNTOLD}
    names = [k for k in after if k not in _UNTOLD and before.get(k) != after[k]]
    return {k: before.get(k) for k in names}, {k: after[k] for k in names}


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


_COUNTED = """
select (select count(*) from beside), (select pg_notify('outbox', '') from relay_state where idle)
"""
# One JSON document: as elements of arrays the bodies would be quoted letter by letter in Python.
_TELL = """
with told as (
    select * from json_to_recordset(%(rows)s::json) as t(
        fact_id uuid, told_at timestamptz, type text, action text, fact text, kind text, record_id uuid,
        version bigint, body text, customers text, owner_id uuid, team_id uuid, visibility text,
        assignee_id uuid, archived_at timestamptz, entry text, fields text, old text, new text, ord bigint)
), fact as (
    insert into outbox (created_at, id, type, subject, subject_version, bulk, body)
    select now(), fact_id, type, record_id, version, %(bulk)s, fact from told order by ord
), published as (
    insert into record (kind, id, version, body, customer_ids, owner_id, team_id, visibility,
                        assignee_id, archived_at, updated_at)
    select kind, record_id, version, body, customers::uuid[], owner_id, team_id, visibility,
           assignee_id, archived_at, told_at from told
    on conflict (kind, id) do update set
        version = excluded.version, body = excluded.body, customer_ids = excluded.customer_ids,
        owner_id = excluded.owner_id, team_id = excluded.team_id,
        visibility = excluded.visibility, assignee_id = excluded.assignee_id,
        archived_at = excluded.archived_at, updated_at = excluded.updated_at
    where record.version < excluded.version
), entry as (
    insert into record (kind, id, version, body, customer_ids, updated_at)
    select 'timeline', fact_id, 1, entry, customers::uuid[], told_at
    from told where entry is not null
), past as (
    insert into history (kind, record_id, version, fact_id, at, actor, on_behalf_of, source, fields)
    select kind, record_id, version, fact_id, told_at, %(actor)s, %(on_behalf_of)s, %(source)s,
           fields::text[] from told
), valued as (
    select *, old::jsonb as was, new::jsonb as becomes, gen_random_uuid() as salt from told
), past_value as (
    insert into history_value (fact_id, record_id, old, new, salt)
    select fact_id, record_id, was, becomes, salt from valued
), noted as (
    insert into audit (id, at, actor, on_behalf_of, credential, address, agent, request_id, source,
                       action, kind, object_id, version, fields, values_hash)
    select fact_id, %(noted_at)s, %(actor)s, %(on_behalf_of)s, %(credential)s, %(address)s,
           %(agent)s, %(request_id)s, %(source)s, action, kind, record_id, version, fields::text[],
           audit_values_hash(salt, was, becomes)
    from valued order by ord
)
select pg_notify('outbox', '') from relay_state where idle
"""
# Most writes tell of one record: plain parameters spare quoting its bodies as array elements.
_TELL_ONE = """
with told as (
    select %(fact_id)s::uuid as fact_id, %(told_at)s::timestamptz as told_at, %(type)s as type,
        %(action)s as action, %(fact)s as fact, %(kind)s as kind, %(record_id)s::uuid as record_id,
        %(version)s::bigint as version, %(body)s as body, %(customers)s as customers,
        %(owner_id)s::uuid as owner_id, %(team_id)s::uuid as team_id, %(visibility)s as visibility,
        %(archived_at)s::timestamptz as archived_at, %(entry)s::text as entry, %(fields)s as fields,
        %(old)s as old, %(new)s as new, 1 as ord, %(assignee_id)s::uuid as assignee_id
""" + _TELL[_TELL.index("), fact as (") :]
_TELL_ONE_BESIDE = _TELL_ONE[: _TELL_ONE.rindex("\nselect")] + ", beside as (@beside)" + _COUNTED
