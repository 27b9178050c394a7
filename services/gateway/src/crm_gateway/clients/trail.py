"""The audit trail of all services as one: newest first, with what its reader may not see left out."""

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from crm_chassis import db, logs, records, rights
from crm_chassis.audit import Filters
from crm_chassis.auth import Principal
from crm_contracts import FACTS, SERVICES
from crm_fields.rulebook import is_mask
from crm_gateway.queries import audit as queries

DEADLINE_SECONDS = 4.0
OURS = "gateway"
_MASKED, _CUSTOM, _LAST = "•••", "custom", 2**62
Row = dict[str, Any]
Place = tuple[datetime, str, int]
log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks of the trail. `cursor`: of the page before. `actor_id`: a person's."""

    object_id: UUID | None = None
    actor_id: UUID | None = None
    kind: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: int = 50

    def filters(self) -> Filters:
        """Return what each service is asked. An action says of which kind its subject is."""
        return Filters(
            object_id=self.object_id,
            person=f"user:{self.actor_id}" if self.actor_id else None,
            kind=self.kind or kind_of(self.action),
            action=self.action,
            since=self.since,
            until=self.until,
            limit=self.limit + 1,
        )


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Rows, newest first, the cursor of the next page, and the services that did not answer."""

    items: list[Row]
    next: str | None
    missing: list[str]


class Trail:
    """Asks every service for its part at once, under one deadline."""

    def __init__(self, peers: records.Peers, read: db.Reader, *, threads: int = 8) -> None:
        """`read` runs functions over a connection to the gateway's database."""
        self._peers, self._read = peers, read
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="trail")

    def page(self, asked: Asked, who: Principal) -> TrailPage:
        """Return a page as `who` may see it. Raises ValueError for what is no cursor."""
        place = _place(asked.cursor) if asked.cursor else None
        filters = {name: _behind(asked.filters(), name, place) for name in SERVICES}
        waiting = {
            name: self._pool.submit(self._of, name, filters[name])
            for name in SERVICES
            if name != OURS
        }
        ours = self._ours(filters[OURS])
        wait(waiting.values(), timeout=DEADLINE_SECONDS)
        answers = {name: _result(name, future) for name, future in waiting.items()} | {OURS: ours}
        rows = [row for found in answers.values() for row in found or ()]
        rows.sort(key=_order, reverse=True)
        shown = rows[: asked.limit]
        return TrailPage(
            items=self._whole(shown, who),
            next=_cursor(shown[-1]) if len(rows) > len(shown) else None,
            missing=sorted(name for name, found in answers.items() if found is None),
        )

    def _of(self, service: str, filters: Filters) -> list[Row]:
        found = self._peers.trail(service, filters.query(), timeout=DEADLINE_SECONDS)
        return [_row(service, row) for row in found]

    def _ours(self, filters: Filters) -> list[Row]:
        """Read our own part on the caller's thread, which has its connection."""
        told = self._read(lambda one: orjson.dumps(queries.own_trail(one, filters)))
        return [_row(OURS, row) for row in orjson.loads(told)]

    def _whole(self, rows: Sequence[Row], who: Principal) -> list[Row]:
        keys = {(row["kind"], UUID(row["object_id"])) for row in rows if row["has_values"]}
        if keys and not who.is_admin:
            seen = rights.seen_of_all(who)
            keys = self._read(lambda one: queries.seen_among(one, keys, seen=seen))
        return [_shown(row, who, keys) for row in rows]


def kind_of(action: str | None) -> str | None:
    """Return the kind of what an action is done to: a fact's record, else its first word."""
    if action is None:
        return None
    return _KINDS.get(action) or action.partition(".")[0]


def _shown(row: Row, who: Principal, seen: Collection[tuple[str, UUID]]) -> Row:
    """Return a row with its values one by one: those of hidden fields and records are left out."""
    old, new, has_values = row.pop("old"), row.pop("new"), row.pop("has_values")
    hidden = frozenset[str]() if who.is_admin else who.rights.hidden(row["kind"] or "")
    row["fields"] = [name for name in row["fields"] if name not in hidden]
    row["sealed"] = row.pop("seal") is not None
    row["changes"] = None
    if not has_values:
        return row | {"values": "none"}
    if (row["kind"], UUID(row["object_id"])) not in seen:
        return row | {"values": "hidden"}
    if new is None:
        return row | {"values": "erased"}
    changes = {"changes": [*_changes(row["fields"], old or {}, new)]}
    row |= rights.whole(changes, hidden)
    return row | {"values": "shown"}


def _changes(
    fields: Sequence[str], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Row]:
    for name in fields:
        if name != _CUSTOM:
            yield {"field": name, "old": old.get(name), "new": new.get(name)}
            continue
        was, becomes = old.get(name) or {}, new.get(name) or {}
        for key in sorted({*was, *becomes}):
            if was.get(key) != becomes.get(key):
                pair = {"old": _masked(was.get(key)), "new": _masked(becomes.get(key))}
                yield {"field": f"{_CUSTOM}.{key}", **pair}


def _masked(value: Any) -> Any:
    return _MASKED if is_mask(value) else value


def _row(service: str, row: Row) -> Row:
    return {**row, "service": service, "at": datetime.fromisoformat(row["at"])}


def _result(service: str, future: "Future[list[Row]]") -> list[Row] | None:
    if not future.done():
        future.cancel()
        return None
    if (error := future.exception()) is not None:
        log.warning("trail not read", extra={"peer": service, "cause": repr(error)[:300]})
        return None
    return future.result()


def _order(row: Row) -> Place:
    return row["at"], row["service"], row["seq"]


def _behind(filters: Filters, service: str, place: Place | None) -> Filters:
    """Return the filters of what one service has behind a place in the order of all of them."""
    if place is None:
        return filters
    at, of, seq = place
    before_seq = seq if service == of else _LAST if service < of else 0
    return replace(filters, before=at, before_seq=before_seq)


def _cursor(row: Row) -> str:
    told = orjson.dumps([row["at"], row["service"], row["seq"]])
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _place(cursor: str) -> Place:
    at, service, seq = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    place = datetime.fromisoformat(at), str(service), int(seq)
    if place[0].tzinfo is None or not 0 <= place[2] < _LAST:
        raise ValueError(cursor)
    return place


_KINDS: Mapping[str, str] = {
    ".".join(type_.split(".")[1:3]): fact.record_type.kind for type_, fact in FACTS.items()
}
