"""A database, the application, a caller and a mail server, fresh for each test."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import auth, clock, db, ids
from crm_chassis.project import CopyFolder, Item
from crm_chassis.testing import environment, free_port, keys, truncate, unaudited
from crm_marketing import settings as settings_room
from crm_marketing import wsgi
from crm_marketing.commands import enrollments, evaluation, tallies
from crm_marketing.commands.post import Post
from crm_marketing.commands.sending import Sender
from crm_marketing.copies import COPIES
from crm_marketing.model.tracking import Tracking

ANNA = UUID("01930000-0000-7000-8000-00000000000a")
TEAM = UUID("01930000-0000-7000-8000-00000000000b")
FOLDERS = {folder.copy.of: folder for folder in map(CopyFolder, COPIES)}


@dataclass
class Caller:
    """Speaks to the application as somebody."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        """Send JSON; a header is written with underscores."""
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        given |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        given = {"Content-Type": "application/json", **given} if data else given
        return self.client.open(path, method=method, data=data, headers=given)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any) -> Any:
        return self.ask("POST", path, body)

    def patch(self, path: str, body: Any, version: int | None = None) -> Any:
        return self.ask("PATCH", path, body, **_if_match(version))

    def put(self, path: str, version: int | None = None, body: Any = None) -> Any:
        return self.ask("PUT", path, body, **_if_match(version))

    def delete(self, path: str, version: int | None = None) -> Any:
        return self.ask("DELETE", path, None, **_if_match(version))

    def made(self, path: str, **body: Any) -> Any:
        """Create a record and return it."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        return answer.json


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If_Match": f'"{version}"'}


@dataclass
class MailServer:
    """A real SMTP server that keeps what it took; `replies` are given before, per recipient."""

    port: int
    taken: list[Any] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"

    def to(self, address: str) -> list[Any]:
        return [each for each in self.taken if address in each.rcpt_tos]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop(no_assert=True)


@pytest.fixture(scope="module")
def database_url(database: Callable[[str], str]) -> str:
    return database("marketing")


@pytest.fixture(scope="module")
def settings(database_url: str) -> settings_room.Settings:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment("marketing", database_url, "amqp://nowhere").items():
            patch.setenv(name, value)
        return settings_room.read()


@pytest.fixture(scope="module")
def app(settings: settings_room.Settings) -> Iterator[Flask]:
    made, engine = wsgi.create(settings)
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
    """`calling("member")` speaks as Anna in that role; `calling()` as nobody."""
    signer = auth.Signer(json.dumps(keys("gateway")[0]))

    def caller(*roles: str) -> Caller:
        who = auth.Principal(
            actor=f"user:{ANNA}", user_id=ANNA, roles=frozenset(roles), team_ids=(TEAM,)
        )
        return Caller(app.test_client(), signer.token("marketing", who) if roles else "")

    return caller


@pytest.fixture
def api(calling: Callable[..., Caller]) -> Caller:
    """A member called Anna."""
    return calling("member")


@pytest.fixture
def limited(app: Flask, database_url: str) -> Callable[..., Caller]:
    """`limited("contact", "birthday")` may do all, but a field is hidden from them."""
    signer = auth.Signer(json.dumps(keys("gateway")[0]))

    def caller(kind: str, field: str) -> Caller:
        role_id = ids.new()
        every = {"read": "all", "create": "all", "update": "all"}
        grants = json.dumps({"contact": every, "segment": every})
        hidden = json.dumps({kind: {field: "hidden"}})
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "insert into role_copy (id, version, grants, fields, special)"
                " values (%s, 1, %s, %s, '{}')",
                (role_id, grants, hidden),
            )
        who = auth.Principal(
            actor=f"user:{ANNA}", user_id=ANNA, roles=frozenset({str(role_id)}),
            role_versions=((str(role_id), 1),),
        )  # fmt: skip
        return Caller(app.test_client(), signer.token("marketing", who))

    return caller


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
        return [kind.removeprefix("marketing.").removesuffix(".v1") for kind in types]

    return told


@pytest.fixture
def arrives(database_url: str) -> Callable[..., None]:
    """`arrives(record, …)` folds others' records into our copies."""

    def fold(*records: contracts.Record) -> None:
        with psycopg.connect(database_url) as connection:
            for kind in {type(record) for record in records}:
                items = [_item(each) for each in records if type(each) is kind]
                FOLDERS[kind].fold(connection, items)

    return fold


def _item(record: contracts.Record) -> Item:
    return Item(
        service=record.service,
        kind=record.kind,
        id=record.id,
        version=record.version,
        body=contracts.record_body(record),
    )


@pytest.fixture
def ticks(sessions: sessionmaker[Session], doing: Callable[..., Any]) -> Callable[[], None]:
    """`ticks()` lets every timer but the sender's run once, to its end."""

    def tick() -> None:
        evaluation.keep_segments(sessions, now=clock.now())
        while doing(enrollments.enroll_members):
            pass
        doing(tallies.count_segments)
        doing(tallies.count_campaigns)

    return tick


@pytest.fixture
def tracking(app: Flask) -> Tracking:
    return app.extensions["tracking"]


@pytest.fixture
def sender(mail_server: MailServer, tracking: Tracking) -> Callable[[], Sender]:
    """`sender()` is a new process's sender."""
    post = Post(f"smtp://127.0.0.1:{mail_server.port}", "crm@rapport.example")
    return lambda: Sender(post, tracking)
