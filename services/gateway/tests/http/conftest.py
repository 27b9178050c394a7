"""The console with a real database, and services that answer what a test tells them to."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

import crm_contracts as contracts
from crm_chassis.testing import environment, truncate
from crm_contracts.golden import golden
from crm_contracts.golden.records import EXAMPLES

EMAIL, PASSWORD = "admin@example.com", "test-admin-password"
SERVICES = ("contacts", "sales", "marketing", "support")


@dataclass
class Stub:
    """All four services in one: (method, path) to (status, body), and what was asked."""

    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    queries: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        is_form = request.mimetype == "multipart/form-data"
        body = request.get_data() if is_form else json.loads(request.get_data() or b"null")
        self.asked.append((request.method, request.path, dict(request.headers), body))
        self.queries.append((request.path, request.args.to_dict()))
        status, answer = self.answers.get((request.method, request.path), (200, {"items": []}))
        response = Response(json.dumps(answer), status=status, mimetype="application/json")
        if request.method != "GET":
            response.headers["X-CRM-Version"] = "note/01900000-0000-7000-8000-000000000001@1"
        return response(environ, start_response)

    def last(self, method: str) -> tuple[str, dict[str, str], Any]:
        """Return path, headers and body of the newest request of a method."""
        return next(each[1:] for each in reversed(self.asked) if each[0] == method)

    def query(self, path: str) -> dict[str, str]:
        """Return the query of the newest request of a path."""
        return next(query for asked, query in reversed(self.queries) if asked == path)


@dataclass
class Site:
    """Somebody's browser without JavaScript."""

    client: FlaskClient
    page: str = ""

    def get(self, path: str, **headers: str) -> Any:
        response = self.client.get(path, headers=headers)
        self.page = response.get_data(as_text=True)
        return response

    def send(self, path: str, *, on: str = "", **values: Any) -> Any:
        """Send a form with the token of the page it is on."""
        self.get(on or "/sign-in") if on or not self.page else None
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.page)
        values["csrf_token"] = token[1] if token else ""
        response = self.client.post(path, data=values)
        self.page = response.get_data(as_text=True)
        return response

    def sign_in(self) -> "Site":
        self.send("/sign-in", on="/sign-in", email=EMAIL, password=PASSWORD)
        self.page = ""
        return self


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    made = Stub()
    server = make_server("127.0.0.1", 0, made, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.port = server.port  # type: ignore[attr-defined]
    yield made
    server.shutdown()


@pytest.fixture(scope="module")
def console(database: Callable[[str], str], stub: Stub) -> Iterator[tuple[Flask, str]]:
    from crm_gateway import settings, wsgi

    url = database("gateway")
    services = json.dumps(dict.fromkeys(SERVICES, f"http://127.0.0.1:{stub.port}"))  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment("gateway", url, "amqp://127.0.0.1:9").items():
            patch.setenv(name, value)
        patch.setenv("CRM_SERVICES", services)
        read = settings.read()
    app, engine = wsgi.create(read)
    app.config["engine"] = engine
    yield app, url
    app.extensions["view"].read(lambda connection: connection.close())
    engine.dispose()


@pytest.fixture
def site(console: tuple[Flask, str], stub: Stub) -> Iterator[Site]:
    """Return a stranger's browser; the administrator exists, the services know nothing."""
    from crm_gateway import settings as _  # noqa: F401 - fails early where the package is absent
    from crm_gateway import wsgi

    app, url = console
    truncate(url)
    app.extensions.pop("console", None)
    stub.answers.clear()
    stub.asked.clear()
    stub.queries.clear()

    @dataclass
    class Named:
        admin_email: str = EMAIL
        admin_password: str = PASSWORD

    wsgi._ensure_admin(Named(), app.config["engine"])  # type: ignore[arg-type]
    return Site(app.test_client())


@pytest.fixture
def known(console: tuple[Flask, str]) -> Callable[..., dict[str, Any]]:
    """`known("sales.deal.created.v1")` puts a golden fact into the view; returns its record."""
    import psycopg

    from crm_chassis.project import Item
    from crm_gateway.view import shapes
    from crm_gateway.view.folder import ViewFolder

    def put(fact_type: str) -> dict[str, Any]:
        fact = golden(contracts.FACTS[fact_type])
        body = contracts.record_body(fact.record)
        of = fact_type.split(".", maxsplit=1)[0]
        item = Item(
            service=of, kind=fact.record.kind, id=fact.subject, version=fact.subject_version,
            body=body, fact=contracts.encode(fact),
        )  # fmt: skip
        with psycopg.connect(console[1]) as connection:
            ViewFolder(shapes.all_sources()).fold(connection, [item])
        return json.loads(body)

    return put


def example(kind: str) -> dict[str, Any]:
    """Return the golden record of a kind as JSON."""
    record = next(each for of, each in EXAMPLES.items() if of.kind == kind)
    return json.loads(contracts.record_body(record))


def an_id(number: int) -> UUID:
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
