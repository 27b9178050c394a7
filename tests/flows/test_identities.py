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
