"""The gateway under stress: what one broken service, slow clients and a flood cost everybody else."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import pytest
from tests.bench.broken import broken
from tests.bench.conftest import UNLIMITED, environment
from tests.bench.figures import ROUNDS, keep, ratios
from tests.bench.load import Load, burst, request
from tests.bench.serving import Server, serving_role
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]
SECONDS, SILENT, HALF_SENT = 4.0, 2000, 500
PACE = 60.0  # requests a second of who must not notice: well below what the gateway can do
FLOOD_LIMIT = "600/minute"


@dataclass
class Door:
    """The gateway, and how to knock."""

    server: Server
    token: str

    def asks(self, path: str) -> list[bytes]:
        return [request("GET", f"{self.server.url}{path}", token=self.token)]

    def paced(self, path: str = "/v1/contacts?limit=10") -> Load:
        """Return how somebody fares who asks at a steady pace."""
        return burst(self.server.address, self.asks(path), seconds=SECONDS, rate=PACE)


@pytest.fixture
def door(whole_platform: Platform) -> Callable[..., AbstractContextManager[Door]]:
    @contextmanager
    def opened(**env: str) -> Iterator[Door]:
        usual = environment(whole_platform, "gateway-serve")
        usual |= {"CRM_RATE_LIMIT": UNLIMITED, "CRM_LOG_LEVEL": "ERROR"}
        with serving_role("gateway", usual | env) as server:
            token = whole_platform.api.token()
            found = Door(server, token)

            def routes() -> bool:
                headers = {"Authorization": f"Bearer {token}"}
                answer = httpx.get(f"{server.url}/v1/contacts", headers=headers, trust_env=False)
                return answer.is_success

            wait_until(routes, 30, what="routes")
            yield found

    return opened


def disturbed(door: Door, disturb: Callable[[], object]) -> Load:
    """Return how somebody fares while something else goes on, which lasts as long."""
    other = threading.Thread(target=disturb)
    other.start()
    try:
        return door.paced()
    finally:
        other.join()


def kept(work: str, calm: list[Load], stormy: list[Load], detail: str = "") -> None:
    """Keep what it cost who asks at a steady pace: answers, and the slowest of a hundred."""
    for load in (*calm, *stormy):
        assert set(load.statuses) == {"200"}, load.statuses
    beside = "the same in peace"
    rates = ratios([load.rate for load in stormy], [load.rate for load in calm])
    keep(f"answers to others while {work}", beside, rates, at_least=0.98, detail=detail)
    slowest = ratios([load.p99 for load in stormy], [load.p99 for load in calm])
    last = f"p99 {calm[-1].p99:.1f} ms in peace, {stormy[-1].p99:.1f} ms then"
    keep(f"p99 of others while {work}", beside, slowest, at_most=2, detail=last)


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_a_broken_service(
    how: str, whole_platform: Platform, door: Callable[..., AbstractContextManager[Door]]
) -> None:
    behind = json.loads(environment(whole_platform, "gateway-serve")["CRM_SERVICES"])
    calm, stormy, shares = [], [], []
    with ExitStack() as stack:
        support = stack.enter_context(broken(how))
        services = json.dumps(behind | {"support": support.url})
        ours_ = stack.enter_context(door(CRM_SERVICES=services))
        support.taken()

        def ask_support() -> None:
            asked.append(
                burst(ours_.server.address, ours_.asks("/v1/tickets"), seconds=SECONDS, rate=PACE)
            )

        for _ in range(ROUNDS):
            asked: list[Load] = []
            calm.append(ours_.paced())
            stormy.append(disturbed(ours_, ask_support))
            clients = sum(asked[0].statuses.values())
            shares.append(support.taken() / clients)
        told = ", ".join(f"{status}: {n}" for status, n in asked[0].statuses.items())
    kept(f"support {how}", calm, stormy, detail=f"who asked support got {told}")
    keep(f"requests that reach support while it {how}", "requests for it", shares, at_most=1.2)


def test_slow_clients(door: Callable[..., AbstractContextManager[Door]]) -> None:
    calm, stormy = [], []
    with door() as ours_:
        for _ in range(ROUNDS):
            calm.append(ours_.paced())
            with crowding(ours_.server.port):
                stormy.append(ours_.paced())
    work = f"{SILENT} connections are silent and {HALF_SENT} stop in the middle of a request"
    kept(work, calm, stormy)


@contextmanager
def crowding(port: int) -> Iterator[None]:
    """Hold connections open that say nothing, or half of something."""
    waiting = []
    try:
        for number in range(SILENT + HALF_SENT):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if number >= SILENT:
                connection.sendall(b"GET /v1/contacts HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            waiting.append(connection)
        yield
    finally:
        for each in waiting:
            each.close()


def test_a_flood_from_one_key(
    whole_platform: Platform, door: Callable[..., AbstractContextManager[Door]]
) -> None:
    calm, stormy = [], []
    made = whole_platform.api.post("/v1/api-keys", {"name": "flood", "scopes": ["read"]})
    with door(CRM_RATE_LIMIT=FLOOD_LIMIT) as ours_:
        flood = [request("GET", f"{ours_.server.url}/v1/contacts", token=made["key"])]

        def pour() -> None:
            poured.append(burst(ours_.server.address, flood, seconds=SECONDS, connections=16))

        for _ in range(ROUNDS):
            poured: list[Load] = []
            calm.append(_modest(ours_))
            other = threading.Thread(target=pour)
            other.start()
            stormy.append(_modest(ours_))
            other.join()
    told = ", ".join(f"{status}: {n}" for status, n in poured[0].statuses.items())
    kept("one key asks as fast as it can", calm, stormy, detail=f"the flood got {told}")


def _modest(door: Door) -> Load:
    """Somebody within the limit: it counts by caller."""
    return burst(door.server.address, door.asks("/v1/contacts"), seconds=SECONDS, rate=8.0)
