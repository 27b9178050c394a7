"""What is down comes back without loss: nothing depends on a queue's or a process's memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from tests.running import ROLES, SERVICES, Platform

from crm_chassis.testing import wait_until
from crm_client import NotReachable

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]


def test_a_service_deployed_last_has_all_its_copies_within_a_minute(platform: Platform) -> None:
    contact = platform.contact()
    deal = platform.deal(contact)
    undeploy(platform, "support")

    platform.migrate()
    platform.start(*platform.roles("support"))

    wait_until(
        lambda: platform.row("support", "contact_copy", contact["id"]).get("version"), timeout=60
    )
    wait_until(lambda: platform.row("support", "deal_copy", deal["id"]).get("version"), timeout=60)
    wait_until(lambda: not platform.unready(), timeout=60)
    wait_until(lambda: platform.differences("support") == 0, timeout=60)
    forget_what_it_had(platform)
    verify(platform)


def test_without_the_broker_writes_succeed_and_facts_flow_later(platform: Platform) -> None:
    platform.stop("servers:rabbitmq")

    contact = platform.contact()
    deal = platform.deal(contact)
    won = platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])
    assert platform.row("support", "contact_copy", contact["id"]) == {}
    platform.start("servers:rabbitmq")

    assert won["status"] == "won"
    wait_until(lambda: platform.items("/v1/tickets", origin=f"onboarding:{deal['id']}"), timeout=90)
    wait_until(lambda: platform.section(contact["id"], "sales", "deals"), timeout=60)
    verify(platform)


def test_a_service_that_is_down_is_only_that(platform: Platform) -> None:
    contact = platform.contact()
    deal = platform.deal(contact)
    wait_until(lambda: platform.section(contact["id"], "sales", "deals"))

    platform.stop(*platform.roles("sales"))

    view = platform.customer(contact["id"])
    assert deal["id"] == view["sections"]["sales"]["data"]["deals"][0]["id"]
    refused = platform.once("POST", "/v1/deals", json={"name": "Not now"})
    assert refused.status_code == 503
    assert "application/problem+json" in refused.headers["Content-Type"]
    assert int(refused.headers["Retry-After"]) >= 1
    assert platform.contact()["version"] == 1


def test_a_deleted_queue_heals(platform: Platform) -> None:
    names = {*declared(platform, "support"), *declared(platform, "gateway")}
    for name in names:
        platform.broker("DELETE", f"/queues/{{vhost}}/{name}")
    contact = platform.contact()
    deal = platform.deal(contact)
    platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])

    wait_until(lambda: platform.items("/v1/tickets", origin=f"onboarding:{deal['id']}"), timeout=60)
    wait_until(lambda: platform.section(contact["id"], "sales", "deals"), timeout=60)
    wait_until(
        lambda: names <= {*platform.queues("support"), *platform.queues("gateway")}, timeout=60
    )
    verify(platform)


def test_killing_every_process_under_load_loses_and_doubles_nothing(platform: Platform) -> None:
    parked_before = {each["id"] for each in platform.parked()}
    won: list[dict[str, Any]] = []

    with loaded(lambda: won.append(win_a_deal(platform))):
        for service in SERVICES:
            for role in ROLES:
                done = len(won)
                platform.kill(f"roles:{service}-{role}")
                wait_until(lambda n=done: len(won) > n, 60, what="work to go on")
    wait_until(lambda: not platform.unready(), timeout=90)
    wait_until(platform.is_quiet, timeout=90)

    for deal in won:
        origin = f"onboarding:{deal['id']}"
        wait_until(lambda o=origin: len(platform.items("/v1/tickets", origin=o)) == 1, timeout=60)
    verify(platform)
    assert all(times == 1 for times in platform.mails().values())
    assert all(each["cause"] for each in platform.parked() if each["id"] not in parked_before)


def undeploy(platform: Platform, service: str) -> None:
    """Leave nothing of a service: no process, no database, no queue."""
    platform.stop(*platform.roles(service))
    with platform.database(None) as server:
        with platform.database(service) as own:
            name = own.info.dbname
        owner = server.execute(
            "select pg_get_userbyid(datdba) from pg_database where datname = %s", (name,)
        ).fetchone()
        assert owner
        server.execute(f"drop database {name} with (force)")
    for queue in declared(platform, service):
        platform.broker("DELETE", f"/queues/{{vhost}}/{queue}")


def forget_what_it_had(platform: Platform) -> None:
    """The others keep what an owner told before its database was dropped: ghosts, by now."""
    assert platform.crm("resync", "marketing").returncode == 0
    assert platform.crm("view", "rebuild").returncode == 0


def declared(platform: Platform, service: str) -> list[str]:
    """Return the queues a service declares itself; its dead letters' is the topology's."""
    return [name for name in platform.queues(service) if not name.endswith(".dead")]


def verify(platform: Platform) -> None:
    """Wait for the last facts, then expect no difference anywhere."""
    wait_until(platform.is_quiet, timeout=60, what="everything told and taken")
    wait_until(lambda: platform.differences() == 0, timeout=30, what="0 differences")


def win_a_deal(platform: Platform) -> dict[str, Any]:
    contact = platform.contact()
    deal = platform.deal(contact)
    platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])
    return deal


@contextmanager
def loaded(work: Callable[[], None]) -> Iterator[None]:
    """Repeat some work until the body ends; only the gateway's absence is no failure of the test."""
    ended = False

    def repeat() -> None:
        while not ended:
            with suppress(NotReachable):
                work()

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(repeat) for _ in range(2)]
        try:
            yield
        finally:
            ended = True
        for each in waiting:
            each.result(timeout=60)
