"""The services' OpenAPI documents: the routing table, and the one merged document."""

import hashlib
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, db, logs
from crm_chassis.problems import Refusal
from crm_gateway.clients.services import Services
from crm_gateway.model import ServiceAway
from crm_gateway.queries import documents as queries

REFRESH_SECONDS, _UNREAD_REFRESH_SECONDS = 5.0, 0.2
_PATIENCE_SECONDS = 20.0  # a service that is not deployed yet must not keep the gateway away
log = logs.get(__name__)


class Documents:
    """The last good document of each service, kept in the database as well."""

    def __init__(self, services: Services, sessions: sessionmaker[Session]) -> None:
        """Nothing is fetched until `refresh` or `start`."""
        self._services, self._sessions = services, sessions
        self._documents: dict[str, dict[str, Any]] = {}
        self._digests: dict[str, bytes] = {}
        self._own: frozenset[str] = frozenset()
        self._owners: dict[str, str] = {}
        self.refused: list[str] = []
        self._patient_until = time.monotonic() + _PATIENCE_SECONDS

    def reserve(self, own: Mapping[str, Any]) -> None:
        """Keep the resources of the gateway's own document from every service."""
        self._own = frozenset(resource_of(path) for path in own["paths"])
        self._route()

    def start(self) -> None:
        """Load what was kept, then refresh for ever on a thread; the database may be away."""
        try:
            self._load()
        except SQLAlchemyError as error:
            if not db.is_infrastructure(error):
                raise
            log.warning("kept documents not read", extra={"cause": repr(error)[:300]})
        threading.Thread(target=self._keep_fresh, name="documents", daemon=True).start()

    def owner(self, path: str) -> str | None:
        """Return the service that owns a path, by its resource.

        Raises ServiceAway where nobody claims it and a service has yet to say what it owns.
        """
        owner = self._owners.get(resource_of(path))
        if owner is None and self.unread:
            raise ServiceAway(", ".join(self.unread))
        return None if owner == "gateway" else owner

    @property
    def unread(self) -> list[str]:
        """Return the services whose document was never read, not by an earlier process either."""
        return [name for name in self._services.names if name not in self._documents]

    @property
    def is_settled(self) -> bool:
        """Say whether every route is known, or was waited for long enough."""
        return not self.unread or time.monotonic() > self._patient_until

    def is_public(self, path: str) -> bool:
        """Say whether a path outside /v1 is served to anybody."""
        return not path.startswith("/v1/")

    @property
    def all(self) -> Mapping[str, dict[str, Any]]:
        """Return the documents by service, each with the paths it owns."""
        return {name: self._owned(name) for name in self._documents}

    def refresh(self, names: Iterable[str] | None = None) -> None:
        """Ask these services, by default every one, for its document; who is away keeps the last."""
        for name in self._services.names if names is None else names:
            try:
                reply = self._services.call(name, "GET", "/openapi.json", principal=None)
            except Refusal:
                continue
            if reply.status == 200:
                self._take(
                    name, b"".join([reply.body] if isinstance(reply.body, bytes) else reply.body)
                )

    def _take(self, name: str, body: bytes) -> None:
        digest = hashlib.sha256(body).digest()
        if digest == self._digests.get(name):
            return
        document = _parsed(body)
        if document is None:
            log.error("service document refused", extra={"peer": name})
            return
        self._digests[name] = digest
        if document == self._documents.get(name):
            return
        self._documents[name] = document
        self._route()
        context = db.Context(actor="service:gateway")
        with db.transaction(self._sessions, context) as session:
            values = {"service": name, "document": body.decode(), "now": clock.now()}
            session.execute(text(_KEEP), values)
        log.info("service document changed", extra={"peer": name})

    def _load(self) -> None:
        with self._sessions() as session:
            kept = queries.service_documents(session)
        self._documents |= {name: orjson.loads(body) for name, body in kept}
        self._route()

    def _route(self) -> None:
        """Give each resource to one service; a second claim is refused and named."""
        owners = dict.fromkeys(self._own, "gateway")
        refused = []
        for name in sorted(self._documents):
            for resource in sorted({resource_of(path) for path in self._documents[name]["paths"]}):
                owner = owners.setdefault(resource, name)
                refused += [] if owner == name else [f"{name} claims {resource} of {owner}"]
        for refusal in sorted(set(refused) - set(self.refused)):
            log.error("route refused", extra={"refusal": refusal})
        self._owners, self.refused = owners, refused

    def _owned(self, name: str) -> dict[str, Any]:
        document = self._documents[name]
        paths = {
            path: operations
            for path, operations in document["paths"].items()
            if self._owners.get(resource_of(path)) == name
        }
        return {**document, "paths": paths}

    def _keep_fresh(self) -> None:
        """Whoever was never read is asked often; reading all of them that often takes a core's tenth."""
        next_round = 0.0
        while True:
            is_time = time.monotonic() >= next_round
            if is_time:
                next_round = time.monotonic() + REFRESH_SECONDS
            try:
                self.refresh(None if is_time else self.unread)
            except Exception as error:  # noqa: BLE001 - the next round tries again
                log.warning("documents not refreshed", extra={"cause": repr(error)})
            threading.Event().wait(_UNREAD_REFRESH_SECONDS if self.unread else REFRESH_SECONDS)


def _parsed(body: bytes) -> dict[str, Any] | None:
    """Return an OpenAPI document, None for anything else."""
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    paths = document.get("paths") if isinstance(document, dict) else None
    usable = isinstance(paths, dict) and all(path.startswith("/") for path in paths)
    return document if usable else None


def resource_of(path: str) -> str:
    """Return what routes a path: /v1/<resource>, or the first part of a public path."""
    parts = path.split("/", 3)
    return "/".join(parts[1:3]) if len(parts) > 2 and parts[1] == "v1" else parts[1]


def merged(documents: Mapping[str, dict[str, Any]], *, title: str, url: str) -> dict[str, Any]:
    """Return one OpenAPI 3.1 document; components carry their service's name."""
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "v1"},
        "servers": [{"url": url}],
        "security": [{"bearer": []}],
        "paths": {},
        "tags": [],
        "components": {
            "schemas": {},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }
    for service in sorted(documents):
        document = _renamed(documents[service], service.title())
        whole["paths"] |= document.get("paths", {})
        whole["tags"] += document.get("tags", [])
        whole["components"]["schemas"] |= {
            service.title() + name: schema
            for name, schema in document.get("components", {}).get("schemas", {}).items()
        }
    return whole


def _renamed(value: Any, prefix: str) -> Any:
    """Prefix every reference to a component schema."""
    if isinstance(value, dict):
        return {
            k: _reference(v, prefix) if k == "$ref" else _renamed(v, prefix)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [_renamed(inner, prefix) for inner in value]
    return value


def _reference(target: str, prefix: str) -> str:
    where, _, name = target.rpartition("/")
    return f"{where}/{prefix}{name}" if where == "#/components/schemas" else target


_KEEP = """
insert into service_document (service, document, fetched_at) values (:service, :document, :now)
on conflict (service) do update set document = excluded.document, fetched_at = excluded.fetched_at
"""
