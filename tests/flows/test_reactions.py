"""What happens in one service has its effect in others, once."""

import uuid
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


class TestDealWon:
    def test_makes_a_customer_enrolled_and_welcomed(self, platform: Platform) -> None:
        account = platform.api.post("/v1/accounts", {"name": f"Flow {uuid.uuid4().hex[:8]}"})
        contact = platform.contact(account_id=account["id"])
        deal = platform.deal(contact, account_id=account["id"])

        won = platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])

        assert won["status"] == "won"
        wait_until(lambda: lifecycle(platform, "contacts", contact["id"]) == "customer")
        wait_until(lambda: lifecycle(platform, "accounts", account["id"]) == "customer")
        wait_until(lambda: platform.items("/v1/enrollments", contact_id=contact["id"]))
        wait_until(lambda: onboarding(platform, deal))
        wait_until(lambda: platform.section(contact["id"], "support", "tickets"))
        wait_until(lambda: platform.section(contact["id"], "marketing", "enrollments"))

    def test_once_even_if_won_reopened_and_won(self, platform: Platform) -> None:
        contact = platform.contact()
        deal = platform.deal(contact)
        path = f"/v1/deals/{deal['id']}"
        won = platform.api.put(f"{path}/win", version=deal["version"])
        wait_until(lambda: onboarding(platform, deal))

        opened = platform.api.put(f"{path}/reopening", {"reason": "more"}, version=won["version"])
        platform.api.put(f"{path}/win", version=opened["version"])

        wait_until(platform.is_quiet, timeout=30)
        assert len(onboarding(platform, deal)) == 1
        assert len(platform.items("/v1/enrollments", contact_id=contact["id"])) == 1
        mails = wait_until(lambda: platform.items("/v1/messages", contact_id=contact["id"]))
        assert len(mails) == 1
        wait_until(lambda: platform.mails()[mails[0]["id"]], timeout=30)
        assert platform.mails()[mails[0]["id"]] == 1


def test_a_converted_lead_becomes_contact_account_and_deal(platform: Platform) -> None:
    name = uuid.uuid4().hex[:10]
    wanted = {"first_name": "Lea", "last_name": name, "company": f"Company {name}"}
    lead = platform.api.post("/v1/leads", {**wanted, "email": f"{name}@lead.example"})

    asked = platform.api.request(
        "POST",
        f"/v1/leads/{lead['id']}/conversion",
        json={"create_deal": True, "deal_name": f"First order {name}"},
        version=lead["version"],
    )

    assert asked.status_code == 202
    wait_until(lambda: status_of(platform, lead) == "converted", timeout=20)
    converted = platform.api.get(f"/v1/leads/{lead['id']}")
    contact = platform.api.get(f"/v1/contacts/{converted['contact_id']}")
    account = platform.api.get(f"/v1/accounts/{converted['account_id']}")
    deal = platform.api.get(f"/v1/deals/{converted['deal_id']}")
    assert ("Lea", f"Company {name}") == (contact["first_name"], account["name"])
    assert contact["account_id"] == account["id"]
    assert (contact["id"], account["id"]) == (deal["primary_contact_id"], deal["account_id"])
    wait_until(lambda: platform.section(contact["id"], "sales", "leads"))


def test_an_urgent_ticket_makes_a_task_for_the_deals_owner(platform: Platform) -> None:
    owner = platform.api.post(
        "/v1/users",
        {"email": f"{uuid.uuid4().hex}@u.example", "name": "Owner", "roles": ["member"],
         "password": uuid.uuid4().hex},
    )  # fmt: skip
    contact = platform.contact()
    deal = platform.deal(contact, owner_id=owner["id"])
    wait_until(lambda: platform.row("contacts", "deal_copy", deal["id"]).get("version"))
    ticket = platform.api.post(
        "/v1/tickets", {"subject": "All stands still", "requester_id": contact["id"]}
    )
    path = f"/v1/tickets/{ticket['id']}/priority"

    platform.api.put(path, {"priority": "urgent"}, version=ticket["version"])

    wait_until(lambda: urgent_tasks(platform, ticket))
    calmed = platform.api.put(path, {"priority": "low"}, version=ticket["version"] + 1)
    platform.api.put(path, {"priority": "urgent"}, version=calmed["version"])
    wait_until(platform.is_quiet, timeout=30)
    (task,) = urgent_tasks(platform, ticket)
    assert owner["id"] == task["assignee_id"]


def lifecycle(platform: Platform, plural: str, record_id: str) -> Any:
    return platform.api.get(f"/v1/{plural}/{record_id}")["lifecycle"]


def onboarding(platform: Platform, deal: dict[str, Any]) -> list[dict[str, Any]]:
    return platform.items("/v1/tickets", origin=f"onboarding:{deal['id']}")


def status_of(platform: Platform, lead: dict[str, Any]) -> Any:
    return platform.api.get(f"/v1/leads/{lead['id']}")["status"]


def urgent_tasks(platform: Platform, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    return platform.items("/v1/tasks", origin=f"urgent-ticket:{ticket['id']}")
