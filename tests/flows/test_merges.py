"""Two contacts, or accounts, become one in every service, and two again."""

import itertools
import threading
import uuid
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until
from crm_client.errors import Refused

pytestmark = [pytest.mark.flow]
FOLLOWERS = {"sales", "marketing", "support"}
# What any change of a record changes, and when a stay in a segment began.
_PASSING = {"version", "updated_at", "updated_by", "entered_at", "left_at"}


def two(platform: Platform) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two contacts of one name, the second with a record of every kind."""
    name = uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop")).title()
    first = platform.contact(last_name=name, tags=["old"], phones=[{"value": "+49 30 901820"}])
    second = platform.contact(last_name=name, tags=["new"], job_title="Buyer")
    subjects = [{"type": "contact", "id": second["id"]}]
    post = platform.api.post
    platform.deal(second)
    platform.deal(first, contact_ids=[second["id"], first["id"]])
    post("/v1/notes", {"body": "Prefers mail.", "subjects": subjects})
    post("/v1/tasks", {"title": "Call", "subjects": subjects})
    post("/v1/interactions", {"type": "call", "at": "2026-01-02T10:00:00Z", "subjects": subjects})
    ticket = post("/v1/tickets", {"subject": "Broken", "requester_id": second["id"]})
    post(f"/v1/tickets/{ticket['id']}/messages", {"body": "Help!", "direction": "in"})
    both = [first["id"], second["id"]]
    segment = {"name": name, "type": "static", "member_ids": both}
    post("/v1/segments", segment)
    post("/v1/segments", segment | {"name": f"{name} 2", "member_ids": [second["id"]]})
    consent = {"channel": "phone", "purpose": "service", "status": "granted"}
    post(f"/v1/contacts/{second['id']}/consents", consent)
    wait_until(platform.is_quiet, timeout=60)
    return first, second


def merge(
    platform: Platform, survivor: dict[str, Any], *absorbed: dict[str, Any], kind: str = "contact"
) -> Any:
    path = f"/v1/{kind}s/{survivor['id']}"
    version = platform.api.get(path)["version"]
    body = {"absorbed_ids": [each["id"] for each in absorbed]}
    return platform.api.request("POST", f"{path}/merge", json=body, version=version).json()


def followed(platform: Platform, merged: dict[str, Any], status: str) -> dict[str, Any]:
    path = f"/v1/merges/{merged['id']}"
    wait_until(lambda: platform.api.get(path)["status"] == status, timeout=60)
    return dict(platform.api.get(path))


def undo(platform: Platform, merged: dict[str, Any]) -> dict[str, Any]:
    current = platform.api.get(f"/v1/merges/{merged['id']}")
    platform.api.request("DELETE", f"/v1/merges/{merged['id']}", version=current["version"])
    return followed(platform, merged, "undone")


def records(platform: Platform, *customers: dict[str, Any]) -> dict[str, Any]:
    """Every live record of these customers, in every service, without what any change changes."""
    found = {}
    wanted = [uuid.UUID(each["id"]) for each in customers]
    for service in ("contacts", "sales", "marketing", "support"):
        with platform.database(service) as connection:
            rows = connection.execute(
                "select kind, id::text, body::json from record where customer_ids && %s"
                " and kind not in ('timeline', 'duplicate') and archived_at is null",
                (wanted,),
            ).fetchall()
        found |= {
            f"{kind}/{id_}": {k: v for k, v in body.items() if k not in _PASSING}
            for kind, id_, body in rows
        }
    return found


class TestMerge:
    def test_moves_everything_everywhere_and_an_undo_brings_it_back(
        self, platform: Platform
    ) -> None:
        first, second = two(platform)
        before = records(platform, first, second)
        timeline = platform.customer(second["id"])["timeline"]["items"]

        merged = followed(platform, merge(platform, first, second), "merged")

        wait_until(platform.is_quiet, timeout=60)
        moved = merged["moved"]
        assert {"interaction": 1, "note": 1, "task": 1, "consent": 1} == moved["contacts"]
        assert {"deal": 2} == moved["sales"]
        assert {"ticket": 1, "ticket_message": 1, "sla_clock": 1} == moved["support"]
        assert {"segment_membership": 2} == moved["marketing"]
        together = records(platform, first)
        pointing = {key for key, body in together.items() if points_at(body, second["id"])}
        assert {f"contact/{second['id']}"} >= pointing
        assert_page_shows_both(platform, first, second, timeline)
        undone = undo(platform, merged)
        wait_until(platform.is_quiet, timeout=60)
        assert [] == undone["conflicts"]
        assert {} == differing(before, records(platform, first, second))
        assert 0 == platform.differences()

    def test_a_preview_says_what_would_move_and_moves_nothing(self, platform: Platform) -> None:
        first, second = two(platform)
        before = records(platform, first, second)

        answer = platform.api.request(
            "POST",
            f"/v1/contacts/{first['id']}/merge",
            json={"absorbed_ids": [second["id"]], "dry_run": True},
            version=first["version"],
        ).json()

        assert {"deal": 2} == answer["moves"]["sales"]
        assert {"contacts", *FOLLOWERS} == set(answer["moves"])
        assert "Buyer" == answer["survivor"]["job_title"]
        assert {"job_title", "points", "tags"} <= set(answer["changed"])
        assert {} == differing(before, records(platform, first, second))

    def test_waits_for_a_service_that_is_down(self, platform: Platform) -> None:
        first, second = two(platform)
        platform.stop("roles:support-work", "roles:support-serve")
        try:
            merged = merge(platform, first, second)
            wait_until(
                lambda: platform.api.get(f"/v1/merges/{merged['id']}")["awaited"] == ["support"],
                timeout=60,
            )
        finally:
            platform.heal()

        followed(platform, merged, "merged")
        wait_until(lambda: platform.section(first["id"], "support", "tickets"))

    def test_of_merged_contacts_is_undone_in_reverse(self, platform: Platform) -> None:
        first, second = two(platform)
        third = platform.contact()
        before = records(platform, first, second, third)
        one = followed(platform, merge(platform, first, second), "merged")

        other = followed(platform, merge(platform, third, first), "merged")

        assert platform.api.get(f"/v1/contacts/{second['id']}")["id"] == third["id"]
        with pytest.raises(Refused) as refused:
            undo(platform, one)
        assert refused.value.problem["type"].endswith("merged-since")
        undo(platform, other)
        undo(platform, one)
        wait_until(platform.is_quiet, timeout=60)
        assert {} == differing(before, records(platform, first, second, third))


class TestAccounts:
    def test_become_one_everywhere_and_two_again(self, platform: Platform) -> None:
        """C8, C9: members, parts, deals, tickets and the customer page follow, there and back."""
        first, second = companies(platform)
        before = records(platform, first, second)

        merged = followed(platform, merge(platform, first, second, kind="account"), "merged")

        wait_until(platform.is_quiet, timeout=60)
        assert {"account": 1, "contact": 1, "note": 1} == merged["moved"]["contacts"]
        assert ({"deal": 1}, {"ticket": 1}) == (
            merged["moved"]["sales"],
            merged["moved"]["support"],
        )
        together = records(platform, first)
        pointing = {key for key, body in together.items() if points_at(body, second["id"])}
        assert {f"account/{second['id']}"} >= pointing
        page = platform.customer(second["id"])
        assert (first["id"], second["id"]) == (page["id"], page["merged_from"])
        assert 1 == len(page["sections"]["sales"]["data"]["deals"])
        live = platform.customer(first["id"], consistency="live")
        for name in ("contacts", "sales", "support"):
            assert page["sections"][name]["data"] == live["sections"][name]["data"]
        undo(platform, merged)
        wait_until(platform.is_quiet, timeout=60)
        assert {} == differing(before, records(platform, first, second))
        assert 0 == platform.differences()


def companies(platform: Platform) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two accounts of one name, the second with a record of every kind."""
    post, name = platform.api.post, uuid.uuid4().hex[:10]
    first = post("/v1/accounts", {"name": name, "tags": ["old"]})
    second = post("/v1/accounts", {"name": f"{name} Ltd", "lifecycle": "customer"})
    post("/v1/accounts", {"name": f"{name} Branch", "parent_id": second["id"]})
    post("/v1/contacts", {"first_name": "Member", "last_name": name, "account_id": second["id"]})
    subjects = [{"type": "account", "id": second["id"]}]
    post("/v1/notes", {"body": "Pays late.", "subjects": subjects})
    post("/v1/deals", {"name": "Deal", "account_id": second["id"]})
    post("/v1/tickets", {"subject": "Broken", "account_id": second["id"]})
    wait_until(platform.is_quiet, timeout=60)
    return first, second


