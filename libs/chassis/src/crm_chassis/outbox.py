"""What a change tells: facts, published records and history, written with the change itself.

`add` names the fact while the command runs; at commit the versions are final, the facts are
built, and everything told in the transaction goes out in one statement over sets.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

import crm_contracts as contracts
from crm_chassis import db, ids
from crm_chassis.problems import RecordTooLarge

LARGEST_BODY = 64 * 1024
_UNTOLD = frozenset({"version", "updated_at", "updated_by"})
_GENERIC_VERBS = frozenset({"updated"})


@dataclass(frozen=True, slots=True)
class Announcement:
    """A fact to tell of a record."""

    fact: type[contracts.Fact[Any]]
    record: contracts.Record

    @property
    def verb(self) -> str:
        """The past participle in the fact's type."""
        return self.fact.type.split(".")[2]


Factory = Callable[[Any], Announcement]
_SHARED = (
    "id", "public_no", "version", "created_at", "updated_at", "created_by", "updated_by", "archived_at",
    "owner_id", "team_id", "visibility",
)  # fmt: skip


def record_fields(aggregate: db.Aggregate) -> dict[str, Any]:
    """Return the fields every published record has, for `events.py`."""
    return {name: getattr(aggregate, name) for name in _SHARED}


@dataclass(slots=True)
class _Pending:
    aggregate: db.Aggregate
    factories: list[Factory]
    at: datetime


def add(session: Session, factory: Factory, aggregate: db.Aggregate, *, at: datetime) -> None:
    """Tell `factory`'s fact of `aggregate` when the transaction commits.

    The first call in a transaction raises the version; further calls keep one version and one
    fact, the most specific: the one of the creation, else the last that is not `updated`.
    """
    pending = _pending(session)
    if aggregate.id in pending:
        pending[aggregate.id].factories.append(factory)
        return
    pending[aggregate.id] = _Pending(aggregate, [factory], at)
    actor = db.context_of(session).actor
    aggregate.version += 1
    if aggregate.version == 1:
        aggregate.created_at = aggregate.created_at or at
        aggregate.created_by = actor
    aggregate.updated_at, aggregate.updated_by = at, actor
    session.add(aggregate)


def touched(session: Session) -> dict[UUID, Any]:
    """Return what has been added so far, so that a savepoint can put it back (`restore`)."""
    return {k: replace(each, factories=[*each.factories]) for k, each in _pending(session).items()}


def is_made(session: Session, aggregate: db.Aggregate) -> bool:
    """Say whether this transaction made the aggregate, before it is settled."""
    return aggregate.version == 1 and aggregate.id in _pending(session)


def restore(session: Session, before: dict[UUID, Any]) -> None:
    """Forget what was added since `touched`."""
    pending = _pending(session)
    pending.clear()
    pending.update(before)


def _pending(session: Session) -> dict[UUID, _Pending]:
    if "outbox" not in session.info:
        session.info["outbox"] = {}
        session.info.setdefault("before_commit", []).insert(0, settle)
    return session.info["outbox"]  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Beside:
    """An INSERT that goes with what is told of a record, and its values; it must return rows."""

    statement: str
    values: Mapping[str, Any]


def settle(
    session: Session, *, beside: Callable[[contracts.Record], Beside | None] | None = None
) -> bool | None:
    """Flush, and write all that was added so far; at the latest this happens at commit.

    `beside` may name what is written by the same statement, given the record where only one is
    told. Returns whether that wrote a row, None where it was not asked or named nothing.
    """
    pending = _pending(session)
    roots = [each.aggregate for each in pending.values()]
    if len(roots) != 1 or not db.insert_new(session, db.cursor(session), roots[0]):
        session.flush()
    told = [(_most_specific(each), each.at) for each in pending.values()]
    pending.clear()
    session.info.setdefault("told", {}).update({said.record.id: said.record for said, _ in told})
    if len(told) == 1 and beside and (more := beside(told[0][0].record)):
        return tell(session, told, beside=more)
    if told:
        tell(session, told)
    return None


def published(session: Session, aggregate: db.Aggregate) -> bytes:
    """Return the record of `aggregate` as it was last told; call `settle` first."""
    record = session.info.get("told", {}).get(aggregate.id)
    if record is not None:
        return contracts.record_body(record)
    statement = "select body from record where kind = %s and id = %s"
    row = db.cursor(session).execute(statement, (kind_of(aggregate), aggregate.id)).fetchone()
    return str(row[0]).encode() if row else b"{}"


def is_new(session: Session, aggregate: db.Aggregate) -> bool:
    """Say whether this transaction made the aggregate; call `settle` first."""
    record = session.info.get("told", {}).get(aggregate.id)
    return record is not None and record.version == 1


def kind_of(aggregate: db.Aggregate) -> str:
    """Return the record kind of an aggregate: the name of its table."""
    return str(type(aggregate).__table__.name)  # type: ignore[attr-defined]


def _most_specific(pending: _Pending) -> Announcement:
    said = [factory(pending.aggregate) for factory in pending.factories]
    if pending.aggregate.version == 1:
        return said[0]
    return next((each for each in reversed(said) if each.verb not in _GENERIC_VERBS), said[-1])


def tell(
    session: Session,
    told: Sequence[tuple[Announcement, datetime]],
    *,
    beside: Beside | None = None,
) -> bool:
    """Write facts, published records, timeline entries and history of `told`, as one set.

    Says whether `beside`, which goes with one record only, wrote a row.
    """
    context = db.context_of(session)
    before = _bodies(session, [said.record for said, _ in told if said.record.version > 1])
    rows = [_row(said, at, before.get(said.record.id), context) for said, at in told]
    scalars = {name: getattr(context, name) for name in ("actor", "on_behalf_of", "source", "bulk")}
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
        fact_id uuid, told_at timestamptz, type text, fact text, kind text, record_id uuid,
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
), past_value as (
    insert into history_value (fact_id, record_id, old, new)
    select fact_id, record_id, old::jsonb, new::jsonb from told
)
select pg_notify('outbox', '') from relay_state where idle
"""
# Most writes tell of one record: plain parameters spare quoting its bodies as array elements.
_TELL_ONE = """
with told as (
    select %(fact_id)s::uuid as fact_id, %(told_at)s::timestamptz as told_at, %(type)s as type,
        %(fact)s as fact, %(kind)s as kind, %(record_id)s::uuid as record_id,
        %(version)s::bigint as version, %(body)s as body, %(customers)s as customers,
        %(owner_id)s::uuid as owner_id, %(team_id)s::uuid as team_id, %(visibility)s as visibility,
        %(archived_at)s::timestamptz as archived_at, %(entry)s::text as entry, %(fields)s as fields,
        %(old)s as old, %(new)s as new, 1 as ord, %(assignee_id)s::uuid as assignee_id
""" + _TELL[_TELL.index("), fact as (") :]
_TELL_ONE_BESIDE = _TELL_ONE[: _TELL_ONE.rindex("\nselect")] + ", beside as (@beside)" + _COUNTED
