"""What one service says, every other knows."""

import uuid

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]
COPIES = ("sales", "marketing", "support")


def test_a_created_contact_appears_everywhere(platform: Platform) -> None:
    contact = platform.contact()

    for service in COPIES:
        wait_until(
            lambda s=service: platform.row(s, "contact_copy", contact["id"]).get("version") == 1,
            what=f"the copy of {service}",
        )
    wait_until(lambda: platform.customer(contact["id"]).get("name") == contact["name"])
    wait_until(
        lambda: contact["id"] in str(platform.api.get("/v1/search", q=contact["last_name"])),
        what="the search",
    )


def test_a_renamed_contact_is_renamed_everywhere(platform: Platform) -> None:
    contact = platform.contact()
    changed = platform.api.patch(
        f"/v1/contacts/{contact['id']}", {"last_name": "Renamed"}, version=contact["version"]
    )

    for service in COPIES:
        wait_until(
            lambda s=service: "Renamed" in str(platform.row(s, "contact_copy", contact["id"])),
            what=f"the copy of {service}",
        )
    wait_until(lambda: platform.customer(contact["id"]).get("name") == changed["name"])


def test_a_deal_may_follow_its_contact_at_once(platform: Platform) -> None:
    contact = platform.contact()
    deal = platform.deal(contact)

    wait_until(lambda: platform.section(contact["id"], "sales", "deals"))
    assert deal["id"] == platform.section(contact["id"], "sales", "deals")[0]["id"]
    wait_until(lambda: platform.row("sales", "contact_copy", contact["id"])["version"] == 1)


def test_a_deal_may_come_before_its_contact_is_known(platform: Platform) -> None:
    """The other way about: sales has not heard of the contact when the deal is made."""
    platform.stop("roles:sales-relay")
    contact = platform.contact()
    platform.deal(contact)
    assert platform.row("sales", "contact_copy", contact["id"])["version"] == 0

    platform.start("roles:sales-relay")

    wait_until(
        lambda: platform.row("sales", "contact_copy", contact["id"])["version"] == 1, timeout=30
    )
    wait_until(lambda: platform.section(contact["id"], "sales", "deals"), timeout=30)


def test_a_writer_reads_what_they_wrote(platform: Platform) -> None:
    contact = platform.contact()
    made = platform.once(
        "POST", "/v1/notes",
        json={"body": str(uuid.uuid4()), "subjects": [{"type": "contact", "id": contact["id"]}]},
    )  # fmt: skip

    seen = platform.once(
        "GET",
        f"/v1/customers/{contact['id']}",
        headers={"X-CRM-Version": made.headers["X-CRM-Version"]},
    )

    assert made.json()["body"] in seen.text
