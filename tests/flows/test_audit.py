"""What is done in any service stands in one trail, sealed; who tampers with it is found out."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.running import SERVICES, Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]


def trail(platform: Platform, **asked: Any) -> list[dict[str, Any]]:
    found = platform.once("GET", "/v1/audit", params=asked).json()
    assert [] == found["missing"]
    return list(found["items"])


def verified(platform: Platform, *words: str, code: int = 0) -> dict[str, Any]:
    done = platform.crm("audit", "verify", "--json", *words)
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def head(platform: Platform, service: str) -> dict[str, Any]:
    return dict(platform.ops.get(service, "/internal/audit/head"))


def sealed(platform: Platform) -> None:
    wait_until(
        lambda: all(head(platform, name)["unsealed"] == 0 for name in SERVICES), 60,
        what="everything sealed",
    )  # fmt: skip


def test_a_change_in_each_service_is_told_with_who_and_from_where(platform: Platform) -> None:
    contact = platform.contact()
    deal = platform.deal(contact)
    ticket = platform.api.post("/v1/tickets", {"subject": "Broken", "requester_id": contact["id"]})
    segment = platform.api.post("/v1/segments", {"name": f"S {contact['name']}", "type": "static"})
    role = platform.api.post("/v1/roles", {"name": f"R {contact['name']}"})
    me = platform.api.get("/v1/users/me")["id"]

    for service, made in zip(
        ("contacts", "sales", "support", "marketing", "gateway"),
        (contact, deal, ticket, segment, role), strict=True,
    ):  # fmt: skip
        row = trail(platform, object_id=made["id"])[-1]
        assert (service, f"user:{me}", "127.0.0.1") == (
            row["service"],
            row["actor"],
            row["address"],
        )
        assert row["credential"].startswith("session:")
        assert row["request_id"]
        assert {"name", "subject"} & {each["field"] for each in row["changes"]}


def test_what_follows_a_change_elsewhere_is_found_by_who_caused_it(platform: Platform) -> None:
    contact = platform.contact()
    deal = platform.deal(contact)
    platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])
    me = platform.api.get("/v1/users/me")["id"]

    def opened() -> list[dict[str, Any]]:
        rows = trail(platform, actor_id=me, action="ticket.opened")
        return [row for row in rows if deal["id"] in str(row["changes"])]

    wait_until(opened, 30, what="the onboarding ticket in the trail")
    assert opened()[0]["actor"] == "service:support"


def test_every_fact_of_every_service_has_its_row(platform: Platform) -> None:
    """All that other flows did on this platform: whatever command, reaction or timer it was."""
    platform.deal(platform.contact())
    for service in SERVICES:
        with platform.database(service) as connection:
            untold = connection.execute(
                "select o.type, count(*) from outbox o left join audit a on a.id = o.id"
                " and a.object_id = o.subject and a.version = o.subject_version"
                " and a.action || '.v1' = substr(o.type, strpos(o.type, '.') + 1)"
                " where a.seq is null group by 1"
            ).fetchall()
            unvalued = connection.execute(
                "select count(*) from audit a join history_value v on v.fact_id = a.id"
                " where a.values_hash is distinct from audit_values_hash(v.salt, v.old, v.new)"
            ).fetchone()

        assert ([], (0,)) == (untold, unvalued), service


def test_the_chain_holds_and_names_what_was_tampered_with(
    platform: Platform, tmp_path: Path
) -> None:
    deal = platform.deal(platform.contact())
    sealed(platform)
    kept = tmp_path / "heads.json"
    kept.write_text(platform.crm("audit", "head", "--json").stdout)
    assert {None} == {each["broken"] for each in verified(platform, "--heads", str(kept)).values()}
    with platform.database("sales") as connection:
        connection.execute("set session_replication_role = replica")
        done = connection.execute(
            "update audit set actor = 'user:nobody' where object_id = %s returning seq",
            [deal["id"]],
        ).fetchone()
    assert done is not None

    found = verified(platform, code=1)

    assert {"sales"} == {name for name, each in found.items() if each["broken"]}
    assert (done[0], "was changed") == (
        found["sales"]["broken"]["seq"], found["sales"]["broken"]["why"]
    )  # fmt: skip
    with platform.database("sales") as connection:  # as it was: others look at this platform too
        me = platform.api.get("/v1/users/me")["id"]
        connection.execute("set session_replication_role = replica")
        connection.execute("update audit set actor = %s where seq = %s", [f"user:{me}", done[0]])
    verified(platform)


def test_sealing_goes_on_after_the_relay_was_killed(platform: Platform) -> None:
    platform.kill("roles:sales-relay")
    deal = platform.deal(platform.contact())

    wait_until(lambda: head(platform, "sales")["unsealed"] == 0, 60, what="sealed again")

    assert trail(platform, object_id=deal["id"])[-1]["sealed"]
    verified(platform, "--service", "sales")


def test_reads_are_noted_and_a_drain_loses_none(platform: Platform) -> None:
    contact = platform.contact()
    wait_until(lambda: platform.customer(contact["id"]), 30)
    others = [platform.contact()["id"] for _ in range(5)]
    for other in others:
        wait_until(lambda one=other: platform.customer(one), 30)

    platform.stop("roles:gateway-serve")
    platform.start("roles:gateway-serve")
    platform.heal()

    for customer_id in (contact["id"], *others):
        rows = trail(platform, object_id=customer_id, action="customer.read")
        assert len(rows) == 1, customer_id
        assert rows[0]["address"] == "127.0.0.1"


def test_an_export_is_noted_before_anything_leaves(platform: Platform) -> None:
    export = platform.api.post("/v1/exports", {"format": "csv"})
    path = f"/v1/exports/{export['id']}"
    wait_until(lambda: platform.api.get(path)["status"] == "done", 60)

    assert platform.once("GET", f"{path}/file").status_code == 200

    found = [row["action"] for row in trail(platform, object_id=export["id"])]
    assert {"export.created", "export.completed", "export.fetched"} <= set(found)
