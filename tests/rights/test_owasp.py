"""The OWASP API Security Top 10 (2023), each as far as one service can be asked about it.

API7 (requests the server makes) is about webhooks; API6 and API10 are about business flows and
others' APIs, which have tests of their own.
"""

import json
from typing import Any

import pytest
from tests.rights.matrix import Bench, Operation, operations

from crm_chassis import ids
from crm_chassis.auth import Principal, Signer
from crm_chassis.testing import keys
from crm_contracts import objects

pytestmark = pytest.mark.integration
# What a record is given by the platform and nobody else.
OURS = {"public_no": 1, "created_by": "user:evil", "updated_at": "2026-01-01T00:00:00Z"}


def documented(bench: Bench) -> dict[str, dict[str, Any]]:
    """Operations of the document by `METHOD /path`, with parameters called `{}`."""
    document = bench.app.extensions["openapi"]()
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
        admin, told = bench.as_("admin"), documented(bench)
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
        admin, told = bench.as_("admin"), documented(bench)
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
        told = {name for name in documented(bench) if " /v1/" in name}

        assert routes == told
