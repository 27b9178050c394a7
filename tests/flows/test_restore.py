"""A service's database is restored from a dump: afterwards nothing differs and nothing is doubled."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.restoring import backup, restore
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]


def test_a_restored_service_and_all_others_agree_again(platform: Platform, tmp_path: Path) -> None:
    parked_before = {each["id"] for each in platform.parked()}
    contact = platform.contact()
    kept = platform.api.post("/v1/tickets", ticket(contact, "before"))
    wait_until(platform.is_quiet, timeout=30)
    dump = backup(platform, "support", tmp_path / "support.dump")
    changed = platform.api.patch(f"/v1/tickets/{kept['id']}", {"subject": "after"}, version=1)
    lost = platform.api.post("/v1/tickets", ticket(contact, "lost"))
    onboarded = win_a_deal(platform, contact)
    wait_until(lambda: onboardings(platform, onboarded), timeout=30)
    wait_until(platform.is_quiet, timeout=30)

    platform.stop(*platform.roles("support"))
    restore(platform, "support", dump)
    platform.start(*platform.roles("support"))
    wait_until(lambda: not platform.unready(), timeout=60)
    done = platform.crm("restore-bump", "support", "--json")

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["differences"], answer["ghosts_elsewhere"] >= 1) == (0, True)
    wait_until(lambda: len(onboardings(platform, onboarded)) == 1, timeout=30)
    wait_until(platform.is_quiet, timeout=30)
    assert platform.differences() == 0
    shown = {each["id"]: each for each in platform.section(contact["id"], "support", "tickets")}
    assert shown[kept["id"]]["subject"] == "before"
    assert lost["id"] not in shown
    again = platform.api.patch(
        f"/v1/tickets/{kept['id']}", {"subject": "again"}, version=shown[kept["id"]]["version"]
    )
    assert again["version"] > changed["version"]
    wait_until(lambda: "again" in str(platform.section(contact["id"], "support", "tickets")))
    assert {each["id"] for each in platform.parked()} <= parked_before


def ticket(contact: dict[str, Any], subject: str) -> dict[str, Any]:
    return {"subject": subject, "requester_id": contact["id"], "channel": "email"}


def win_a_deal(platform: Platform, contact: dict[str, Any]) -> str:
    deal = platform.deal(contact)
    platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])
    return str(deal["id"])


def onboardings(platform: Platform, deal_id: str) -> list[Any]:
    with platform.database("support") as connection:
        origin = f"onboarding:{deal_id}"
        return connection.execute("select id from ticket where origin = %s", (origin,)).fetchall()
