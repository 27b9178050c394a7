"""The OWASP API Security Top 10 (2023), each as far as one service can be asked about it.

API6, API7 and API10 are asked of the gateway: it has the doors, it calls out, it believes others.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import psycopg
import pytest
from flask import Flask
from services.gateway.tests.impostor import impostor
from tests.rights.conftest import an_app
from tests.rights.matrix import Bench, Operation, operations

from crm_chassis import clock, db, ids
from crm_chassis.auth import Principal, Signer
from crm_chassis.testing import keys
from crm_contracts import objects
from crm_gateway.clients.outgoing import Forbidden, Outgoing, Unanswered
from crm_gateway.clients.provider import Provider
from crm_gateway.identity import CreateUser, answer_those_who_asked, create_user
from crm_gateway.identity.credentials import start
from crm_gateway.model import TokenRefused
from crm_gateway.settings import OpenId

pytestmark = pytest.mark.integration
# What a record is given by the platform and nobody else.
OURS = {"public_no": 1, "created_by": "user:evil", "updated_at": "2026-01-01T00:00:00Z"}


def documented(app: Flask) -> dict[str, dict[str, Any]]:
    """Operations of the document by `METHOD /path`, with parameters called `{}`."""
    document = app.extensions["openapi"]()
    return {
        f"{method.upper()} {_plain(path)}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict) and "responses" in operation
    }


def _plain(path: str) -> str:
    parts = path.split("/")
    return "/".join("{}" if part.startswith(("{", "<")) else part for part in parts)


def named(operation: Operation) -> str:
    return f"{operation.method} {_plain(operation.rule.rule)}"


def ask(bench: Bench, operation: Operation, *, headers: Any = None, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body)
    given = {**(headers or {}), **({"Content-Type": "application/json"} if data else {})}
    return bench.app.test_client().open(
        operation.path(ids.new()), method=operation.method, headers=given, data=data
    )


@cache
def too_much(what: str) -> tuple[bytes, dict[str, str], set[int]]:
    """Return a body that nobody should read, its headers, and how it may be refused."""
    if what == "deep":
        return b'{"x":' * 33 + b"1" + b"}" * 33, {}, {422}
    if what == "squeezed":  # ten kilobytes that would be ten megabytes
        body = gzip.compress(b'{"x":"' + b"0" * 10_000_000 + b'"}')
        return body, {"Content-Encoding": "gzip"}, {400, 415}
    return b"{}", {}, {413}


def took_too_much(app: Flask, headers: dict[str, str], what: str) -> list[tuple[str, int]]:
    """Send too much to every operation that takes a body; return those that did not refuse it."""
    told, wrong, asked = documented(app), [], 0
    body, more, expected = too_much(what)
    for number, each in enumerate(operations(app)):
        kinds = sorted(told.get(named(each), {}).get("requestBody", {}).get("content", {}))
        if not kinds or (what != "long" and kinds != ["application/json"]):
            continue
        asked += 1
        claims = {"CONTENT_LENGTH": str(200 * 1024 * 1024)} if what == "long" else {}
        answer = app.test_client().open(
            each.path(ids.new()), method=each.method, data=body,
            headers={**headers, **more, "Content-Type": kinds[0], "If-Match": '"1"'},
            environ_overrides={"REMOTE_ADDR": f"203.0.113.{number % 250}", **claims},
        )  # fmt: skip
        if answer.status_code not in expected:
            wrong.append((f"{each.name} {kinds[0]}", answer.status_code))
    assert asked
    return wrong


class TestApi1BrokenObjectLevelAuthorization:
    def test_another_ones_record_is_not_there_on_any_route(self, bench):
        everything = dict.fromkeys(("create", "update", "archive", "merge", "export"), "all")
        own = [name for name in objects.objects() if name not in objects.COMMON]
        role = bench.role({name: everything | {"read": "own"} for name in own})

        for each in operations(bench.app):
            kind = each.subject_kind
            if kind and objects.object_of(kind) in own:
                status = bench.try_(each, bench.as_(str(role)), bench.records[kind, "other"])
                assert status == 404, each.name


class TestApi2BrokenAuthentication:
    def test_nobody_is_answered_without_a_token(self, bench):
        for each in operations(bench.app):
            assert ask(bench, each).status_code == 401, each.name

    @pytest.mark.parametrize("flaw", ["another service", "another key", "nonsense"])
    def test_a_token_is_good_for_one_service_of_known_issuers(self, bench, flaw):
        who = Principal(actor="user:1", roles=frozenset({"admin"}))
        audience = "gateway" if flaw == "another service" else bench.service
        key = keys("stranger" if flaw == "another key" else "gateway")[0]
        token = Signer(json.dumps(key)).token(audience, who) if flaw != "nonsense" else "x.y.z"

        for each in operations(bench.app):
            answer = ask(bench, each, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, each.name


class TestApi3BrokenObjectPropertyLevelAuthorization:
    def test_nobody_sets_what_is_the_platforms(self, bench):
        """Mass assignment: a body that names such a field is refused by that name, everywhere."""
        admin, told = bench.as_("admin"), documented(bench.app)
        taking = [
            each for each in operations(bench.app)
            if "application/json" in told[named(each)].get("requestBody", {}).get("content", {})
        ]  # fmt: skip

        wrong = []
        for each in taking:
            answer = ask(bench, each, headers=admin, body=OURS)
            if answer.status_code != 422 or not set(OURS) <= set(answer.json["errors"]):
                wrong.append((each.name, answer.status_code))
        assert taking
        assert [] == wrong

    def test_a_hidden_field_is_in_no_record_of_any_list(self, bench):
        kinds = sorted(objects.object_of(kind) for kind, relation in bench.records)
        limits = {name: {"custom": "hidden"} for name in kinds}
        grants = {name: {"read": "all"} for name in objects.objects()}
        headers = bench.as_(str(bench.role(grants, limits)))

        for each in operations(bench.app):
            if each.method != "GET" or each.right.subject is not None or not each.subject_kind:
                continue
            record_id = bench.records[each.subject_kind, "other"]
            answer = bench.app.test_client().get(each.path(record_id), headers=headers)
            if answer.status_code == 200 and answer.is_json:
                assert "custom" not in answer.json, each.name


class TestApi4UnrestrictedResourceConsumption:
    def test_no_list_is_longer_than_its_bound(self, bench):
        admin, told = bench.as_("admin"), documented(bench.app)
        lists = [
            each for each in operations(bench.app)
            if each.method == "GET"
            and any(p.get("name") == "limit" for p in told[named(each)].get("parameters", ()))
        ]  # fmt: skip

        for each in lists:
            answer = bench.app.test_client().get(
                f"{each.path(ids.new())}?limit=100000", headers=admin
            )
            assert answer.status_code in {422, 404}, each.name
        assert lists

    def test_no_batch_is_larger_than_its_bound(self, bench):
        admin = bench.as_("admin")
        body = {"operations": [{"op": "create", "body": {}}] * 501}

        for each in operations(bench.app):
            if each.rule.rule.endswith("/batch"):
                assert ask(bench, each, headers=admin, body=body).status_code == 422, each.name

    def test_no_body_is_larger_than_its_bound(self, bench):
        each = next(each for each in operations(bench.app) if each.method == "POST")
        body = {"text": "x" * (10 * 1024 * 1024 + 1)}

        assert ask(bench, each, headers=bench.as_("admin"), body=body).status_code == 413

    @pytest.mark.parametrize("what", ["long", "deep", "squeezed"])
    def test_too_much_is_refused_wherever_a_body_is_taken(self, bench, what):
        assert [] == took_too_much(bench.app, bench.as_("admin"), what)


class TestApi5BrokenFunctionLevelAuthorization:
    def test_what_is_an_administrators_is_not_a_members(self, bench):
        headers = bench.as_("member")
        special = [each for each in operations(bench.app) if each.right.special not in
                   {None, "mass_update"}]  # fmt: skip

        for each in special:
            assert bench.try_(each, headers, ids.new()) == 403, each.name

    def test_another_method_on_a_route_is_no_way_in(self, bench):
        headers = bench.as_(str(bench.role({})))
        for each in operations(bench.app):
            for method in {"PUT", "PATCH", "DELETE", "POST"} - {each.method}:
                answer = bench.app.test_client().open(
                    each.path(ids.new()), method=method, headers=headers
                )
                assert answer.status_code in {403, 404, 405}, (method, each.name)


class TestApi8SecurityMisconfiguration:
    def test_a_refusal_tells_nothing_of_the_inside(self, bench):
        for each in operations(bench.app):
            answer = ask(bench, each, headers=bench.as_("member"), body=None)
            text = answer.get_data(as_text=True)
            assert "Traceback" not in text, each.name
            assert "psycopg" not in text, each.name


class TestApi9ImproperInventoryManagement:
    def test_every_route_is_in_the_document_and_nothing_else(self, bench):
        routes = {named(each) for each in operations(bench.app)}
        told = {name for name in documented(bench.app) if " /v1/" in name}

        assert routes == told


@pytest.fixture(scope="module")
def edge(database: Callable[[str], str]) -> Iterator[tuple[Flask, str]]:
    """The gateway's application with an OpenID provider that it may not call, and its database."""
    url = database("gateway")
    given = {"CRM_OIDC_ISSUER": "https://169.254.169.254", "CRM_OIDC_CLIENT_ID": "x"}
    app, engine = an_app("gateway", url, **given)
    yield app, url
    engine.dispose()


