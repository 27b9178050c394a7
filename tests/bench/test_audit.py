"""What the audit trail costs a write and a customer's page (ADR 0056, 0058)."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from services.gateway.tests import factories as make
from tests.bench.figures import interleaved, keep, ratios
from tests.rights.conftest import an_app

from crm_chassis import audit, ids
from crm_chassis.auth import Principal, Signer
from crm_chassis.outbox import telling
from crm_chassis.testing import keys
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
TIMES, CUSTOMERS = 40, 2000  # short rounds, many of them: CRM_BENCH_ROUNDS=30
STATEMENTS = ("_TELL", "_TELL_ONE", "_TELL_ONE_BESIDE")


@pytest.fixture(scope="module")
def contacts(database: Callable[[str], str]) -> Iterator[Any]:
    app, engine = an_app("contacts", database("contacts"))
    yield app
    engine.dispose()


def _unnoted(statement: str) -> str:
    """The same statement without the audit row."""
    start, last = statement.index("), noted as ("), "from valued order by ord\n"
    return statement[:start] + statement[statement.index(last, start) + len(last) :]


def writing(app: Any, *, is_noted: bool, at_once: int = 1) -> Callable[[], float]:
    me = Principal(actor="user:bench", user_id=ids.new(), roles=frozenset({"admin"}))
    token = Signer(json.dumps(keys("gateway")[0])).token("contacts", me)
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    def body() -> dict[str, Any]:
        name = uuid.uuid4().hex
        return {"first_name": "Ada", "last_name": name, "emails": [{"value": f"{name}@b.example"}]}

    def send() -> int:
        key = {**headers, "Idempotency-Key": uuid.uuid4().hex, "X-CRM-Address": "192.0.2.1"}
        if at_once == 1:
            return int(client.post("/v1/contacts", json=body(), headers=key).status_code)
        operations = [{"op": "create", "body": body()} for _ in range(at_once)]
        path, batch = "/v1/contacts/batch", {"operations": operations}
        return int(client.post(path, json=batch, headers=key).status_code)

    def write() -> float:
        times = max(TIMES // at_once, 2)
        with pytest.MonkeyPatch.context() as patch:
            for name in STATEMENTS if not is_noted else ():
                patch.setattr(telling, name, _unnoted(getattr(telling, name)))
            began = time.perf_counter()
            assert {send() for _ in range(times)} <= {201, 207}
            return times / (time.perf_counter() - began)

    return write


@pytest.mark.parametrize("at_once", [1, 200])
def test_a_write(contacts: Any, at_once: int) -> None:
    found = interleaved({
        "noted": writing(contacts, is_noted=True, at_once=at_once),
        "bare": writing(contacts, is_noted=False, at_once=at_once),
    })  # fmt: skip

    keep(f"contacts written with their audit rows, {at_once} at once", "the same without them",
         ratios(found["noted"], found["bare"]), at_least=0.95)  # fmt: skip


class _Nobody(audit.Looks):
    """Takes no notice."""

    def is_new(self, *_: object) -> bool:
        """Nothing is."""
        return False


@pytest.mark.parametrize("several", [False, True], ids=["the same", "always another"])
def test_a_customers_page(
    database: Callable[[str], str], several: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_gateway.identity import credentials

    url = database("gateway")
    app, engine = an_app("gateway", url)
    fast: Any = app.wsgi_app
    me = Principal(actor="user:bench", roles=frozenset({"admin"}), credential="session:1")
    monkeypatch.setattr(credentials.IdentityVerifier, "principal", lambda *_: me)
    monkeypatch.setattr(fast, "_principal", lambda _: me)
    monkeypatch.setattr(type(fast._limit), "takes", lambda *_: True)
    people = [make.contact() for _ in range(CUSTOMERS)]
    with psycopg.connect(url) as connection:
        for start in range(0, CUSTOMERS, 200):
            some = [make.item(each) for each in people[start : start + 200]]
            ViewFolder(all_sources()).fold(connection, some)
    real, nobody = app.extensions["looks"], _Nobody(None, service="gateway")  # type: ignore[arg-type]

    def reading(looks: audit.Looks) -> Callable[[], float]:
        def read() -> float:
            fast._reads._looks = looks
            real._seen.clear()
            began = time.perf_counter()
            for number in range(CUSTOMERS):
                path = f"/v1/customers/{people[number if several else 0].id}"
                environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.1"}
                assert b"".join(fast(environ, lambda *_: None))
            return CUSTOMERS / (time.perf_counter() - began)

        return read

    found = interleaved({"noted": reading(real), "bare": reading(nobody)})

    real.close()
    app.extensions["view"].read(lambda connection: connection.close())
    engine.dispose()
    what = "always another" if several else "the same"
    keep(f"customer page in front of Flask, noted, {what}", "the same, not noted",
         ratios(found["noted"], found["bare"]), at_least=0.7 if several else 0.95)  # fmt: skip
