"""A tiny service of the tests: one aggregate, its facts and commands, on the real tables."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column

from crm_chassis import db, ids, metrics, outbox, records
from crm_chassis.auth import Principal, Signer
from crm_chassis.outbox import Announcement
from crm_chassis.problems import NotFound, Refusal
from crm_chassis.testing import OPS_TOKEN, free_port, keys, wait_until
from crm_contracts import Fact, SubjectRef, contacts, encode

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLE = """
create table task (
    id uuid primary key, public_no bigint generated always as identity, version bigint not null,
    created_at timestamptz not null, updated_at timestamptz not null, created_by text not null,
    updated_by text not null, archived_at timestamptz, owner_id uuid, team_id uuid,
    visibility text not null, title text not null, status text not null, origin text,
    customer_id uuid, constraint task_origin unique (origin)
)
"""


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False):
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: db.Utc}


class Task(db.Aggregate, Base):
    __tablename__ = "task"
    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    origin: Mapped[str | None] = mapped_column(default=None)
    customer_id: Mapped[UUID | None] = mapped_column(default=None)


def task_record(task: Task) -> contacts.Task:
    customer = task.customer_id
    return contacts.Task(
        **outbox.record_fields(task),
        title=task.title,
        priority="normal",
        status=task.status,
        origin=task.origin,
        subjects=(SubjectRef(type="contact", id=customer),) if customer else (),
    )


def task_created(task: Task) -> Announcement:
    return Announcement(contacts.TaskCreated, task_record(task))


def task_updated(task: Task) -> Announcement:
    return Announcement(contacts.TaskUpdated, task_record(task))


def task_completed(task: Task) -> Announcement:
    return Announcement(contacts.TaskCompleted, task_record(task))


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    title: str
    origin: str | None = None
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    visibility: str = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTask:
    task_id: UUID
    title: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask:
    task_id: UUID


class TitleTaken(Refusal):
    """Another task has this origin."""

    slug = "origin-taken"


class TaskClosed(Refusal):
    """The task was done before."""

    slug = "task-closed"


def create_task(session: Session, command: CreateTask, *, now: datetime) -> Task:
    task = Task(
        title=command.title,
        origin=command.origin,
        customer_id=command.customer_id,
        owner_id=command.owner_id,
        visibility=command.visibility,
    )
    outbox.add(session, task_created, task, at=now)
    return task


def rename_task(session: Session, command: RenameTask, *, now: datetime) -> Task:
    task = task_for_update(session, command.task_id)
    task.expect(command.expected_version)
    task.title = command.title
    outbox.add(session, task_updated, task, at=now)
    return task


def complete_task(session: Session, command: CompleteTask, *, now: datetime) -> Task:
    task = task_for_update(session, command.task_id)
    outbox.add(session, task_completed, task, at=now)
    if task.status == "done":
        raise TaskClosed(task.id)
    task.status = "done"
    return task


def task_for_update(session: Session, task_id: UUID) -> Task:
    task = db.for_update(session, Task, task_id)
    if task is None:
        raise NotFound(f"task {task_id}")
    return task


def a_fact(
    of: type[Fact[Any]] = contacts.TaskCompleted,
    *,
    task_id: UUID | None = None,
    version: int = 1,
    hops: int = 0,
    **fields: Any,
) -> Fact[Any]:
    record = contacts.Task(
        id=task_id or ids.new(),
        public_no=1,
        version=version,
        created_at=NOON,
        updated_at=NOON,
        created_by="user:ann",
        updated_by="user:ann",
        title=fields.pop("title", "Call back"),
        priority="normal",
        status="done",
        **fields,
    )
    return of(
        id=ids.new(),
        time=NOON,
        actor="user:ann",
        correlation_id=ids.new(),
        record=record,
        hops=hops,
    )


def token(audience: str, *roles: str, user_id: UUID | None = None) -> str:
    who = Principal(
        actor=f"user:{user_id or 'ann'}", user_id=user_id, roles=frozenset(roles or {"member"})
    )
    return Signer(json.dumps(keys("gateway")[0])).token(audience, who)


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query, values or None)
        has_rows = (cursor.statusmessage or "").startswith("SELECT")
        return cursor.fetchall() if has_rows else []


def scalar(url: str, query: str, *values: object) -> Any:
    return rows(url, query, *values)[0][0]


def store_facts(url: str, facts: Iterable[Fact[Any]], *, bulk: bool = False) -> None:
    """Put facts into a producer's outbox, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for fact in facts:
            connection.execute(
                "insert into outbox (created_at, id, type, subject, subject_version, bulk, body)"
                " values (now(), %s, %s, %s, %s, %s, %s)",
                (
                    fact.id,
                    fact.type,
                    fact.subject,
                    fact.subject_version,
                    bulk,
                    encode(fact).decode(),
                ),
            )


def wait_for_fence(url: str) -> None:
    """Return when no open transaction, of another database either, holds the outbox back."""
    passed = (
        "select coalesce(bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())), true) from outbox"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        wait_until(lambda: connection.execute(passed).fetchone() == (True,), timeout=60)


@contextmanager
def peer(database_url: str, services: Sequence[str] = ("contacts",)) -> Iterator[dict[str, str]]:
    """Serve a database's records and facts as those services' ops port; yields CRM_PEERS."""
    ops, port = metrics.Ops(token=OPS_TOKEN), free_port()
    ops.routes |= records.routes(database_url)
    server = ops.serve("127.0.0.1", port)
    yield dict.fromkeys(services, f"http://127.0.0.1:{port}")
    server.shutdown()
    server.server_close()
