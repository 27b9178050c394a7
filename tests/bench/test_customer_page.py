"""GET /v1/customers/{id} beside one primary-key read, a fixed answer, and live composition."""

from collections.abc import Callable
from contextlib import ExitStack

import psycopg
import pytest
from tests.bench import figures
from tests.bench.load import Load, burst, request
from tests.bench.serving import Server
from tests.running import Platform

from crm_chassis import ids
from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]
SECONDS = 3.0


@pytest.fixture(scope="module")
def customer(whole_platform: Platform) -> str:
    """Return the path of a customer whose page has about 4 KB."""
    platform = whole_platform
    contact = platform.contact()
    deal = platform.deal(contact)
    path = f"/v1/customers/{contact['id']}"
    wait_until(lambda: platform.section(contact["id"], "sales", "deals"), timeout=30)
    while len(platform.once("GET", path).content) < 3700:
        version = platform.api.get(f"/v1/deals/{deal['id']}")["version"]
        deal = platform.api.patch(
            f"/v1/deals/{deal['id']}", {"next_step": "x" * 200}, version=version
        )
        wait_until(
            lambda v=deal["version"]: (
                platform.section(contact["id"], "sales", "deals")[0]["version"] == v
            )
        )
    return path


class Measured:
    """One server and the request it is measured with."""

    def __init__(self, server: Server, asked: bytes, *, seconds: float = SECONDS) -> None:
        self.server, self.asked, self.seconds = server, asked, seconds
        self.loads: list[Load] = []
        self.cpu: list[float] = []

    def __call__(self) -> float:
        """Return answers per second; CPU milliseconds per answer and p99 are kept."""
        before = self.server.cpu_seconds()
        load = burst(self.server.address, [self.asked], seconds=self.seconds)
        assert set(load.statuses) == {"200"}, load.statuses
        used = (self.server.cpu_seconds() - before) * 1000
        self.loads.append(load)
        self.cpu.append(used / (load.rate * self.seconds))
        return load.rate


@pytest.mark.parametrize("kind", ["gunicorn", "granian"])
def test_customer_page(
    kind: str,
    whole_platform: Platform,
    customer: str,
    ours: Callable,
    rival: Callable,
    rival_url: str,
) -> None:
    page = ids.new()
    body = whole_platform.once("GET", customer).content
    with psycopg.connect(rival_url, autocommit=True) as own:
        own.execute("insert into page values (%s, %s)", (page, body))
    token = whole_platform.api.token()
    with ExitStack() as stack:
        gateway = stack.enter_context(ours("gateway", kind))
        one_read = stack.enter_context(rival("one_read", kind))
        fixed = stack.enter_context(rival("fixed", kind))
        wait_until(lambda: whole_platform.once("GET", customer).status_code == 200)
        parts = {
            "ours": Measured(gateway, request("GET", gateway.url + customer, token=token)[1]),
            "flask": Measured(
                gateway,
                request("GET", gateway.url + customer, token=token, X_Request_Id="bench-0001")[1],
            ),
            "one read": Measured(one_read, request("GET", f"{one_read.url}/pages/{page}")[1]),
            "fixed": Measured(fixed, request("GET", fixed.url + "/")[1]),
            "live": Measured(
                gateway,
                request("GET", gateway.url + customer + "?consistency=live", token=token)[1],
            ),
        }
        found = figures.interleaved(parts)

    work = f"customer page, {len(body)} bytes, {kind}"
    p99 = figures.ratios(
        [load.p99 for load in parts["ours"].loads], [load.p99 for load in parts["one read"].loads]
    )
    cpu = figures.ratios(parts["ours"].cpu, parts["live"].cpu)
    detail = ", ".join(
        f"{name} {sum(rates) / len(rates):.0f}/s {part.cpu[-1]:.2f} ms CPU"
        for (name, rates), part in zip(found.items(), parts.values(), strict=True)
    )
    keep, of = figures.keep, figures.ratios
    keep(
        work,
        "one primary-key read behind Flask",
        of(found["ours"], found["one read"]),
        at_least=1.0,
        detail=detail,
    )
    keep(
        f"{work}, inside Flask",
        "one primary-key read behind Flask",
        of(found["flask"], found["one read"]),
        at_least=0.8,
    )
    keep(f"{work}, p99", "one primary-key read behind Flask", p99, at_most=1.25)
    keep(work, "fixed answer, no database", of(found["ours"], found["fixed"]), at_least=0.38)
    keep(work, "live composition", of(found["ours"], found["live"]), at_least=8)
    keep(f"{work}, CPU", "live composition", cpu, at_most=0.1)