class TestTraffic:
    def test_during_a_merge_loses_nothing(self, platform: Platform) -> None:
        """Deals, notes and tickets keep coming in for the contact that is being absorbed."""
        first, second = platform.contact(), platform.contact()
        made: list[tuple[str, str]] = []
        stop = threading.Event()
        writer = threading.Thread(target=keep_writing, args=(platform, second, made, stop))
        writer.start()
        try:
            wait_until(lambda: len(made) > 5)
            merged = merge(platform, first, second)
            so_far = len(made)
            wait_until(lambda: len(made) > so_far + 5)
        finally:
            stop.set()
            writer.join()

        followed(platform, merged, "merged")
        wait_until(platform.is_quiet, timeout=60)
        mine = records(platform, first)
        assert [] == [each for each in made if "/".join(each) not in mine]
        assert 0 == platform.differences()


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what of each record is not as it was."""
    found = {}
    for key in before.keys() | after.keys():
        was, now = before.get(key, {}), after.get(key, {})
        names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
        found |= {key: {name: (was.get(name), now.get(name)) for name in names}} if names else {}
    return found


def points_at(body: dict[str, Any], contact_id: str) -> bool:
    """Say whether a record refers to a contact other than as who wrote it."""
    return contact_id in str({name: value for name, value in body.items() if name != "author"})


def keep_writing(
    platform: Platform, contact: dict[str, Any], made: list[tuple[str, str]], stop: threading.Event
) -> None:
    subjects = [{"type": "contact", "id": contact["id"]}]
    bodies = (
        ("deal", "/v1/deals", {"name": "Deal", "primary_contact_id": contact["id"]}),
        ("note", "/v1/notes", {"body": "Note", "subjects": subjects}),
        ("ticket", "/v1/tickets", {"subject": "Ticket", "requester_id": contact["id"]}),
    )
    for kind, path, body in itertools.cycle(bodies):
        if stop.is_set():
            return
        made.append((kind, platform.api.post(path, body)["id"]))


def shown(platform: Platform, customer: dict[str, Any], **params: Any) -> dict[str, Any]:
    """Return what the customer's page shows of each service; a busy customer's comes a bit later."""
    sections = platform.customer(customer["id"], **params)["sections"]
    return {name: section["data"] for name, section in sections.items()}


def assert_page_shows_both(
    platform: Platform,
    survivor: dict[str, Any],
    absorbed: dict[str, Any],
    timeline: list[dict[str, Any]],
) -> None:
    wait_until(lambda: shown(platform, survivor) == shown(platform, survivor, consistency="live"))
    page = platform.customer(survivor["id"])
    by_old_id = platform.customer(absorbed["id"])
    assert absorbed["id"] == by_old_id.pop("merged_from")
    assert page["id"] == by_old_id["id"]
    assert {each["id"] for each in timeline} <= {each["id"] for each in page["timeline"]["items"]}
    assert 2 == len(page["sections"]["sales"]["data"]["deals"])
    assert [] == page["sections"]["contacts"]["data"]["contacts"]
    contact = platform.api.get(f"/v1/contacts/{absorbed['id']}")
    assert (survivor["id"], absorbed["id"]) == (contact["id"], contact["merged_from"])
    assert {"old", "new"} == set(contact["tags"])
