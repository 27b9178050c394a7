"""A database, the application and a caller, fresh for each test."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import auth, clock, db, ids
from crm_chassis.testing import environment, keys, truncate, unaudited

ANNA = UUID("01930000-0000-7000-8000-00000000000a")
TEAM = UUID("01930000-0000-7000-8000-00000000000b")


@dataclass
class Caller:
    """Speaks to the application as somebody."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        """Send JSON (or bytes as they are); a header is written with underscores."""
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        given |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        kind = "application/json" if data is not None else None
        given = {"Content-Type": kind, **given} if kind else given
        return self.client.open(path, method=method, data=data, headers=given)

    def get(self, path: str, **headers: Any) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, version: int | None = None, **headers: Any) -> Any:
        return self.ask("POST", path, body, **_if_match(version), **headers)

    def patch(self, path: str, body: Any, version: int | None = None, **headers: Any) -> Any:
        return self.ask("PATCH", path, body, **_if_match(version), **headers)

    def put(self, path: str, version: int | None = None, body: Any = None, **headers: Any) -> Any:
        return self.ask("PUT", path, body, **_if_match(version), **headers)

    def delete(self, path: str, version: int | None = None, **headers: Any) -> Any:
        return self.ask("DELETE", path, None, **_if_match(version), **headers)

    def made(self, path: str, **body: Any) -> Any:
        """Create a record and return it."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        return answer.json


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If_Match": f'"{version}"'}


@pytest.fixture(scope="module")
def database_url(database: Callable[[str], str]) -> str:
    return database("contacts")


@pytest.fixture(scope="module")
def app(database_url: str) -> Iterator[Flask]:
    from crm_contacts import settings, wsgi

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment("contacts", database_url, "amqp://nowhere").items():
            patch.setenv(name, value)
        made, engine = wsgi.create(settings.read())
    yield made
    engine.dispose()


@pytest.fixture(autouse=True)
def _empty(request: pytest.FixtureRequest) -> Iterator[None]:
    """Begin with nothing; whatever a test had told must stand in the audit trail."""
    url = "database_url" in request.fixturenames and request.getfixturevalue("database_url")
    if url:
        truncate(url)
    yield
    assert not url or [] == unaudited(url)


@pytest.fixture
def calling(app: Flask) -> Callable[..., Caller]:
    """`calling("member")` speaks as Anna in that role; `calling("member", user_id=…)` as another."""
    signer = auth.Signer(json.dumps(keys("gateway")[0]))

    def caller(*roles: str, user_id: UUID = ANNA, team_ids: tuple[UUID, ...] = (TEAM,)) -> Caller:
        who = auth.Principal(
            actor=f"user:{user_id}", user_id=user_id, roles=frozenset(roles), team_ids=team_ids
        )
        return Caller(app.test_client(), signer.token("contacts", who) if roles else "")

    return caller


@pytest.fixture
def api(calling: Callable[..., Caller]) -> Caller:
    """A member called Anna."""
    return calling("member")


@pytest.fixture
def admin(calling: Callable[..., Caller]) -> Caller:
    """An admin."""
    return calling("admin")


@pytest.fixture
def own_field(admin: Caller) -> Callable[..., Any]:
    """`own_field("size", "number")` gives contacts a field."""

    def define(key: str, type_: str = "string", **more: Any) -> Any:
        body = {"object": "contact", "key": key, "label": key.title(), "type": type_, **more}
        return admin.made("/v1/fields", **body)

    return define


@pytest.fixture
def sessions(app: Flask) -> sessionmaker[Session]:
    return app.extensions["crm"].sessions


@pytest.fixture
def doing(sessions: sessionmaker[Session]) -> Callable[..., Any]:
    """`doing(function, …)` runs a command or reaction in a transaction of its own."""

    def do(function: Callable[..., Any], *arguments: Any) -> Any:
        context = db.Context(actor="service:test", causation_id=ids.new(), hops=1)
        with db.transaction(sessions, context) as session:
            return function(session, *arguments, now=clock.now())

    return do


@pytest.fixture
def facts(sessions: sessionmaker[Session]) -> Callable[[], list[str]]:
    """`facts()` lists the types told so far, without service and version."""

    def told() -> list[str]:
        with sessions() as session:
            types = session.scalars(text("select type from outbox order by seq")).all()
        return [kind.removeprefix("contacts.").removesuffix(".v1") for kind in types]

    return told
