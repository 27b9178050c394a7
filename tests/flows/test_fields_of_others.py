"""Fields and rules that contacts defines, on the records of sales and support; by facts, at once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.flows.defining import definitions, mark, patched, refused
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]
OWNERS = {"deal": "sales", "lead": "sales", "ticket": "support"}
NAMED = {"deal": "name", "lead": "last_name", "ticket": "subject"}


@pytest.fixture
def has(platform: Platform) -> Iterator[Any]:
    """`has("fields", …)`, once the owner of the records knows of it."""
    with definitions(platform) as define:

        def known(plural: str, **body: Any) -> dict[str, Any]:
            made = define(plural, **body)
            table = {"fields": "field_copy", "validation-rules": "validation_rule_copy"}[plural]
            service = OWNERS[body["object"]]
            wait_until(lambda: platform.row(service, table, made["id"]), timeout=30)
            return made

        yield known


def properties(platform: Platform, schema: str) -> dict[str, Any]:
    document = platform.once("GET", "/openapi.json").json()
    found = document["components"]["schemas"][schema]["properties"]["custom"]
    return dict(found.get("properties", {}))


def moved(platform: Platform, path: str, part: str, body: Any = None) -> dict[str, Any]:
    version = platform.api.get(path)["version"]
    headers = {"If-Match": f'"{version}"'}
    answer = platform.once("PUT", f"{path}/{part}", json=body or {}, headers=headers)
    return {"code": answer.status_code, **answer.json()}


@pytest.mark.parametrize("of", OWNERS)
def test_a_field_is_known_to_every_path_of_its_service(
    platform: Platform, has: Any, of: str
) -> None:
    """C15: API, batch, document, lists and search of deals, leads and tickets, with no restart."""
    key, word, path = mark(), mark(), f"/v1/{of}s"
    has("fields", object=of, key=key, label=f"Size {key}", type="number")
    has("fields", object=of, key=f"{key}_w", label="Word", type="string", searchable=True,
        unique=True)  # fmt: skip
    custom = {key: "38", f"{key}_w": word}
    made = platform.api.post(path, {NAMED[of]: f"Flow {key}", "custom": custom})

    assert {key: 38, f"{key}_w": word} == made["custom"]
    with refused(f"custom.{key}"):
        platform.api.post(path, {NAMED[of]: "F", "custom": {key: "many"}})
    with refused("custom.nothing"):
        platform.api.post(path, {NAMED[of]: "F", "custom": {"nothing": 1}})
    operations = [{"op": "create", "body": {NAMED[of]: "F", "custom": {f"{key}_w": word}}}]
    [item] = platform.once("POST", f"{path}/batch", json={"operations": operations}).json()["items"]
    assert 409 == item["status"]
    where = {"field": f"custom.{key}", "op": "gt", "value": 37}
    for asked in ({f"custom.{key}": "38"}, {"where": json.dumps(where)}, {"q": word}):
        assert [made["id"]] == [each["id"] for each in platform.items(path, **asked)], asked
    schema = f"{OWNERS[of].title()}{of.title()}In"
    wait_until(lambda: key in properties(platform, schema), timeout=30)
    wait_until(
        lambda: platform.once("GET", "/v1/search", params={"q": word}).json()["items"], timeout=30
    )


def test_a_deal_is_won_only_with_what_the_rule_asks_for(platform: Platform, has: Any) -> None:
    """C10, C11: required fields per state, tried first, blocked, then warned of."""
    tag = mark()
    deal = platform.deal(platform.contact(), source=tag)
    path = f"/v1/deals/{deal['id']}"
    rule = {"require": ["amount"], "when": {"all": [
        {"field": "status", "op": "eq", "value": "won"},
        {"field": "source", "op": "eq", "value": tag}]}}  # fmt: skip
    speaks = {"require": ["amount"], "when": rule["when"]["all"][1]}

    tried = platform.api.post("/v1/deals/dry-run", speaks)
    made = has("validation-rules", object="deal", name=tag, message="What is it worth?", **rule)

    assert (1, 1, [deal["id"]]) == (
        tried["checked"], tried["broken"], [each["id"] for each in tried["offenders"]],
    )  # fmt: skip
    refusal = moved(platform, path, "win")
    assert (422, ["What is it worth?"]) == (refusal["code"], refusal["errors"]["amount"])
    worth = {"amount": "9.00", "currency": "EUR"}
    assert worth == patched(platform, path, {"amount": worth})["amount"]
    assert "won" == moved(platform, path, "win")["status"]
    with refused("object"):
        platform.api.post("/v1/validation-rules/dry-run", {"object": "deal", **speaks})
    platform.once("PATCH", f"/v1/validation-rules/{made['id']}", json={"severity": "warn"},
                  headers={"If-Match": '"1"'})  # fmt: skip
    other = platform.deal(platform.contact(), source=tag)

    def won() -> Any:
        answer = moved(platform, f"/v1/deals/{other['id']}", "win")
        return answer["code"] == 200 and answer

    wait_until(won, timeout=30)
    kept = platform.items("/v1/deals/rule-breaches", rule_id=made["id"])
    assert [other["id"]] == [each["record_id"] for each in kept]


def test_a_ticket_is_resolved_only_with_its_cause(platform: Platform, has: Any) -> None:
    """C10: a state change needs a field of the company's own, in the owning service."""
    key = mark()
    has("fields", object="ticket", key=key, label="Cause", type="string")
    has("validation-rules", object="ticket", name=key, message="Why was it?",
        require=[f"custom.{key}"], when={"all": [
            {"field": "status", "op": "eq", "value": "resolved"},
            {"field": "tags", "op": "contains", "value": key}]})  # fmt: skip
    ticket = platform.api.post("/v1/tickets", {"subject": "It squeaks", "tags": [key]})
    path = f"/v1/tickets/{ticket['id']}"

    assert 422 == moved(platform, path, "resolution")["code"]
    assert {key: "Dust"} == patched(platform, path, {"custom": {key: "Dust"}})["custom"]
    assert "resolved" == moved(platform, path, "resolution")["status"]


def test_history_and_what_is_sensitive_of_a_lead(platform: Platform, has: Any) -> None:
    """G3: every value with who and where from; a sensitive one is masked and never told."""
    key = mark()
    has("fields", object="lead", key=key, label="Budget", type="string", sensitive=True)
    lead = platform.api.post("/v1/leads", {"last_name": key, "custom": {key: "hidden"}})
    path = f"/v1/leads/{lead['id']}"

    [first] = platform.api.get(f"{path}/history")["items"]

    assert ["•••"] == [each["new"] for each in first["changes"] if each["field"] == f"custom.{key}"]
    assert {key: "hidden"} == platform.api.get(f"{path}/sensitive")["custom"]
    with platform.database("gateway") as connection:
        bodies = connection.execute("select body from view_record where id = %s", (lead["id"],))
        assert all("hidden" not in (body or "") for (body,) in bodies)