@pytest.fixture
def admin(edge: tuple[Flask, str]) -> dict[str, str]:
    app, _ = edge
    sessions = app.extensions["crm"].sessions
    wanted = CreateUser(email=f"{ids.new()}@example.com", name="Anna", roles=["admin"])
    with db.transaction(sessions, db.Context(actor="service:test")) as session:
        user = create_user(session, wanted, now=clock.now())
        token = start(session, user.id, address=None, agent=None, now=clock.now())
    return {"Authorization": f"Bearer {token}"}


class TestApi4AtTheEdge:
    @pytest.mark.parametrize("what", ["long", "deep", "squeezed"])
    def test_too_much_is_refused_wherever_a_body_is_taken(self, edge, admin, what):
        assert [] == took_too_much(edge[0], admin, what)


class TestApi6UnrestrictedAccessToSensitiveBusinessFlows:
    """What costs somebody something when a program repeats it: guesses, mails, taken names."""

    @pytest.mark.parametrize(
        ("path", "body", "first"),
        [
            ("/v1/auth/token", {"email": "a@example.com", "password": "x"}, 401),
            ("/v1/auth/password-reset", {"email": "a@example.com"}, 202),
            ("/v1/auth/password", {"token": "x", "password": "a long new password"}, 410),
            ("/v1/auth/invitations", {"token": "x", "name": "A", "password": "a long one"}, 410),
        ],
    )
    def test_a_door_is_tried_ten_times_a_minute(self, edge, path, body, first):
        client, address = edge[0].test_client(), {"REMOTE_ADDR": f"192.0.2.{len(path)}"}

        statuses = [
            client.post(path, json=body, environ_base=address).status_code for _ in range(11)
        ]

        assert [first] * 10 + [429] == statuses

    def test_what_is_asked_for_somebody_is_sent_three_times_an_hour(self, edge):
        app, url = edge
        email, sessions = f"{ids.new()}@example.com", app.extensions["crm"].sessions
        wanted = CreateUser(email=email, name="A", roles=["member"], password="a long one, mine")
        with db.transaction(sessions, db.Context(actor="service:test")) as session:
            create_user(session, wanted, now=clock.now())
        for number in range(8):
            app.test_client().post(
                "/v1/auth/password-reset", json={"email": email},
                environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
            )  # fmt: skip
            answer_those_who_asked(sessions, app.extensions["desk"], now=clock.now())

        with psycopg.connect(url) as connection:
            sql = "select count(*) from mail where address = %s"
            assert (3,) == connection.execute(sql, (email,)).fetchone()


