"""GET /v1/customers/{id} beside one primary-key read, a fixed answer, and live composition."""

from contextlib import ExitStack

import psycopg
import pytest
from tests.bench.conftest import Serving
from tests.bench.figures import interleaved, keep, ratios
from tests.bench.load import request
from tests.bench.measured import Measured, detail
from tests.running import Platform

from crm_chassis import ids
from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def customer(whole_platform: Platform) -> str:
    """Return the path of a customer whose page has about 4 KB."""
    platform = whole_platform
    contact = platform.contact()
    deal = platform.deal(contact)
    path = f"/v1/customers/{contact['id']}"

    def shown() -> int:
        deals = platform.section(contact["id"], "sales", "deals")
        return int(deals[0]["version"]) if deals else 0

    wait_until(shown, timeout=30)
    while len(platform.once("GET", path).content) < 3700:
        version = platform.api.get(f"/v1/deals/{deal['id']}")["version"]
        change = {"next_step": "x" * 200}
        deal = platform.api.patch(f"/v1/deals/{deal['id']}", change, version=version)
        wait_until(lambda v=deal["version"]: shown() == v)
    return path


@pytest.mark.parametrize("kind", ["gunicorn", "granian"])
def test_customer_page(
    kind: str,
    whole_platform: Platform,
    customer: str,
    ours: Serving,
    rival: Serving,
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
        asked = {
            "ours": (gateway, request("GET", gateway.url + customer, token=token)),
            "inside Flask": (
                gateway,
                request("GET", gateway.url + customer, token=token, X_Request_Id="bench-0001"),
            ),
            "one read": (one_read, request("GET", f"{one_read.url}/pages/{page}")),
            "fixed": (fixed, request("GET", fixed.url + "/")),
            "live": (
                gateway,
                request("GET", f"{gateway.url}{customer}?consistency=live", token=token),
            ),
        }
        parts = {
            name: Measured(server=server, requests=lambda r=made: [r])
            for name, (server, made) in asked.items()
        }
        found = interleaved(parts)

    work, beside = (
        f"customer page of {len(body)} bytes, {kind}",
        "one primary-key read behind Flask",
    )
    keep(work, beside, ratios(found["ours"], found["one read"]), at_least=1.0, detail=detail(parts))
    keep(
        f"{work}, inside Flask",
        beside,
        ratios(found["inside Flask"], found["one read"]),
        at_least=0.8,
    )
    keep(f"{work}, p99", beside, ratios(parts["ours"].p99, parts["one read"].p99), at_most=1.25)
    keep(work, "fixed answer, no database", ratios(found["ours"], found["fixed"]), at_least=0.38)
    keep(work, "live composition", ratios(found["ours"], found["live"]), at_least=8)
    keep(
        f"{work}, CPU",
        "live composition",
        ratios(parts["ours"].cpu, parts["live"].cpu)[1:],
        at_most=0.1,
    )
