"""What clients were told is so: no acknowledged write is lost, none is there twice."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from tests.chaos.history import OK, UNKNOWN, Call, History
from tests.chaos.losses import Losses

Database = Callable[[str], AbstractContextManager[psycopg.Connection[Any]]]
# Where the mark of what a path creates is found: service, statement.
MARKS = {
    "/v1/contacts": ("contacts", "select last_name from contact where last_name ~ '^[a-z][0-9a-f]{32}$'"),
    "/v1/deals": ("sales", "select name from deal where name ~ '^d[0-9a-f]{32}$'"),
    "/v1/leads": ("sales", "select last_name from lead where last_name ~ '^l[0-9a-f]{32}$'"),
    "/v1/tickets": ("support", "select subject from ticket where subject ~ '^t[0-9a-f]{32}$'"),
}  # fmt: skip
OWNERS = {"contact": "contacts", "deal": "sales", "lead": "sales", "ticket": "support"}
_TOLD = "select record_id::text || '@' || version from history where kind = %s"


def check(database: Database, history: History, losses: Losses | None = None) -> list[str]:
    """Return acknowledged writes that are not there, and writes that are there twice.

    What a restored service told after its backup may be lost, and nothing else.
    """
    losses = losses or Losses()
    broken = [
        what
        for service, began, ended, what in history.violations
        if not losses.is_within(service, began, ended)
    ]
    return [
        *broken,
        *_marks(database, history, losses),
        *_versions(database, history, losses),
        *_too_old(history, losses),
    ]


def _marks(database: Database, history: History, losses: Losses) -> list[str]:
    found = []
    for path, (service, statement) in MARKS.items():
        calls = [
            c for c in tuple(history.calls) if c.mark and c.method == "POST" and c.path == path
        ]
        best: dict[str, str] = {}
        for call in calls:
            mark = call.mark or ""
            best[mark] = OK if OK in (call.outcome, best.get(mark)) else call.outcome
        with database(service) as own:
            stored = Counter(row[0] for row in own.execute(statement.encode()))
        gone = {call.mark for call in calls if _is_lost(call, losses)}
        found += [
            f"lost: {path} {mark}"
            for mark, was in best.items()
            if was == OK and not stored[mark] and mark not in gone
        ]
        found += [f"doubled: {path} {mark}" for mark in best if stored[mark] > 1]
        found += [
            f"refused, yet there: {path} {mark}"
            for mark, was in best.items()
            if was not in {OK, UNKNOWN} and stored[mark] and not _was_unknown(calls, mark)
        ]
    return found


def _was_unknown(calls: list[Any], mark: str) -> bool:
    return any(call.mark == mark and call.outcome == UNKNOWN for call in calls)


def _versions(database: Database, history: History, losses: Losses) -> list[str]:
    told: dict[str, set[str]] = {}
    for call in tuple(history.calls):
        if call.outcome == OK and call.version and call.method != "GET":
            kind, _, version = call.version.partition("/")
            if not _is_lost(call, losses):
                told.setdefault(kind, set()).add(version)
    found = []
    for kind, versions in told.items():
        if kind in OWNERS:
            with database(OWNERS[kind]) as own:
                known = {row[0] for row in own.execute(_TOLD, (kind,))}
            found += [f"lost: {kind} {version}" for version in sorted(versions - known)]
    return found


def _is_lost(call: Call, losses: Losses) -> bool:
    """Say whether what a call made was told, and lost with the database that told it."""
    if not losses.facts or not call.version:
        return False
    record, _, version = call.version.partition("/")[2].partition("@")
    return (record, int(version)) in losses.versions


def _too_old(history: History, losses: Losses) -> list[str]:
    """Return what was acknowledged before the backup was begun, and is lost all the same."""
    return [
        f"lost, though older than the backup: {call.version}"
        for call in tuple(history.calls)
        if call.method != "GET"
        and call.began + call.seconds < losses.backups.get(_owner(call), 0)
        and _is_lost(call, losses)
    ]


def _owner(call: Call) -> str:
    return OWNERS.get((call.version or "").partition("/")[0], "")
