"""Filling and comparing copies: by digest first, then record by record where a bucket differs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import psycopg

from crm_chassis import crashpoints, db
from crm_chassis.project import Folder, Source
from crm_chassis.records.client import Peers

_LOOKS = 4
_BETWEEN_LOOKS_SECONDS = 2.5
_STATEMENT_SECONDS = 60

Versions = dict[UUID, tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A record that is not here as its owner has it."""

    service: str
    kind: str
    id: UUID
    here: int | None
    there: int | None


class Kept(Folder, Protocol):
    """A folder that can also say what it keeps."""

    def digests(self, connection: psycopg.Connection[Any], source: Source) -> list[tuple[Any, ...]]:
        """Return (bucket, count, hash) like /internal/digest."""

    def versions(
        self, connection: psycopg.Connection[Any], source: Source, bucket: str
    ) -> Versions:
        """Return what /internal/versions returns."""

    def drop(
        self, connection: psycopg.Connection[Any], source: Source, ids: Sequence[UUID]
    ) -> None:
        """Remove records their owner does not know."""


def resync(
    folder: Folder,
    peers: Peers,
    database_url: str,
    *,
    repair: bool = True,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> int:
    """Pull every record of the folder's sources and fold it; return how many were read."""
    total = 0
    with _connect(database_url) as connection:
        for source in folder.sources:
            for page in peers.records(source.service, source.kind):
                crashpoints.reach("resync.before_page")
                with connection.transaction():
                    folder.fold(connection, page, repair=repair)
                crashpoints.reach("resync.after_page")
                total += len(page)
                progress(source.kind, total)
    return total


def count(folder: Folder, peers: Peers) -> int:
    """Return how many records the folder's sources have."""
    return sum(
        int(number)
        for source in folder.sources
        for number, _ in peers.digest(source.service, source.kind).values()
    )


def verify(folder: Kept, peers: Peers, database_url: str) -> list[Difference]:
    """Return the records that still differ after time for what is under way to arrive."""
    with _connect(database_url) as connection:
        return [
            difference
            for source in folder.sources
            for difference in _verify_source(folder, peers, connection, source)
        ]


def drop_ghosts(folder: Kept, peers: Peers, database_url: str) -> int:
    """Remove what is kept here of records their owner does not know; return how many."""
    dropped = 0
    with _connect(database_url) as connection:
        for source in folder.sources:
            suspects = [
                d.id for d in _differences(folder, peers, connection, source) if d.there is None
            ]
            known = {item.id for item in peers.by_ids(source.service, source.kind, suspects)}
            ghosts = [suspect for suspect in suspects if suspect not in known]
            if ghosts:
                with connection.transaction():
                    folder.drop(connection, source, ghosts)
            dropped += len(ghosts)
    return dropped


def _connect(database_url: str) -> psycopg.Connection[Any]:
    return db.connect(
        database_url, application="records.compare", statement_seconds=_STATEMENT_SECONDS
    )


def _verify_source(
    folder: Kept, peers: Peers, connection: psycopg.Connection[Any], source: Source
) -> list[Difference]:
    found = _differences(folder, peers, connection, source)
    for _ in range(_LOOKS - 1):
        if not found:
            break
        time.sleep(_BETWEEN_LOOKS_SECONDS)
        again = {d.id for d in _differences(folder, peers, connection, source)}
        found = [difference for difference in found if difference.id in again]
    return found


def _differences(
    folder: Kept, peers: Peers, connection: psycopg.Connection[Any], source: Source
) -> list[Difference]:
    there = {k: tuple(v) for k, v in peers.digest(source.service, source.kind).items()}
    here = {bucket: (count, digest) for bucket, count, digest in folder.digests(connection, source)}
    unequal = [b for b in there.keys() | here.keys() if there.get(b) != here.get(b)]
    return [
        difference
        for bucket in sorted(unequal)
        for difference in _bucket(
            source,
            folder.versions(connection, source, bucket),
            peers.versions(source.service, source.kind, bucket),
        )
    ]


def _bucket(source: Source, here: Versions, there: Versions) -> list[Difference]:
    absent = (None, "")
    return [
        Difference(
            service=source.service,
            kind=source.kind,
            id=id_,
            here=here.get(id_, absent)[0],
            there=there.get(id_, absent)[0],
        )
        for id_ in sorted(here.keys() | there.keys())
        if here.get(id_) != there.get(id_)
    ]
