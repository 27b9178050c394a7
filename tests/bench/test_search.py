"""GET /v1/search among a million contacts, beside ILIKE over the same table without an index."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from statistics import median
from urllib.parse import quote

import pytest
from tests.bench.conftest import Front
from tests.bench.crowds import Crowd, some_people
from tests.bench.figures import interleaved, keep, ratios
from tests.bench.load import request
from tests.bench.measured import Measured, detail
from tests.bench.serving import Server, serving

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
MILLION, PEOPLE = 1_000_000, 500
_UNINDEXED = "options=-c%20enable_bitmapscan%3Doff%20-c%20enable_indexscan%3Doff"


def misspelt(name: str) -> str:
    """Return a name with two letters of its middle exchanged and its last but one left out."""
    middle = len(name) // 2
    return name[: middle - 1] + name[middle] + name[middle - 1] + name[middle + 1 : -2] + name[-1]


def test_search(
    crowds: Callable[[int], Crowd], fronts: Callable[..., AbstractContextManager[Front]]
) -> None:
    crowd = crowds(MILLION)
    people = some_people(crowd.contacts_url, PEOPLE)
    sought = {
        "exact": [email for _, _, _, email in people],
        "prefix": [last[:4] for _, _, last, _ in people],
        "words": [f"{first} {last}" for _, first, last, _ in people],
        "typo": [f"{first} {misspelt(last)}" for _, first, last, _ in people],
    }
    url = f"{crowd.gateway_url}?{_UNINDEXED}"
    with (
        fronts(crowd, "granian") as front,
        serving("tests.bench.rivals:ilike", "granian", {"RIVAL_PG_URL": url}) as ilike,
    ):
        parts = {
            name: asking(front.gateway, [f"/v1/search?q={quote(text)}" for text in texts], front)
            for name, texts in sought.items()
        }
        scanned = [f"/found?q={quote(last)}" for _, _, last, _ in people]
        parts["ilike"] = asking(ilike, scanned, front, seconds=8)
        interleaved(parts)

    work = "search among 1,000,000 contacts"
    for name in ("exact", "prefix", "words"):
        keep(f"{work}, {name}, p99", "-", parts[name].p99, at_most=5, unit="ms")
    keep(f"{work}, typo, p99", "ILIKE over the same table without an index",
         ratios(parts["typo"].p99, parts["ilike"].p99), at_most=1 / 16,
         detail=f"{detail(parts)}; typo p50 {median(load.p50 for load in parts['typo'].loads):.1f} ms"
    )  # fmt: skip


def asking(server: Server, paths: Sequence[str], front: Front, *, seconds: float = 3) -> Measured:
    """One connection asks in turn: what a search takes, not how many fit beside each other."""
    asked = [request("GET", server.url + path, token=front.token) for path in paths]
    return Measured(server=server, requests=lambda: asked, seconds=seconds, connections=1)
