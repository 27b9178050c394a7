"""What rights cost: somebody with ranges or hidden fields, beside somebody who sees everything."""

import json
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from services.gateway.tests import factories as make
from tests.bench.figures import interleaved, keep, ratios
from tests.rights.conftest import an_app

from crm_chassis import ids
from crm_chassis.auth import Principal, Signer
from crm_chassis.rights import of_role
from crm_chassis.testing import keys

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
DEALS, TIMES = 2000, 150
OWN = {"deal": {"read": "own", "update": "own"}}


@pytest.fixture(scope="module")
def sales(database: Callable[[str], str]) -> Any:
    url = database("sales")
    app, engine = an_app("sales", url)
    yield app, url
    engine.dispose()


def asking(app: Any, path: str, headers: dict[str, str]) -> Callable[[], float]:
    client = app.test_client()

    def ask() -> float:
        began = time.perf_counter()
        for _ in range(TIMES):
            assert client.get(path, headers=headers).status_code == 200
        return TIMES / (time.perf_counter() - began)

    return ask


def headers_of(app: Any, url: str, grants: Any, fields: Any) -> dict[str, dict[str, str]]:
    """Headers of a member, of somebody with a range, of somebody from whom a field is hidden."""
    me, made = ids.new(), {}
    signer = Signer(json.dumps(keys("gateway")[0]))
    made["member"] = Principal(actor=f"user:{me}", user_id=me, roles=frozenset({"member"}))
    for name, role, limits in (("own", grants, {}), ("hidden", {"deal": {"read": "all"}}, fields)):
        role_id = str(ids.new())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "insert into role_copy (id, version, grants, fields, special)"
                " values (%s, 1, %s, %s, '{}')",
                (role_id, json.dumps(role), json.dumps(limits)),
            )
        made[name] = Principal(
            actor=f"user:{me}", user_id=me, roles=frozenset({role_id}),
            role_versions=((role_id, 1),),
        )  # fmt: skip
    told = {name: signer.token("sales", who) for name, who in made.items()}
    bearers = {name: {"Authorization": f"Bearer {token}"} for name, token in told.items()}
    owner = {"owner_id": str(me)}
    for start in range(0, DEALS, 500):
        operations = [
            {"op": "create", "body": {"name": f"Deal {n}", **(owner if n % 10 == 0 else
             {"owner_id": str(ids.new())})}}
            for n in range(start, start + 500)
        ]  # fmt: skip
        answer = app.test_client().post(
            "/v1/deals/batch", json={"operations": operations}, headers=bearers["member"]
        )
        assert answer.status_code == 207
    return bearers


def test_lists_and_records(sales: Any) -> None:
    app, url = sales
    bearers = headers_of(app, url, OWN, {"deal": {"amount": "hidden"}})
    deal = app.test_client().get("/v1/deals?limit=1", headers=bearers["own"]).json["items"][0]
    for work, path in (
        ("list of 50", "/v1/deals?limit=50"),
        ("one record", f"/v1/deals/{deal['id']}"),
    ):
        found = interleaved({name: asking(app, path, given) for name, given in bearers.items()})
        for name in ("own", "hidden"):
            keep(f"{work}, {name}", "a member's", ratios(found[name], found["member"]),
                 at_least=0.4, detail=f"{DEALS} deals, a tenth one's own")  # fmt: skip


def test_customer_page(database: Callable[[str], str]) -> None:
    from crm_gateway.view import ViewFolder
    from crm_gateway.view.shapes import all_sources

    url = database("gateway")
    app, engine = an_app("gateway", url)
    viewer, me, marta = app.extensions["view"], ids.new(), make.contact()
    deals = [make.deal(marta.id, owner_id=me if n % 2 else ids.new()) for n in range(40)]
    tickets = [make.ticket(marta.id) for _ in range(40)]
    with psycopg.connect(url) as connection:
        ViewFolder(all_sources()).fold(
            connection, [make.item(e) for e in (marta, *deals, *tickets)]
        )
    grants = {"contact": {"read": "all"}, "ticket": {"read": "all"}, **OWN}
    member = Principal(actor=f"user:{me}", user_id=me, roles=frozenset({"member"}))
    own = Principal(
        actor=f"user:{me}", user_id=me, roles=frozenset({"x"}), grants=of_role(grants, {}, ())
    )

    def reading(who: Principal) -> Callable[[], float]:
        def read() -> float:
            began = time.perf_counter()
            for _ in range(TIMES):
                stored = viewer.stored(marta.id)
                assert viewer.seen_by(who, marta.id, stored).known
            return TIMES / (time.perf_counter() - began)

        return read

    found = interleaved({"member": reading(member), "own": reading(own)})
    keep("customer composed for a viewer", "ready bytes", ratios(found["own"], found["member"]),
         at_least=0.02, detail="40 deals, half one's own, 40 tickets")  # fmt: skip
    engine.dispose()
