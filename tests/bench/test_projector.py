"""Folding records in batches beside one transaction for each."""

import time
from collections.abc import Callable

import psycopg
import pytest
from services.gateway.tests import factories as make
from tests.bench.figures import interleaved, keep, ratios

from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
MANY, FEW, BATCH = 2_000, 300, 500


def test_view_projector(database: Callable[[str], str]) -> None:
    folder = ViewFolder(all_sources())
    connection = psycopg.connect(database("gateway"), autocommit=True)

    def folding(number: int, size: int) -> Callable[[], float]:
        def fold() -> float:
            items = [make.item(make.contact()) for _ in range(number)]
            started = time.perf_counter()
            for start in range(0, number, size):
                with connection.transaction():
                    folder.fold(connection, items[start : start + size])
            return number / (time.perf_counter() - started)

        return fold

    found = interleaved({"batches": folding(MANY, BATCH), "one by one": folding(FEW, 1)})
    connection.close()

    detail = ", ".join(f"{name} {sum(rates) / len(rates):.0f}/s" for name, rates in found.items())
    values = ratios(found["batches"], found["one by one"])
    keep("view projector", "one transaction per message", values, at_least=5, detail=detail)
