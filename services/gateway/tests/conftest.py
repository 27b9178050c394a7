"""A database, the application, callers and the view's folder, fresh for each test."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from services.gateway.tests.house import House, opened
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, db, ids
from crm_chassis.testing import environment, truncate, unaudited, wait_until
from crm_gateway import identity
from crm_gateway.identity import credentials
from crm_gateway.model import User

ALL_SCOPES = ["read", "write", "admin"]
_SOMEBODY_WAITS = """
select exists (select from pg_locks l join pg_database d on d.oid = l.database
               where d.datname = current_database() and l.locktype = 'advisory' and not granted)
"""


@dataclass
class Caller:
    """Speaks to the application as somebody, from an address."""

    client: FlaskClient
    token: str = ""
    user_id: UUID | None = None
    address: str = "127.0.0.1"

    def ask(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        """Send JSON; a header is written with underscores."""
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        given |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        kind = {} if data is None else {"Content-Type": "application/json"}
        return self.client.open(
            path, method=method, data=data, headers={**kind, **given},
            environ_base={"REMOTE_ADDR": self.address},
        )  # fmt: skip

    def get(self, path: str, **headers: Any) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: Any) -> Any:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any, version: int | None = None) -> Any:
        return self.ask("PATCH", path, body, **_if_match(version))

    def delete(self, path: str, version: int | None = None) -> Any:
        return self.ask("DELETE", path, **_if_match(version))


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If_Match": f'"{version}"'}


@pytest.fixture(scope="module")
def database_url(database: Callable[[str], str]) -> str:
    return database("gateway")


@pytest.fixture(scope="module")
def building(database_url: str) -> Iterator[Callable[..., Flask]]:
    """`building(CRM_SERVICES=…, CRM_PEERS=…)` puts an application together."""
    from crm_gateway import settings, wsgi

    made: list[tuple[Flask, Any]] = []

    def build(**changes: str) -> Flask:
        with pytest.MonkeyPatch.context() as patch:
            given = environment("gateway", database_url, "amqp://nowhere", **changes)
            for name, value in given.items():
                patch.setenv(name, value)
            made.append(wsgi.create(settings.read()))
        return made[-1][0]

    yield build
    for app, engine in made:
        engine.dispose()
        app.extensions["view"].read._connection().close()


@pytest.fixture(scope="module")
def app(building: Callable[..., Flask]) -> Flask:
    return building()


@pytest.fixture(autouse=True)
def _empty(request: pytest.FixtureRequest) -> Iterator[None]:
    """Begin with nothing; whatever a test had told must stand in the audit trail."""
    url = "database_url" in request.fixturenames and request.getfixturevalue("database_url")
    if url:
        truncate(url)
    yield
    assert not url or [] == unaudited(url)


@pytest.fixture
def doing(sessions: sessionmaker[Session]) -> Callable[..., Any]:
    """`doing(function, …)` runs a function in a transaction of its own."""

    def do(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        with db.transaction(sessions, db.Context(actor="service:test")) as session:
            return function(session, *arguments, **options, now=clock.now())

    return do


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = db.engine(database_url, pool_size=2, application="test")
    yield db.sessions(engine)
    engine.dispose()


@pytest.fixture
def person(doing: Callable[..., Any]) -> Callable[..., User]:
    """`person("member")` creates a user with that role."""

    def create(*roles: str, **given: Any) -> User:
        wanted = {"email": f"{ids.new()}@example.com", "name": "Anna", **given}
        return doing(identity.create_user, identity.CreateUser(roles=list(roles), **wanted))

    return create


@pytest.fixture
def while_created(
    sessions: sessionmaker[Session], connection: psycopg.Connection[Any]
) -> Callable[..., Any]:
    """`while_created(email, ask)` asks while an administrator's creating somebody is not committed.

    Returns what `ask` does, which has to wait for that commit.
    """

    def waits() -> bool:
        return bool((connection.execute(_SOMEBODY_WAITS).fetchone() or [False])[0])

    def run(email: str, ask: Callable[[], Any]) -> Any:
        wanted = identity.CreateUser(email=email, name="By hand", roles=["member"])
        with ThreadPoolExecutor(1) as pool:
            with db.transaction(sessions, db.Context(actor="service:test")) as session:
                identity.create_user(session, wanted, now=clock.now())
                answer = pool.submit(ask)
                wait_until(lambda: waits() or answer.done())
            return answer.result(30)

    return run


@pytest.fixture
def signed_in(app: Flask, doing: Callable[..., Any]) -> Callable[..., Caller]:
    """`signed_in(user)` speaks with a session; `kind="key"`, `scopes=[…]` with an API key."""

    def caller(
        user: User, *, kind: str = "session", scopes: Any = ALL_SCOPES, of: Flask | None = None
    ) -> Caller:
        def issue(session: Session, *, now: Any) -> str:
            return credentials._issue(
                session, user.id, kind=kind, name="test", scopes=list(scopes), now=now,
                expires_at=None,
            )[1]  # fmt: skip

        return Caller((of or app).test_client(), doing(issue), user.id)

    return caller


@pytest.fixture
def calling(person: Callable[..., User], signed_in: Callable[..., Caller]) -> Callable[..., Caller]:
    """`calling("member")` speaks as a new user with that role."""

    def caller(*roles: str, of: Flask | None = None, **given: Any) -> Caller:
        return signed_in(person(*roles, **given), of=of)

    return caller


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def houses(database: Callable[[str], str], database_url: str) -> Iterator[House]:
    with opened(database, database_url) as house:
        yield house


@pytest.fixture
def house(houses: House) -> Iterator[House]:
    """The owners of all records, empty, all of them answering."""
    houses.empty()
    yield houses
    houses.reopen()
