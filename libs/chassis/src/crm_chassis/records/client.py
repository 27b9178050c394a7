"""Asking other services for their records and facts, over their ops ports."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import urllib3

from crm_chassis import tracing
from crm_chassis.project import Item

_PAGE = 1000
_IDS_AT_ONCE = 90  # as many as a request line holds: 4,094 bytes, 39 each


class PeerAway(Exception):
    """A service did not answer, or not with what it promises."""


class _RecordOnWire(msgspec.Struct):
    kind: str
    id: UUID
    version: int
    body: msgspec.Raw


class _RecordPage(msgspec.Struct):
    items: list[_RecordOnWire]
    next: str | None
    as_of: str


class _FactPage(msgspec.Struct):
    items: list[msgspec.Raw]
    next: str
    more: bool


class Peers:
    """The other services' internal side; safe to share between threads."""

    def __init__(self, peers: Mapping[str, str], *, ops_token: str) -> None:
        """`peers`: service name to the base URL of its ops port."""
        self._peers = dict(peers)
        self._headers = {"Authorization": f"Bearer {ops_token}"}
        self._pool = urllib3.PoolManager(num_pools=10, maxsize=16, retries=False)

    def records(self, service: str, kind: str) -> Iterator[list[Item]]:
        """Yield every record of a kind, in pages, ordered by id. Raises PeerAway."""
        after: str | None = ""
        while after is not None:
            query = {"kind": kind, "after": after, "limit": str(_PAGE)}
            page = self._page(service, query)
            yield self._items(service, page)
            after = page.next

    def by_ids(self, service: str, kind: str, ids: Sequence[UUID]) -> list[Item]:
        """Return those of the records that their owner knows."""
        found: list[Item] = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ",".join(map(str, ids[start : start + _IDS_AT_ONCE]))
            found += self._items(service, self._page(service, {"kind": kind, "ids": some}))
        return found

    def of_customers(
        self, service: str, kinds: Sequence[str], customer_ids: Sequence[UUID], *, timeout: float
    ) -> tuple[list[Item], str]:
        """Return the newest records of these kinds of any of the customers, and when that was."""
        named = ",".join(map(str, customer_ids))
        query = {"kind": ",".join(kinds), "customer_id": named, "limit": "500"}
        page = self._page(service, query, timeout=timeout)
        return self._items(service, page), page.as_of

    def numbers(
        self, service: str, customer_ids: Sequence[UUID], *, timeout: float
    ) -> dict[str, int]:
        """Return how many live records of each kind are of any of these customers."""
        query = {"customer_ids": ",".join(map(str, customer_ids))}
        body = self._get(service, "/internal/numbers", query, timeout=timeout)
        return msgspec.json.decode(body)["numbers"]  # type: ignore[no-any-return]

    def facts(
        self, service: str, types: Sequence[str], *, after: str, since: str, bulk: bool = False
    ) -> tuple[list[bytes], str, bool]:
        """Return facts behind a cursor, the next cursor, and whether there are more."""
        query = {"types": ",".join(types), "after": after, "since": since}
        query["bulk"] = "true" if bulk else "false"
        page = msgspec.json.decode(self._get(service, "/internal/facts", query), type=_FactPage)
        return [bytes(item) for item in page.items], page.next, page.more

    def trail(self, service: str, query: dict[str, str], *, timeout: float) -> list[dict[str, Any]]:
        """Return a page of a service's audit trail, newest first (`crm_chassis.audit.page`)."""
        body = self._get(service, "/internal/audit", query, timeout=timeout)
        return msgspec.json.decode(body)["items"]  # type: ignore[no-any-return]

    def digest(self, service: str, kind: str) -> dict[str, list[Any]]:
        """Return bucket -> [count, hash]."""
        body = self._get(service, "/internal/digest", {"kind": kind})
        return msgspec.json.decode(body)["buckets"]  # type: ignore[no-any-return]

    def versions(self, service: str, kind: str, bucket: str) -> dict[UUID, tuple[int, str]]:
        """Return id -> (version, body digest) of one bucket."""
        body = self._get(service, "/internal/versions", {"kind": kind, "bucket": bucket})
        found = msgspec.json.decode(body)["versions"]
        return {UUID(id_): (version, digest) for id_, (version, digest) in found.items()}

    def _page(self, service: str, query: dict[str, str], *, timeout: float = 30.0) -> _RecordPage:
        body = self._get(service, "/internal/records", query, timeout=timeout)
        return msgspec.json.decode(body, type=_RecordPage)

    @staticmethod
    def _items(service: str, page: _RecordPage) -> list[Item]:
        return [
            Item(
                service=service,
                kind=each.kind,
                id=each.id,
                version=each.version,
                body=None if (body := bytes(each.body)) == b"null" else body,
            )
            for each in page.items
        ]

    def _get(
        self, service: str, path: str, query: dict[str, str], *, timeout: float = 30.0
    ) -> bytes:
        base = self._peers.get(service)
        if base is None:
            raise PeerAway(f"CRM_PEERS names no {service}")
        limits = urllib3.Timeout(connect=min(timeout, 2.0), read=timeout)
        headers = dict(self._headers)
        try:
            with tracing.calling(service, "GET", headers):
                response = self._pool.request(
                    "GET", base + path, fields=query, headers=headers, timeout=limits
                )
        except urllib3.exceptions.HTTPError as error:
            raise PeerAway(f"{service}: {type(error).__name__}") from error
        if response.status != 200:
            raise PeerAway(f"{service} answered {response.status}")
        return response.data
