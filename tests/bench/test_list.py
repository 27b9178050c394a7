"""A page of fifty contacts: beside the least that could do it, at any depth, among any number."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from itertools import pairwise
from urllib.parse import urlencode

import psycopg
import pytest
from tests.bench.conftest import Front
from tests.bench.crowds import Crowd, some_people
from tests.bench.figures import interleaved, keep, ratios
from tests.bench.load import request
from tests.bench.measured import Measured, detail
from tests.bench.serving import serving

from crm_chassis import paging

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
Crowds = Callable[[int], Crowd]
Fronts = Callable[[Crowd, str], AbstractContextManager[Front]]
DEPTH, MILLION = 900_000, 1_000_000
SIZES = (10_000, 100_000, MILLION)
_SAME_QUERY = """
select coalesce(json_agg(body::json), '[]')::text from (
    select r.body from contact c join record r on r.kind = 'contact' and r.id = c.id
    where c.lifecycle = %s and c.archived_at is null
    order by c.created_at desc, c.id desc limit 50
) as page
"""
_AT_DEPTH = """
select created_at, id from contact where archived_at is null
order by created_at desc, id desc offset %s limit 1
"""


def get(front: Front, path: str) -> bytes:
    return request("GET", front.gateway.url + path, token=front.token)


@pytest.mark.parametrize("kind", ["gunicorn", "granian"])
def test_list_of_fifty(kind: str, crowds: Crowds, fronts: Fronts) -> None:
    crowd = crowds(100_000)
    rival = {"RIVAL_PG_URL": crowd.contacts_url, "RIVAL_LIST": _SAME_QUERY}
    path = "/v1/contacts?lifecycle=customer&limit=50"
    with (
        fronts(crowd, kind) as front,
        serving("tests.bench.rivals:list_json", kind, rival) as json_agg,
    ):
        direct = request("GET", f"{json_agg.url}/contacts?lifecycle=customer")
        parts = {
            "gateway": Measured(server=front.gateway, requests=lambda: [get(front, path)]),
            "json_agg": Measured(server=json_agg, requests=lambda: [direct]),
        }
        found = interleaved(parts)

    keep(
        f"list of 50 contacts of a lifecycle among 100,000, through the gateway, {kind}",
        "the same query as json_agg text behind Flask",
        ratios(found["gateway"], found["json_agg"]), at_least=0.5, detail=detail(parts),
    )  # fmt: skip


def test_page_at_depth(crowds: Crowds, fronts: Fronts) -> None:
    crowd = crowds(MILLION)
    with psycopg.connect(crowd.contacts_url) as own:
        at, id_ = own.execute(_AT_DEPTH, (DEPTH,)).fetchone() or (None, None)
    cursor = paging._cursor("-created_at", at, id_)  # what page 18,000 ended with
    with fronts(crowd, "granian") as front:
        deep = "/v1/contacts?" + urlencode({"limit": 50, "cursor": cursor})
        parts = {
            "page 1": Measured(
                server=front.gateway, requests=lambda: [get(front, "/v1/contacts?limit=50")]
            ),
            "at depth": Measured(server=front.gateway, requests=lambda: [get(front, deep)]),
        }
        found = interleaved(parts)

    keep("page of 50 contacts at depth 900,000, time", "page 1",
         ratios(found["page 1"], found["at depth"]), at_most=2, detail=detail(parts))  # fmt: skip


def test_growth(crowds: Crowds, fronts: Fronts) -> None:
    made = {size: crowds(size) for size in SIZES}
    with ExitStack() as stack:
        parts = {}
        for size, crowd in made.items():
            front = stack.enter_context(fronts(crowd, "granian"))
            pages = [get(front, f"/v1/customers/{who[0]}") for who in
                     some_people(crowd.contacts_url, 2_000)]  # fmt: skip
            lists = [get(front, "/v1/contacts?lifecycle=customer&limit=50")]
            parts[f"view of {size}"] = Measured(server=front.gateway, requests=lambda p=pages: p)
            parts[f"list of {size}"] = Measured(server=front.gateway, requests=lambda p=lists: p)
        found = interleaved(parts)

    for what, name in (("view", "customer page"), ("list", "list of 50 contacts")):
        for small, large in pairwise(SIZES):
            times = ratios(found[f"{what} of {small}"], found[f"{what} of {large}"])
            own = {key: part for key, part in parts.items() if key.startswith(what)}
            keep(f"{name} among {large:,} contacts, time", f"among {small:,}", times,
                 at_most=1.3, detail=detail(own))  # fmt: skip
