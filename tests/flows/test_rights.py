"""G1, G2: roles made at the gateway are heeded where the records are, within seconds."""

import uuid
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until
from crm_client import Client

pytestmark = [pytest.mark.flow]
PASSWORD = "a good long password"
SELLING = {
    "contact": {"read": "all"},
    "deal": {"read": "own", "create": "own", "update": "own"},
    "pipeline": {"read": "all"},
}


def role(platform: Platform, grants: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"name": f"Role {uuid.uuid4().hex[:8]}", "grants": grants, **more}
    return dict(platform.api.post("/v1/roles", body))


def hired(platform: Platform, *roles: str) -> tuple[dict[str, Any], Client]:
    email = f"{uuid.uuid4().hex[:10]}@example.com"
    body = {"email": email, "name": "Ida", "password": PASSWORD, "roles": list(roles)}
    user = platform.api.post("/v1/users", body)
    return dict(user), Client(platform.url, email=email, password=PASSWORD)


def status(client: Client, platform: Platform, method: str, path: str, **options: Any) -> int:
    import httpx

    headers = {"Authorization": f"Bearer {client.token()}", **options.pop("headers", {})}
    answer = httpx.request(
        method, platform.url + path, headers=headers, timeout=30, trust_env=False, **options
    )
    return answer.status_code


def test_a_role_is_heeded_in_the_service_in_pages_and_in_search(platform: Platform) -> None:
    """G1, G2: own records only, on every way through the gateway."""
    user, ida = hired(platform, role(platform, SELLING)["id"])
    contact, mark = platform.contact(), uuid.uuid4().hex[:10]
    amounts = {"mine": "100.00", "theirs": "900.00"}
    deals = {}
    for whose, owner in (("mine", user["id"]), ("theirs", None)):
        body = {
            "name": f"{mark} {whose}", "primary_contact_id": contact["id"],
            "amount": {"amount": amounts[whose], "currency": "EUR"},
        }  # fmt: skip
        deals[whose] = platform.api.post("/v1/deals", body | ({"owner_id": owner} if owner else {}))
    path = f"/v1/customers/{contact['id']}"

    def page() -> dict[str, Any]:
        return dict(ida.get(path)["sections"]["sales"]["data"])

    wait_until(lambda: len(page()["deals"]) == 1, timeout=20)
    assert amounts["mine"] == page()["open_amount"]["amount"]
    other = f"/v1/deals/{deals['theirs']['id']}"
    assert 404 == status(ida, platform, "GET", other)
    assert 404 == status(ida, platform, "PUT", f"{other}/win", headers={"If-Match": '"1"'})
    assert [f"{mark} mine"] == [each["title"] for each in ida.get("/v1/search", q=mark)["items"]]
    assert 403 == status(ida, platform, "GET", "/v1/tickets")
    ida.close()


def test_a_changed_role_counts_within_seconds(platform: Platform) -> None:
    """The token names the role's version; a service that is behind does not answer by the old."""
    made = role(platform, SELLING)
    _, ida = hired(platform, made["id"])
    deal = platform.api.post("/v1/deals", {"name": "Desks"})
    path = f"/v1/deals/{deal['id']}"
    assert 404 == status(ida, platform, "GET", path)

    wider = SELLING | {"deal": {"read": "all"}}
    platform.api.patch(f"/v1/roles/{made['id']}", {"grants": wider}, version=1)

    wait_until(lambda: status(ida, platform, "GET", path) == 200, timeout=20)
    ida.close()
