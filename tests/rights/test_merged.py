"""The document of the whole platform says of every operation what it needs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from tests.rights.conftest import SERVICES, an_app
from tests.rights.matrix import operations

from crm_chassis import ids
from crm_chassis.rights import ACTIONS, ANYBODY, SPECIAL
from crm_contracts import objects
from crm_gateway.clients import merged

pytestmark = pytest.mark.integration
# Whoever signs in: their own session, keys and person, and a search that answers by their rights.
EVERYBODYS = {
    "/v1/auth/token", "/v1/users/me", "/v1/api-keys", "/v1/api-keys/<uuid:key_id>", "/v1/search",
    "/v1/users/me/password", "/v1/users/me/second-factor", "/v1/sessions",
    "/v1/sessions/<uuid:session_id>", "/v1/auth/invitations", "/v1/auth/password-reset",
    "/v1/auth/password", "/v1/auth/oidc/logout", "/v1/notifications",
    "/v1/notifications/unread", "/v1/notifications/read",
    "/v1/notifications/<uuid:notification_id>/read", "/v1/users/me/notification-preferences",
}  # fmt: skip


@pytest.fixture(scope="module")
def apps(database: Callable[[str], str]) -> Iterator[dict[str, Flask]]:
    made = {name: an_app(name, database(name)) for name in (*SERVICES, "gateway")}
    yield {name: app for name, (app, _) in made.items()}
    for _, engine in made.values():
        engine.dispose()


def test_every_operation_of_the_platform_says_what_it_needs(apps: dict[str, Flask]) -> None:
    documents = {name: apps[name].extensions["openapi"]() for name in apps}
    document: dict[str, Any] = merged(documents, title="All", url="http://127.0.0.1")
    told = {
        f"{method} {path}": operation.get("x-crm-right")
        for path, methods in document["paths"].items()
        if path.startswith("/v1/")
        for method, operation in methods.items()
        if isinstance(operation, dict) and "responses" in operation
    }

    assert len(told) > 200
    assert [] == [name for name, right in told.items() if right is None]
    for name, right in told.items():
        assert right.get("object") in {None, *objects.objects()}, name
        assert right.get("action") in {None, ANYBODY, *ACTIONS}, name
        assert right.get("special") in {None, "administer", *SPECIAL}, name


def test_the_gateways_own_routes_are_everybodys_only_where_they_are_meant_to_be(
    apps: dict[str, Flask],
) -> None:
    found = list(operations(apps["gateway"]))

    assert [] == [each.name for each in found if each.right is None]
    open_ = {
        each.rule.rule for each in found
        if each.right and each.right.action == ANYBODY and each.right.special is None
    }  # fmt: skip
    assert EVERYBODYS == open_


def test_the_gateway_answers_nobody_without_a_token(apps: dict[str, Flask]) -> None:
    client = apps["gateway"].test_client()
    for each in operations(apps["gateway"]):
        if each.name not in apps["gateway"].extensions["crm"].open_paths:
            answer = client.open(each.path(ids.new()), method=each.method)
            assert answer.status_code == 401, each.name
