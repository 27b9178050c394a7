"""SIGTERM in every role: unready at once, what is under way finished, gone in time whatever is away."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from crm_chassis.auth import Principal, Signer
from crm_chassis.testing import environment, free_port, keys, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
GRACE_SECONDS = 30  # what deploy/k8s grants
SERVE, FLOW, WORK, EDGE = (
    ("sales", ("serve",)), ("sales", ("relay", "project")), ("sales", ("work",)),
    ("gateway", ("serve",)),
)  # fmt: skip
AWAY = [
    *((*role, "both") for role in (SERVE, FLOW, WORK, EDGE)),
    *((*role, away) for role in (FLOW, WORK) for away in ("broker", "database")),
]


class Role:
    """One process of a role."""

    def __init__(
        self, service: str, words: tuple[str, ...], env: dict[str, str], log: Path
    ) -> None:
        self.env, self.log = env, log
        command = [sys.executable, "-m", f"crm_{service}", *words]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, env=env, stdout=out, stderr=out)

    def said(self) -> str:
        """Return the end of its log."""
        return "\n".join(
            line for line in self.log.read_text().splitlines() if "site-packages" not in line
        )

    def readiness(self) -> dict[str, Any]:
        try:
            url = f"http://127.0.0.1:{self.env['CRM_OPS_PORT']}/readyz"
            return dict(httpx.get(url, trust_env=False, timeout=5).json())
        except httpx.TransportError:
            return {}

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def code(self) -> int:
        """Wait for the end as an orchestrator does, and return the exit code."""
        return self.process.wait(GRACE_SECONDS)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Role]]:
    started: list[Role] = []

    def begin(service: str, words: tuple[str, ...], env: dict[str, str]) -> Role:
        started.append(Role(service, words, env, tmp_path / f"{len(started)}.log"))
        return started[-1]

    yield begin
    for role in started:
        role.process.kill()
        role.process.wait()


@pytest.fixture(scope="module")
def urls(database: Callable[[str], str], vhost: Callable[[], Any]) -> Callable[[str], Any]:
    host = vhost()
    made = {name: (database(name), host.url_of(name)) for name in ("sales", "gateway")}
    return lambda service: made[service]


@pytest.mark.parametrize(("service", "words"), [SERVE, FLOW, WORK, EDGE], ids=str)
def test_a_role_is_unready_first_and_then_gone(
    start: Callable[..., Role], urls: Any, service: str, words: tuple[str, ...]
) -> None:
    role = start(service, words, environment(service, *urls(service), CRM_DRAIN_SECONDS="1.5"))
    wait_until(lambda: role.readiness().get("ready"), 60, what="the role to be ready")

    role.terminate()

    if words == ("serve",):
        wait_until(
            lambda: role.readiness().get("checks", {}).get("draining") == "stopping",
            5, what="the role to say that it stops",
        )  # fmt: skip
    assert role.code() == 0


@pytest.mark.parametrize(("service", "words", "away"), AWAY, ids=str)
def test_a_role_ends_in_time_whatever_is_away(
    start: Callable[..., Role], urls: Any, service: str, words: tuple[str, ...], away: str
) -> None:
    database, broker = urls(service)
    if away in {"database", "both"}:
        database = f"postgresql://nobody@127.0.0.1:{free_port()}/x"
    if away in {"broker", "both"}:
        broker = f"amqp://{service}:x@127.0.0.1:{free_port()}/x"
    role = start(service, words, environment(service, database, broker, CRM_DRAIN_SECONDS="0.5"))
    wait_until(role.readiness, 60, what="the ops port")

    role.terminate()

    assert role.code() == 0, role.said()


@pytest.mark.parametrize("service", ["sales"])
def test_a_request_under_way_is_answered(
    start: Callable[..., Role], urls: Any, service: str
) -> None:
    database, broker = urls(service)
    env = environment(service, database, broker, CRM_DRAIN_SECONDS="0.5")
    role = start(service, ("serve",), env)
    wait_until(lambda: role.readiness().get("ready"), 60)
    who = Principal(actor="user:ann", roles=frozenset({"member"}))
    token = Signer(json.dumps(keys("gateway")[0])).token(service, who)
    base = f"http://127.0.0.1:{env['CRM_HTTP_PORT']}/v1/deals"
    headers = {"Authorization": f"Bearer {token}"}
    deal = httpx.post(base, json={"name": "Slow"}, headers=headers, trust_env=False).json()

    with ThreadPoolExecutor(1) as pool, psycopg.connect(database) as holder:
        holder.execute("select from deal where id = %s for update", (deal["id"],))
        answer = pool.submit(
            httpx.patch, f"{base}/{deal['id']}", json={"name": "Done"}, timeout=30,
            headers={**headers, "If-Match": '"1"'}, trust_env=False,
        )  # fmt: skip
        wait_until(lambda: waits_for_a_lock(database), 10, what="the request to wait")
        role.terminate()
        wait_until(lambda: is_closed(env["CRM_HTTP_PORT"]), 10, what="the listener to close")
        holder.rollback()

        assert answer.result(30).status_code == 200
    assert role.code() == 0


def waits_for_a_lock(database: str) -> bool:
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with psycopg.connect(database) as connection:
        return bool(connection.execute(query).fetchone()[0])  # type: ignore[index]


def is_closed(port: str) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/openapi.json", trust_env=False, timeout=1)
    except httpx.TransportError:
        return True
    return False
