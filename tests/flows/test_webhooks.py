"""I3: what happens in any service reaches other systems: signed, in order, again after a fault."""

from collections.abc import Iterator
from typing import Any

import pytest
from services.gateway.tests.receiver import Receiver, listening
from standardwebhooks.webhooks import Webhook as Standard
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def hook(platform: Platform, receiver: Receiver) -> Iterator[dict[str, Any]]:
    given = {
        "name": "Shop", "url": receiver.url, "types": ["contacts.contact.*", "sales.deal.won.v1"],
    }  # fmt: skip
    made = platform.api.post("/v1/webhooks", given)
    yield made
    current = platform.api.get(f"/v1/webhooks/{made['id']}")
    path, version = f"/v1/webhooks/{made['id']}", current["version"]
    platform.once("DELETE", path, headers={"If-Match": f'"{version}"'}).raise_for_status()


def types(receiver: Receiver, subject: str) -> list[str]:
    return [fact["type"] for fact in receiver.facts if fact["subject"] == subject]


def test_facts_of_several_services_arrive_signed_and_in_order(
    platform: Platform, receiver: Receiver, hook: dict[str, Any]
) -> None:
    contact = platform.contact()
    for name in ("B", "C"):
        current = platform.api.get(f"/v1/contacts/{contact['id']}")
        path, version = f"/v1/contacts/{contact['id']}", current["version"]
        answer = platform.once(
            "PATCH", path, json={"job_title": name}, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == 200
    deal = platform.api.post("/v1/deals", {"name": "Pumps", "primary_contact_id": contact["id"]})
    won = platform.once(
        "PUT", f"/v1/deals/{deal['id']}/win", headers={"If-Match": f'"{deal["version"]}"'}
    )
    assert won.status_code == 200

    wait_until(lambda: types(receiver, deal["id"]) == ["sales.deal.won.v1"], timeout=30)
    wait_until(lambda: len(types(receiver, contact["id"])) >= 3, timeout=30)

    versions = [f["subjectversion"] for f in receiver.facts if f["subject"] == contact["id"]]
    assert versions == sorted(set(versions))
    secret = platform.api.get(f"/v1/webhooks/{hook['id']}/secret")["secret"]
    for headers, body in receiver.came:
        Standard(secret).verify(body.decode(), headers)


def test_a_receiver_that_was_away_misses_nothing_and_the_log_tells(
    platform: Platform, receiver: Receiver, hook: dict[str, Any]
) -> None:
    receiver.status = 503
    contact = platform.contact()
    path = f"/v1/webhooks/{hook['id']}/deliveries"

    def tried() -> list[dict[str, Any]]:
        found = platform.api.get(path)["items"]
        return [each for each in found if each["subject"] == contact["id"] and each["attempts"]]

    (delivery,) = wait_until(tried, timeout=30)
    log = platform.api.get(f"{path}/{delivery['fact_id']}")
    assert log["tries"][0]["status"] == 503
    assert log["fact"]["subject"] == contact["id"]

    receiver.status = 204
    current = platform.api.get(f"/v1/webhooks/{hook['id']}")
    woken = platform.once(
        "POST", f"/v1/webhooks/{hook['id']}/replays", json={"fact_ids": [delivery["fact_id"]]}
    )
    assert woken.status_code == 202, current
    wait_until(
        lambda: platform.api.get(f"{path}/{delivery['fact_id']}")["state"] == "delivered",
        timeout=60,
    )


def test_a_stretch_of_time_from_before_the_webhook_can_be_had(
    platform: Platform, receiver: Receiver
) -> None:
    contact = platform.contact()
    given = {"name": "Late", "url": receiver.url, "types": ["contacts.contact.created.v1"]}
    made = platform.api.post("/v1/webhooks", given)
    base = f"/v1/webhooks/{made['id']}"
    begun = platform.api.post(f"{base}/replays", {"since": contact["created_at"]})

    wait_until(
        lambda: platform.api.get(f"{base}/replays/{begun['id']}")["status"] == "done", timeout=30
    )
    wait_until(lambda: types(receiver, contact["id"]), timeout=30)
    platform.once("DELETE", base, headers={"If-Match": '"1"'}).raise_for_status()


def test_without_an_address_facts_are_fetched_by_cursor(platform: Platform) -> None:
    made = platform.api.post(
        "/v1/webhooks", {"name": "Warehouse", "types": ["contacts.contact.created.v1"]}
    )
    contacts = [platform.contact()["id"] for _ in range(3)]
    base, found, cursor = f"/v1/webhooks/{made['id']}", [], "0"

    def all_there() -> bool:
        nonlocal cursor
        page = platform.api.get(f"{base}/facts?cursor={cursor}&limit=2")
        found.extend(fact["subject"] for fact in page["items"])
        cursor = page["next"]
        return set(contacts) <= set(found)

    wait_until(all_there, timeout=30)
    assert [each for each in found if each in contacts] == contacts
    platform.once("DELETE", base, headers={"If-Match": '"1"'}).raise_for_status()


@pytest.mark.parametrize(("given", "field"), [
    ({"url": "https://10.0.0.1/"}, "url"),
    ({"url": "http://example.com/"}, None),
    ({"types": ["sales.deal.invented.v1"]}, "types"),
    ({"where": {"field": "nothing", "op": "eq", "value": 1}}, "where"),
    ({"types": []}, "types"),
    ({"surprise": 1}, "surprise"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_with_field_and_reason(
    platform: Platform, given: dict[str, Any], field: str | None
) -> None:
    body = {"name": "Bad", "url": "https://shop.example/", "types": ["sales.deal.won.v1"], **given}
    answer = platform.once("POST", "/v1/webhooks", json=body)
    if field is None:  # a name is looked up when something is sent
        assert answer.status_code == 201
        path = f"/v1/webhooks/{answer.json()['id']}"
        platform.once("DELETE", path, headers={"If-Match": '"1"'}).raise_for_status()
        return
    assert answer.status_code == 422
    assert field in " ".join(answer.json()["errors"]), answer.json()
