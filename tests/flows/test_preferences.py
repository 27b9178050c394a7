"""How people want to be written to is obeyed in every service, through the gateway."""

import mailbox
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.running import Platform

from crm_chassis import clock
from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]
LATER = (clock.now() + timedelta(days=30)).isoformat()


def mailed(platform: Platform, contact: dict[str, Any]) -> dict[str, Any]:
    """Have a new campaign write to a contact; return what became of its message."""
    mark = uuid.uuid4().hex[:8]
    segment = platform.api.post(
        "/v1/segments", {"name": mark, "type": "static", "member_ids": [contact["id"]]}
    )
    campaign = platform.api.post(
        "/v1/campaigns",
        {"name": mark, "segment_id": segment["id"], "subject": "Hi", "body_text": "Dear you"},
    )
    platform.api.put(f"/v1/campaigns/{campaign['id']}/launch", version=1)

    def settled() -> dict[str, Any] | None:
        found = platform.items("/v1/messages", campaign_id=campaign["id"])
        return next((each for each in found if each["status"] in {"sent", "suppressed"}), None)

    return dict(wait_until(settled, timeout=30))


def wish(platform: Platform, contact: dict[str, Any], version: int, **wishes: Any) -> None:
    path = f"/v1/contacts/{contact['id']}/preferences"
    told = platform.api.put(path, wishes, version=version)
    wait_until(
        lambda: (
            platform.row("marketing", "contact_copy", contact["id"]).get("version", 0)
            >= told["version"]
        )
    )


def test_a_pause_and_a_cap_are_kept_by_the_sender(platform: Platform) -> None:
    """C16: preferred channel, language, pause window, frequency cap per channel."""
    contact = platform.contact()
    cap = {"email": {"most": 1, "per": "week"}}
    wish(platform, contact, 1, channel="email", language="de", caps=cap)

    results = [mailed(platform, contact) for _ in range(2)]
    wish(platform, contact, 2, pause_until=LATER)
    results.append(mailed(platform, contact))

    assert [("sent", None), ("suppressed", "capped"), ("suppressed", "paused")] == [
        (each["status"], each["suppress_reason"]) for each in results
    ]
    assert 1 == platform.mails()[results[0]["id"]]
    assert "de" == platform.api.get(f"/v1/contacts/{contact['id']}")["language"]


def test_who_unsubscribes_has_withdrawn_and_is_written_to_no_more(platform: Platform) -> None:
    """C15: consent is withdrawn with the mail as evidence, and every service acts on it."""
    contact = platform.contact()
    message = mailed(platform, contact)
    address = where_to_unsubscribe(platform, message["id"])

    done = httpx.post(address, content="List-Unsubscribe=One-Click", timeout=30)

    assert 200 == done.status_code
    path = f"/v1/contacts/{contact['id']}/consents"
    (said,) = wait_until(lambda: platform.items(path), timeout=30)
    assert ("withdrawn", "marketing", message["id"]) == (
        said["status"], said["source"], said["evidence"]["message_id"],
    )  # fmt: skip
    wait_until(lambda: platform.row("marketing", "contact_copy", contact["id"])["opted_out"])
    again = httpx.post(address, content="List-Unsubscribe=One-Click", timeout=30)
    assert 200 == again.status_code
    assert "opted_out" == mailed(platform, contact)["suppress_reason"]
    shown = platform.section(contact["id"], "contacts", "consents")
    assert [said["id"]] == [each["id"] for each in shown]


def where_to_unsubscribe(platform: Platform, message_id: str) -> str:
    """The address that a mail names for it."""
    box = mailbox.Maildir(platform.home / "mail", create=False)
    (mail,) = (each for each in box if each["X-CRM-Message"] == message_id)
    return str(mail["List-Unsubscribe"]).strip().strip("<>")


def test_the_strictest_wish_wins_a_merge_until_it_is_undone(platform: Platform) -> None:
    """C16, C8, C9."""
    survivor, absorbed = platform.contact(), platform.contact()
    wish(platform, absorbed, 1, pause_until=LATER)

    merge = platform.api.request(
        "POST", f"/v1/contacts/{survivor['id']}/merge",
        json={"absorbed_ids": [absorbed["id"]]}, version=1,
    ).json()  # fmt: skip
    wait_until(lambda: platform.api.get(f"/v1/merges/{merge['id']}")["awaited"] == [], timeout=30)
    assert "paused" == mailed(platform, survivor)["suppress_reason"]

    platform.api.request("DELETE", f"/v1/merges/{merge['id']}")
    wait_until(
        lambda: platform.row("marketing", "contact_copy", survivor["id"])["preferences"] is None
    )
    assert "sent" == mailed(platform, survivor)["status"]
    assert "paused" == mailed(platform, absorbed)["suppress_reason"]


def test_a_list_is_remembered_restored_and_counted(platform: Platform) -> None:
    """C17: static list, snapshot, restore, size history."""
    first, second = platform.contact(), platform.contact()
    segment = platform.api.post(
        "/v1/segments", {"name": "Guests", "type": "static", "member_ids": [first["id"]]}
    )
    path = f"/v1/segments/{segment['id']}"
    snapshot = platform.api.post(f"{path}/snapshots", {})
    change = {"add": [second["id"]], "remove": [first["id"]]}
    platform.api.request("PUT", f"{path}/members", json=change)

    platform.api.request("PUT", f"{path}/snapshots/{snapshot['id']}/restoration")

    wait_until(
        lambda: [each["contact_id"] for each in platform.items(f"{path}/members")] == [first["id"]],
        timeout=30,
    )
    assert 1 == platform.api.get(f"{path}/sizes")["items"][-1]["size"]