class TestApi7ServerSideRequestForgery:
    """Every address that people or settings name goes through one guard."""

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/x", "https://[::1]/", "https://10.0.0.8/", "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data/", "https://[::ffff:127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/", "http://example.com/",
            "file:///etc/passwd", "gopher://127.0.0.1/", "https://user@example.com/",
        ],
    )  # fmt: skip
    def test_a_webhook_into_the_house_is_refused(self, edge, admin, url):
        body = {"name": "x", "url": url, "types": ["*"]}

        answer = edge[0].test_client().post("/v1/webhooks", json=body, headers=admin)

        assert (422, ["url"]) == (answer.status_code, list(answer.json["errors"]))

    def test_a_name_that_leads_into_the_house_is_not_called(self):
        with pytest.raises(Forbidden):
            Outgoing().post("https://localhost/", b"{}", {})

    def test_a_provider_inside_the_house_is_not_called(self, edge):
        client = edge[0].test_client()

        assert 503 == client.get("/sign-in/oidc").status_code
        logout = client.post("/v1/auth/oidc/logout", data={"logout_token": _unsigned()})
        assert 503 == logout.status_code


class TestApi10UnsafeConsumptionOfApis:
    """What others answer is bounded, never followed elsewhere, and believed by its signature."""

    @pytest.fixture
    def other(self) -> Iterator[Any]:
        with impostor() as found:
            yield found

    @pytest.fixture
    def calls(self) -> Outgoing:
        return Outgoing(["127.0.0.0/8"], patience=1.0, whole=1.0)

    def test_an_answer_too_long_is_none(self, calls, other):
        other.metadata = {"x": "y" * 5000}
        with pytest.raises(Unanswered, match="more than"):
            calls.fetch("GET", f"{other.issuer}/.well-known/x", longest=4000)

    def test_an_answer_too_late_is_none(self, calls, other):
        other.open.clear()
        began = time.monotonic()
        with pytest.raises(Unanswered):
            calls.fetch("GET", other.issuer, longest=4000)
        assert time.monotonic() - began < 5

    def test_a_redirect_is_not_followed(self, calls, other):
        other.status = 302
        status, _ = calls.fetch("GET", f"{other.issuer}/.well-known/x", longest=4000)
        assert (302, ["/.well-known/x"]) == (status, other.asked)

    @pytest.mark.parametrize("forge", ["none", "symmetric", "other key"])
    def test_a_token_is_believed_by_the_providers_signature_only(self, other, forge):
        rules = OpenId(
            issuer=other.issuer, client_id="rapport", client_secret=None, name="x",
            scope="openid", groups={}, groups_claim="groups", creates=None, links_email=False,
        )  # fmt: skip
        provider = Provider(rules, ("127.0.0.0/8",))
        assert "ida" == provider.verified(other.token())[1]["sub"]

        other.forge = forge
        with pytest.raises(TokenRefused):
            provider.verified(other.token())


def _unsigned() -> str:
    return "eyJhbGciOiJSUzI1NiJ9.e30.x"
