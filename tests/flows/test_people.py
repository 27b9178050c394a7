"""Contacts and accounts as people keep them, through the gateway."""

import uuid
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def account(platform: Platform, **fields: Any) -> dict[str, Any]:
    return dict(
        platform.api.post("/v1/accounts", {"name": f"Flow {uuid.uuid4().hex[:8]}"} | fields)
    )


def test_a_contact_has_many_addresses_each_with_its_flags(platform: Platform) -> None:
    """C1: primary, invalid and opted-out are told of each address, to all services."""
    mark = uuid.uuid4().hex[:10]
    emails = [
        {"value": f"{mark}@a.example", "label": "work", "primary": True},
        {"value": f"{mark}@b.example", "label": "home"},
    ]
    phones = [{"value": "+493090182000", "primary": True}, {"value": "+493090182001"}]
    contact = platform.contact(emails=emails, phones=phones)

    consent = {"channel": "email", "purpose": "marketing", "status": "withdrawn"}
    platform.api.post(f"/v1/contacts/{contact['id']}/consents", consent)

    shown = platform.api.get(f"/v1/contacts/{contact['id']}")
    assert [True, False] == [each["primary"] for each in shown["emails"]]
    assert [True, True] == [each["opted_out"] for each in shown["emails"]]
    assert 2 == len(shown["phones"])
    copy = wait_until(
        lambda: (
            (row := platform.row("marketing", "contact_copy", contact["id"])).get("opted_out")
            and row
        )
    )
    assert f"{mark}@a.example" == copy["email"]


def test_a_contact_belongs_to_several_accounts(platform: Platform) -> None:
    """C2: a role per account; who has left is listed apart."""
    one, other = account(platform), account(platform)
    links = [
        {"account_id": one["id"], "role": "buyer", "is_primary": True},
        {"account_id": other["id"], "role": "advisor", "active": False},
    ]

    contact = platform.contact(account_links=links)

    assert [one["id"]] == contact["account_ids"]
    members = platform.items(f"/v1/accounts/{other['id']}/contacts")
    left = platform.items(f"/v1/accounts/{other['id']}/contacts", active="false")
    assert ([], [contact["id"]]) == (members, [each["id"] for each in left])


def test_accounts_stand_in_a_hierarchy(platform: Platform) -> None:
    """C3: the tree is the same from each of its parts; a ring is refused."""
    top = account(platform)
    part = account(platform, parent_id=top["id"])
    leaf = account(platform, parent_id=part["id"])

    ring = platform.once(
        "PATCH",
        f"/v1/accounts/{top['id']}",
        json={"parent_id": leaf["id"]},
        headers={"If-Match": '"1"'},
    )

    assert 422 == ring.status_code
    trees = [platform.api.get(f"/v1/accounts/{each['id']}/tree")["items"] for each in (top, leaf)]
    assert trees[0] == trees[1]
    assert [(top["id"], 0), (part["id"], 1), (leaf["id"], 2)] == [
        (each["id"], each["depth"]) for each in trees[0]
    ]


@pytest.mark.parametrize(
    "kind", ["call", "email", "meeting", "note", "chat", "visit", "post", "web"]
)
def test_interactions_of_every_kind_are_on_the_timeline(platform: Platform, kind: str) -> None:
    """C4, C5: typed associations; one timeline, filtered by kind and paged by key."""
    contact, company = platform.contact(), account(platform)
    subjects = [{"type": "contact", "id": contact["id"]}, {"type": "account", "id": company["id"]}]
    body = {"type": kind, "at": "2026-11-02T14:05:00Z", "subject": "Delivery", "outcome": "agreed"}
    platform.api.post("/v1/interactions", body | {"subjects": subjects, "duration_seconds": 60})
    platform.api.post("/v1/notes", {"body": "Noted", "subjects": subjects[:1]})

    def entries(**query: Any) -> list[dict[str, Any]]:
        path = f"/v1/customers/{contact['id']}/timeline"
        return list(platform.once("GET", path, params=query).json().get("items", ()))

    wait_until(lambda: len(entries()) == 3)
    (logged,) = entries(kind="interaction.logged")
    assert f"Logged {kind}: Delivery" == logged["title"]
    path = f"/v1/customers/{contact['id']}/timeline"
    first = platform.once("GET", path, params={"limit": 2}).json()
    rest = platform.once("GET", path, params={"limit": 2, "cursor": first["next"]}).json()
    assert 3 == len({each["id"] for each in first["items"] + rest["items"]})
    wait_until(lambda: platform.section(company["id"], "contacts", "interactions"))


def test_lists_are_filtered_and_saved_for_others(platform: Platform) -> None:
    """U2, C1: a saved view is shared; what it filters by is what the list takes."""
    tag = f"t{uuid.uuid4().hex[:8]}"
    mine, other = platform.contact(tags=[tag]), platform.contact(tags=[tag], lifecycle="customer")
    wanted = {"tag": tag, "lifecycle": "customer", "created_since": "2020-01-01T00:00:00Z"}

    view = platform.api.post(
        "/v1/views",
        {"object": "contact", "name": tag, "filter": wanted, "sort": "name", "visibility": "all"},
    )

    kept = platform.api.get(f"/v1/views/{view['id']}")
    found = platform.items("/v1/contacts", sort=kept["sort"], **kept["filter"])
    assert [other["id"]] == [each["id"] for each in found]
    both = platform.items("/v1/contacts", ids=f"{mine['id']},{other['id']}")
    assert {mine["id"], other["id"]} == {each["id"] for each in both}


def test_several_are_tagged_at_once_and_each_says_how_it_went(platform: Platform) -> None:
    """C17: manual lists by tags; a stale row is refused alone; tags are united everywhere."""
    tag = f"t{uuid.uuid4().hex[:8]}"
    people = [platform.contact() for _ in range(3)]
    operations = [
        {"op": "update", "id": each["id"], "version": version, "body": {"tags": [tag, f"{tag}x"]}}
        for each, version in zip(people, (1, 1, 9), strict=True)
    ]

    answer = platform.api.request(
        "POST", "/v1/contacts/batch", json={"operations": operations}
    ).json()

    assert [200, 200, 412] == [each["status"] for each in answer["items"]]
    found = platform.api.get("/v1/tags", q=tag)["items"]
    counted = {each["name"]: each["count"] for each in found}
    assert {tag: 2, f"{tag}x": 2} == counted
    job = platform.api.post(
        "/v1/tags/renaming", {"object": "contact", "old": [f"{tag}x"], "new": tag}
    )
    path = f"/v1/jobs/contacts/{job['id']}"
    wait_until(lambda: platform.api.get(path)["status"] == "done", timeout=30)
    assert [tag] == platform.api.get(f"/v1/contacts/{people[0]['id']}")["tags"]
    wait_until(platform.is_quiet, timeout=30)
    assert 0 == platform.differences()
