"""Rows of what is no change of a record: sign-ins, keys, exports, reads, operators' decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db, ids

_LONGEST_AGENT, _AT_ONCE = 200, 500
_FORGOTTEN_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done. `detail` holds ids, numbers and words of ours: it is never erased.

    `action`: like `session.started`, what it is about first, which is the default of `kind`.
    `expires_at`: when it may be forgotten; None, never.
    """

    action: str
    actor: str
    at: datetime
    on_behalf_of: str | None = None
    origin: db.Origin = db.NOWHERE
    source: str = "api"
    kind: str | None = None
    object_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None


def note(
    session: Session, action: str, *, now: datetime, object_id: UUID | None = None,
    actor: str | None = None, origin: db.Origin | None = None, **detail: Any,
) -> None:  # fmt: skip
    """Add a row in the transaction's name, or in that of `actor` where nobody is known yet."""
    context = db.context_of(session)
    entry = Entry(
        action=action,
        actor=actor or context.actor,
        at=now,
        on_behalf_of=None if actor else context.on_behalf_of,
        origin=origin or context.origin,
        source=context.source,
        object_id=object_id,
        detail=detail,
    )
    write(db.cursor(session), [entry])


def write(cursor: Any, entries: Sequence[Entry]) -> None:
    """Add rows inside the caller's transaction, by one statement for each 500."""
    for start in range(0, len(entries), _AT_ONCE):
        some = [_row(each, number) for number, each in enumerate(entries[start : start + _AT_ONCE])]
        cursor.execute(_WRITE, (orjson.dumps(some, default=str).decode(),))


def forget(cursor: Any, *, now: datetime) -> int:
    """Remove sealed rows that were to be kept until now, 10,000 at a time; return how many."""
    return int(cursor.execute(_FORGET, (now, _FORGOTTEN_AT_ONCE)).rowcount)


def shortened(agent: str | None) -> str | None:
    """Return as much of a program's own description as is kept."""
    return (agent or "")[:_LONGEST_AGENT].replace("\x00", "") or None


def _row(entry: Entry, number: int) -> dict[str, Any]:
    origin = entry.origin
    return {
        "ord": number,
        "id": ids.new(),
        "at": entry.at,
        "actor": entry.actor,
        "on_behalf_of": entry.on_behalf_of,
        "credential": origin.credential,
        "address": origin.address,
        "agent": shortened(origin.agent),
        "request_id": origin.request_id,
        "source": entry.source,
        "action": entry.action,
        "kind": entry.kind or entry.action.partition(".")[0],
        "object_id": entry.object_id,
        "detail": entry.detail,
        "expires_at": entry.expires_at,
    }


_WRITE = """
insert into audit (id, at, actor, on_behalf_of, credential, address, agent, request_id, source,
                   action, kind, object_id, detail, expires_at)
select id, at, actor, on_behalf_of, credential, address, agent, request_id, source, action, kind,
       object_id, detail, expires_at
from json_to_recordset(%s::json) as t(
    ord int, id uuid, at timestamptz, actor text, on_behalf_of text, credential text, address text,
    agent text, request_id text, source text, action text, kind text, object_id uuid, detail jsonb,
    expires_at timestamptz)
order by ord
"""
_FORGET = """
delete from audit where seq in (
    select seq from audit where expires_at <= least(%s, now())
      and seq <= (select coalesce(max(seq), 0) from audit_seal) order by seq limit %s)
"""
