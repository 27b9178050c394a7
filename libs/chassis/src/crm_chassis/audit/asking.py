"""Reading the trail: a page of it, newest first, for the gateway to compose with others'."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from werkzeug.wrappers import Request, Response

from crm_chassis import db
from crm_chassis.audit import sealing
from crm_chassis.metrics import Route, answer

LARGEST_PAGE = 200
_STATEMENT_SECONDS = 5
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is asked for; None: whatever. `person`: who did it, or in whose name (`user:<id>`).

    `before`, `before_seq`: only what comes after this place, newest first.
    """

    object_id: UUID | None = None
    person: str | None = None
    kind: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: datetime | None = None
    before_seq: int | None = None
    limit: int = LARGEST_PAGE

    def query(self) -> dict[str, str]:
        """Return what `of_query` reads."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: _text(value) for name, value in given.items()}

    @classmethod
    def of_query(cls, args: Mapping[str, str]) -> "Filters":
        """Read a query. Raises ValueError."""
        given = {name: _READERS[name](text) for name, text in args.items() if name in _READERS}
        limit = max(1, min(given.get("limit", LARGEST_PAGE), LARGEST_PAGE))
        return cls(**{**given, "limit": limit})


def routes(database_url: str) -> dict[str, Route]:
    """Return the internal routes of one service's trail, for its ops port."""

    def asked(request: Request) -> Response:
        with _connected(database_url) as connection:
            return answer({"items": page(connection, Filters.of_query(request.args))})

    def head(request: Request) -> Response:
        seq = request.args.get("seq", type=int)
        with _connected(database_url) as connection:
            return answer(sealing.head(connection, seq=seq))

    return {"/internal/audit": asked, "/internal/audit/head": head}


def page(connection: Connection, filters: Filters) -> list[dict[str, Any]]:
    """Return up to `limit` rows, newest first, each with the values before and after.

    Values that were erased are None, as are those of what is no change of a record.
    """
    clauses = [clause for name, clause in _CLAUSES.items() if getattr(filters, name) is not None]
    where = f"where {' and '.join(clauses)}" if clauses else ""
    cursor = connection.execute(_PAGE.replace("@where", where), asdict(filters))
    names = [each.name for each in cursor.description or ()]
    return [_shown(dict(zip(names, row, strict=True))) for row in cursor]


def _connected(database_url: str) -> Connection:
    return db.connect(database_url, application="audit", statement_seconds=_STATEMENT_SECONDS)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("old", "new"):
        row[name] = orjson.Fragment(row[name]) if row[name] is not None else None
    row["detail"] = orjson.Fragment(row["detail"])
    return row


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "object_id": UUID,
    **dict.fromkeys(("person", "kind", "action"), str),
    **dict.fromkeys(("since", "until", "before"), datetime.fromisoformat),
    **dict.fromkeys(("before_seq", "limit"), int),
}
_CLAUSES = {
    "object_id": "a.object_id = %(object_id)s",
    "person": "coalesce(a.on_behalf_of, a.actor) = %(person)s",
    "kind": "a.kind = %(kind)s",
    "action": "a.action = %(action)s",
    "since": "a.at >= %(since)s",
    "until": "a.at < %(until)s",
    "before": "(a.at, a.seq) < (%(before)s, %(before_seq)s::bigint)",
}
_PAGE = """
select a.seq, a.id, a.at, a.actor, a.on_behalf_of, a.credential, a.address, a.agent, a.request_id,
       a.source, a.action, a.kind, a.object_id, a.version, a.fields, a.detail::text as detail,
       v.old::text as old, v.new::text as new, a.values_hash is not null as has_values,
       encode(s.hash, 'hex') as seal
from (select * from audit a @where order by a.at desc, a.seq desc limit %(limit)s) a
left join history_value v on v.fact_id = a.id
left join audit_seal s on s.seq = a.seq
order by a.at desc, a.seq desc
"""
