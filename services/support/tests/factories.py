"""Builders for the tests of support."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from crm_chassis import db, ids
from crm_support.model.clock import first_response
from crm_support.model.ticket import Ticket
from crm_support.model.values import Priority

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def a_ticket(**options: Any) -> Ticket:
    return Ticket(subject=options.pop("subject", "It is broken"), **options)


def a_clock(priority: Priority = Priority.NORMAL) -> Any:
    return first_response(unseen(), requester_id=unseen(), priority=priority, started_at=NOON)


@dataclass
class Desk:
    """Runs commands in transactions of their own, as the chassis does, and shows what was told."""

    sessions: sessionmaker[Session]
    now: datetime = NOON

    def do(self, function: Any, command: Any, **options: Any) -> Any:
        with db.transaction(self.sessions, db.Context(actor="user:test")) as session:
            return function(session, command, now=options.pop("now", self.now), **options)

    def told(self, subject: UUID) -> list[str]:
        """Verbs of the facts of one record, in order."""
        with self.sessions() as session:
            types = session.scalars(
                text("select type from outbox where subject = :subject order by seq"),
                {"subject": subject},
            )
            return [each.split(".")[2] for each in types]

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.sessions() as session:
            return list(session.execute(text(statement), values).all())


@dataclass
class Api:
    """A client with a token, which speaks JSON and keeps to the contract."""

    client: FlaskClient
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers}
        version = options.pop("version", None)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if "key" in options:
            headers["Idempotency-Key"] = options.pop("key")
        if body is not None:
            options["json"] = body
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, {} if body is None else body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("PUT", path, body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.call("DELETE", path, **options)

    def make(self, path: str, body: Any) -> dict[str, Any]:
        """Create a record and return it."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)


def slug(answer: TestResponse) -> str:
    """The kind of problem an answer tells of."""
    assert answer.mimetype == "application/problem+json", answer.data
    assert {"type", "title", "status", "detail", "instance", "request_id", "errors"} <= set(
        answer.json
    )
    return str(answer.json["type"].rsplit("/", 1)[1])


def unseen() -> UUID:
    """The id of a record that no copy has seen."""
    return ids.new()
