"""Somebody visits, chats, and says who they are, through the gateway."""

import uuid
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis import clock
from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def visit(platform: Platform, visitor: dict[str, Any], page: str) -> dict[str, Any]:
    return platform.api.post(
        "/v1/interactions",
        {
            "type": "visit", "at": clock.now().isoformat(), "subject": page,
            "subjects": [{"type": "visitor", "id": visitor["id"]}],
        },
    )  # fmt: skip


def entries(platform: Platform, contact: dict[str, Any]) -> set[str]:
    items = platform.customer(contact["id"])["timeline"]["items"]
    return {each["subject_id"] for each in items if each["entry_kind"] == "interaction.logged"}


def test_a_visitor_becomes_a_contact_with_all_that_was_before(platform: Platform) -> None:
    """C18: anonymous visitor merged into identified contact, on the timeline too, and taken over."""
    cookie = uuid.uuid4().hex
    visitor = platform.api.post("/v1/identities", {"value": cookie, "profile": {"plan": "pro"}})
    before = visit(platform, visitor, "/prices")
    contact, other = platform.contact(), platform.contact()
    wait_until(platform.is_quiet, timeout=60)

    path = f"/v1/identities/{visitor['id']}/contact"
    platform.api.put(path, {"email": contact["emails"][0]["value"]})
    after = visit(platform, visitor, "/contact")

    wait_until(lambda: entries(platform, contact) == {before["id"], after["id"]}, timeout=30)
    shown = platform.section(contact["id"], "contacts", "interactions")
    assert {"/prices", "/contact"} == {each["subject"] for each in shown}
    assert [cookie] == [
        each["value"] for each in platform.section(contact["id"], "contacts", "identities")
    ]
    platform.api.put(path, {"contact_id": other["id"], "take_over": True})
    wait_until(lambda: entries(platform, other) == {before["id"], after["id"]}, timeout=30)
    wait_until(lambda: not platform.section(contact["id"], "contacts", "interactions"), timeout=30)
    live = platform.customer(other["id"], consistency="live")
    assert entries(platform, other) == {
        each["subject_id"]
        for each in live["timeline"]["items"]
        if each["entry_kind"] == "interaction.logged"
    }
    wait_until(platform.is_quiet, timeout=60)
    assert 0 == platform.differences()


def test_one_contact_is_known_on_several_channels(platform: Platform) -> None:
    """C18: one contact with several channel identities; a chat of theirs is theirs at once."""
    name = uuid.uuid4().hex
    channels = [
        {"channel": "whatsapp", "value": "+4930901820"},
        {"channel": "chat", "value": f"telegram:{name}"},
    ]
    contact = platform.contact(channels=channels)

    seen = platform.api.post("/v1/identities", {"channel": "chat", "value": f"telegram:{name}"})

    assert contact["id"] == seen["contact_id"]
    wait_until(lambda: platform.section(contact["id"], "contacts", "identities"), timeout=30)


def test_what_a_shop_tells_stands_on_the_customers_page(platform: Platform) -> None:
    """I12: events by type, of an address or a visitor, each taken once, through an API key."""
    name = f"checkout.left_{uuid.uuid4().hex[:8]}"
    basket = {"key": "basket", "type": "money", "label": "Basket", "required": True}
    fields = {"name": name, "title": "Left the checkout", "properties": [basket]}
    platform.api.post("/v1/event-types", fields)
    contact, cookie = platform.contact(), uuid.uuid4().hex
    wait_until(platform.is_quiet, timeout=60)

    def event(number: int, **whom: Any) -> dict[str, Any]:
        said = {"basket": {"amount": "38.00", "currency": "EUR"}}
        at = clock.now().isoformat()
        return {"id": f"{cookie}-{number}", "type": name, "at": at, "properties": said, **whom}

    events = [
        event(1, email=contact["emails"][0]["value"]),
        event(2, visitor={"value": cookie}),
        event(3, email="nobody@nowhere.example"),
    ]
    batch = {"source": "shop", "events": events}
    first = platform.api.post("/v1/ingest/events", batch)
    again = platform.api.post("/v1/ingest/events", batch)
    assert [201, 201, 422] == [item["status"] for item in first["items"]]
    assert [200, 200, 422] == [item["status"] for item in again["items"]]
    visitor = platform.api.get("/v1/identities", value=cookie)["items"][0]
    platform.api.put(f"/v1/identities/{visitor['id']}/contact", {"contact_id": contact["id"]})

    logged = {item["id"] for item in first["items"] if "id" in item}
    wait_until(lambda: entries(platform, contact) == logged, timeout=30)
    shown = platform.section(contact["id"], "contacts", "interactions")
    assert {(name, "38.00")} == {
        (each["event"], each["properties"]["basket"]["amount"]) for each in shown
    }
    wait_until(platform.is_quiet, timeout=60)
    assert 0 == platform.differences()
