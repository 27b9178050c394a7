"""What customers are to one another and in a deal, through the gateway and on their pages."""

import uuid
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def pointer(contact: dict[str, Any]) -> dict[str, str]:
    return {"type": "contact", "id": contact["id"]}


def test_relationships_are_of_the_deployments_own_types(platform: Platform) -> None:
    """C23: a type defined at run time, seen from both ends, renamed, taken along by a merge."""
    mark = uuid.uuid4().hex[:8]
    names = {"name": f"mentor of {mark}", "inverse_name": f"learns from {mark}"}
    kind = platform.api.post("/v1/relationship-types", names)
    one, other, third = (platform.contact() for _ in range(3))

    said = {"type_id": kind["id"], "from": pointer(one), "to": pointer(other)}
    made = platform.api.post("/v1/relationships", said)

    def shown(contact: dict[str, Any]) -> list[tuple[str, str]]:
        found = platform.section(contact["id"], "contacts", "relationships")
        return [(each["name"], each["to"]["id"]) for each in found]

    for end in (one, other):
        wait_until(lambda end=end: shown(end) == [(names["name"], other["id"])])
    path = f"/v1/relationship-types/{kind['id']}"
    platform.api.patch(path, {"name": f"coach of {mark}"}, version=1)
    wait_until(lambda: shown(one) == [(f"coach of {mark}", other["id"])], timeout=30)
    merge, body = f"/v1/contacts/{third['id']}/merge", {"absorbed_ids": [other["id"]]}
    merged = platform.api.request("POST", merge, json=body, version=1).json()
    wait_until(lambda: shown(third) == [(f"coach of {mark}", third["id"])])
    platform.api.request("DELETE", f"/v1/merges/{merged['id']}")
    wait_until(lambda: shown(other) == [(f"coach of {mark}", other["id"])])
    assert platform.api.get(f"/v1/relationships/{made['id']}")["to"] == pointer(other)


def test_each_contact_has_a_role_per_deal(platform: Platform) -> None:
    """C3: decision maker here, evaluator there; a role follows a merge into every service."""
    boss, user, survivor = (platform.contact() for _ in range(3))
    roles = [
        {"contact_id": boss["id"], "role": "decision maker"},
        {"contact_id": user["id"], "role": "evaluator"},
    ]
    first = platform.deal(boss, contact_roles=roles)
    second = platform.deal(user, contact_roles=[{**roles[0], "role": "influencer"}])

    def role_in(deal: dict[str, Any], contact: dict[str, Any]) -> str | None:
        found = platform.api.get(f"/v1/deals/{deal['id']}")["contact_roles"]
        return next((each["role"] for each in found if each["contact_id"] == contact["id"]), None)

    assert (role_in(first, boss), role_in(second, boss)) == ("decision maker", "influencer")
    wait_until(lambda: len(platform.section(boss["id"], "sales", "deals")) == 2)
    merge, body = f"/v1/contacts/{survivor['id']}/merge", {"absorbed_ids": [user["id"]]}
    platform.api.request("POST", merge, json=body, version=1)
    wait_until(lambda: role_in(first, survivor) == "evaluator")


def test_nothing_differs_after_all_of_it(platform: Platform) -> None:
    wait_until(platform.is_quiet, timeout=60)

    assert platform.differences() == 0
