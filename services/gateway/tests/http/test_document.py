"""The merged document, of the real services."""

import json

import pytest
import schemathesis
from werkzeug.serving import make_server

from crm_chassis.testing import environment, free_port

pytestmark = pytest.mark.integration
SERVICES = ("contacts", "sales", "marketing", "support")


@pytest.fixture(scope="module")
def app(building, database):
    """The gateway in front of the four services' applications."""
    import importlib
    import threading

    urls, stops = {}, []
    for service in SERVICES:
        settings = importlib.import_module(f"crm_{service}.settings")
        wsgi = importlib.import_module(f"crm_{service}.wsgi")
        with pytest.MonkeyPatch.context() as patch:
            given = environment(service, database(service), "amqp://nowhere")
            for name, value in given.items():
                patch.setenv(name, value)
            made, engine = wsgi.create(settings.read())
        port = free_port()
        server = make_server("127.0.0.1", port, made, threaded=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        urls[service] = f"http://127.0.0.1:{port}"
        stops += [server.shutdown, server.server_close, engine.dispose]
    gateway = building(CRM_SERVICES=json.dumps(urls))
    gateway.extensions["documents"].refresh()
    yield gateway
    for stop in stops:
        stop()


@pytest.fixture
def document(app):
    return app.test_client().get("/openapi.json").json


def _references(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_is_valid_openapi(document):
    schemathesis.openapi.from_dict(document).validate()

    assert document["openapi"] == "3.1.0"


def test_names_every_service_and_the_gateway(document):
    owners = {
        operation["x-crm-service"]
        for path in document["paths"].values()
        for name, operation in path.items()
        if name in {"get", "post", "put", "patch", "delete"}
    }
    assert owners == {*SERVICES, "gateway"}


def test_refers_only_to_what_it_holds(document):
    schemas = document["components"]["schemas"]
    missing = {
        reference
        for reference in _references(document)
        if reference.removeprefix("#/components/schemas/") not in schemas
    }
    assert missing == set()


def test_refuses_no_route(app):
    assert app.extensions["documents"].refused == []


def test_holds_no_internal_path(document):
    assert [path for path in document["paths"] if not path.startswith(("/v1/", "/t/"))] == []


def test_goes_through_to_a_real_service(app, calling):
    ida = calling("member")

    made = ida.post("/v1/contacts", {"first_name": "Marta"})
    read = ida.get(made.headers["Location"])

    assert made.status_code == 201, made.text
    assert read.json["name"] == "Marta"
    assert read.headers["ETag"] == '"1"'


def test_is_browsable(app):
    page = app.test_client().get("/docs")

    assert page.status_code == 200
    assert "/v1/contacts" in page.text
