"""`crm` for operators against a whole platform: what stands, what is wrong, and mending it."""

import json
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.running import SERVICES, Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]
EXCHANGE, KEY = "sales.events", "sales.deal.won.v1"
CONSUMER = "support.on.sales.deal.won"


def answer(platform: Platform, *words: str, code: int = 0) -> dict[str, Any]:
    done = platform.crm(*words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def errors(platform: Platform) -> list[tuple[str, str]]:
    done = platform.crm("doctor", "--json")
    found = json.loads(done.stdout)["findings"]
    wrong = [(each["where"], each["what"]) for each in found if each["level"] == "error"]
    assert done.returncode == (1 if wrong else 0)
    return wrong


def says(platform: Platform, where: str, what: str) -> bool:
    return any(where == place and what in said for place, said in errors(platform))


def test_status_shows_every_service_and_role(platform: Platform) -> None:
    found = answer(platform, "status")
    shown = platform.crm("status").stdout

    assert set(SERVICES) <= found.keys()
    assert all(found[name]["database"]["leader"] for name in SERVICES)
    assert {f"{name}{role}" for name in SERVICES for role in ("", ".relay", ".work")} == set(
        found["roles"]
    )
    assert all(role["ready"] for role in found["roles"].values())
    assert all(name in shown for name in SERVICES)


def test_every_role_shows_its_figures(platform: Platform) -> None:
    platform.items("/v1/contacts", limit=1)
    shown = {
        role: httpx.get(f"http://127.0.0.1:{platform.ports[role]}/metrics", trust_env=False).text
        for role in ("gateway.serve", "contacts.serve", "sales.relay", "gateway.work")
    }

    assert 'http_route="/v1/' in shown["gateway.serve"]
    assert 'http_route="/v1/contacts' in shown["contacts.serve"]
    assert "relay_leader 1.0" in shown["sales.relay"]
    assert 'view_lag_seconds{service="sales"}' in shown["gateway.work"]


def test_doctor_finds_nothing_on_a_healthy_platform_and_names_what_is_broken(
    platform: Platform,
) -> None:
    wait_until(lambda: errors(platform) == [], 60, what="a clean bill of health")
    platform.stop("roles:sales-relay")
    platform.broker("DELETE", "/policies/{vhost}/support")

    assert says(platform, "sales", "no relay leads")
    assert says(platform, "sales.relay", "does not answer")
    assert says(platform, "broker", "missing policy support")

    platform.heal()
    answer(platform, "topology", "apply")
    wait_until(lambda: errors(platform) == [], 60, what="health again")


def test_parked_messages_are_shown_edited_retried_and_given_up(
    platform: Platform, tmp_path: Path
) -> None:
    for _ in range(2):
        publish(platform, "{nonsense")
    ours: Callable[[], list[Any]] = lambda: [  # noqa: E731
        each for each in answer(platform, "parked", "list")["items"] if each["consumer"] == CONSUMER
    ]
    wait_until(lambda: len(ours()) >= 2, 30, what="both to be parked")
    (group,) = [
        g for g in answer(platform, "parked", "list")["groups"] if g["consumer"] == CONSUMER
    ]
    first, second = (each["id"] for each in ours()[:2])

    exported = answer(platform, "parked", "export", str(tmp_path / "parked.jsonl"))
    good = tmp_path / "good.json"
    good.write_text(won_fact(platform))
    edited = answer(platform, "parked", "edit", first, "--file", str(good))
    wait_until(lambda: answer(platform, "parked", "show", first)["state"] == "done", 30)
    given_up = answer(platform, "parked", "discard", second, "--reason", "nobody can read it")
    kept = answer(platform, "parked", "decisions", "--service", "support")["items"]

    assert (group["service"], group["messages"] >= 2) == ("support", True)
    assert exported["messages"] >= 2
    assert oct((tmp_path / "parked.jsonl").stat().st_mode)[-3:] == "600"
    assert (edited["messages"], given_up["support"]) == (1, 1)
    whole = answer(platform, "parked", "show", first)
    assert (whole["body"], whole["edited"]) == ("{nonsense", good.read_text())
    did = [(each["action"], each["subject"], each["detail"].get("reason")) for each in kept[:2]]
    assert did == [
        ("parked discard", second, "nobody can read it"),
        ("parked edit", first, None),
    ]
    assert all(each["actor"].startswith("operator:") for each in kept[:2])
    assert platform.crm("parked", "retry", str(uuid.uuid4())).returncode == 1
    assert platform.crm("parked", "discard", "--all").returncode == 2
    answer(platform, "parked", "discard", "--all", "--reason", "the end of a test")
    assert answer(platform, "parked", "list") == {"groups": [], "items": []}


def test_a_rebuild_is_followed_while_reads_go_on(platform: Platform) -> None:
    contact = platform.contact()
    wait_until(lambda: platform.customer(contact["id"]), 30)
    failed, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            found = platform.once("GET", f"/v1/customers/{contact['id']}")
            if found.status_code != 200:
                failed.append(found.text)

    reader = threading.Thread(target=read)
    reader.start()
    done = answer(platform, "view", "rebuild", "--follow")
    begun = answer(platform, "view", "rebuild")
    stop.set()
    reader.join(30)

    assert (done["records"] >= 1, done["customers"] >= 1, failed) == (True, True, [])
    assert begun["state"] in {"running", "done"}
    assert answer(platform, "view", "verify")["differences"] == 0


def test_reconcile_and_resync_come_back_when_all_is_done(platform: Platform) -> None:
    reconciled = answer(platform, "reconcile", "support")["support"]
    resynced = answer(platform, "resync", "support")["support"]

    assert (reconciled["handlers"], reconciled["waiting"]) == (5, 0)
    assert resynced["read"] >= 1
    assert platform.crm("resync", "nobody").returncode == 2


def publish(platform: Platform, body: str) -> None:
    platform.broker(
        "POST", f"/exchanges/{{vhost}}/{EXCHANGE}/publish",
        {"properties": {"delivery_mode": 2}, "routing_key": KEY, "payload": body,
         "payload_encoding": "string"},
    )  # fmt: skip


def won_fact(platform: Platform) -> str:
    """Return a fact that support has not handled: one told before, under another id."""
    deal = platform.deal(platform.contact())
    platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])
    with platform.database("sales") as connection:
        row = connection.execute(
            "select body from outbox where subject = %s and type = %s", (deal["id"], KEY)
        ).fetchone()
    assert row is not None
    return json.dumps(json.loads(row[0]) | {"id": str(uuid.uuid4())})
