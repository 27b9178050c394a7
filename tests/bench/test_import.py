"""An import with all it tells beside the ORM's `add_all`, and a whole platform meanwhile."""

import io
import os
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from tests.bench import orm_import
from tests.bench.figures import interleaved, keep, ratios
from tests.running import Platform

from crm_chassis import clock, db, garbage, ids
from crm_chassis.testing import wait_until
from crm_contacts.commands import imports, jobs
from crm_contacts.model.interchange import ImportSettings
from crm_contacts.schemas.rows import checked

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
A_ROUND = int(os.environ.get("CRM_BENCH_IMPORT_ROUND", "10000"))
MANY = int(os.environ.get("CRM_BENCH_IMPORT", "100000"))
WORKS = jobs.works(checked)
ACTING = {
    "actor": "user:bench", "user_id": None, "roles": ["admin"], "team_ids": [],
    "on_behalf_of": None,
}  # fmt: skip


def table(mark: str, count: int) -> bytes:
    """Return a CSV of people of 200 companies, as an address book exports them."""
    rows = [
        f"Ida,Person{mark}{number},{mark}{number}@i{number % 200}.example,"
        f"+44 20 7946 {number % 10_000:04d},Firm {mark} {number % 200},Baker"
        for number in range(count)
    ]
    header = "First Name,Last Name,Email,Phone,Company,Job Title"
    return "\n".join([header, *rows, ""]).encode()


@pytest.fixture
def engine(database: Callable[[str], str]) -> Iterator[Engine]:
    made = db.engine(database("contacts"))
    garbage.leave_alone()  # as `work` does; the rivals here have it, too
    yield made
    made.dispose()


def imported(engine: Engine) -> float:
    """Import a round's file to its end; return rows per second."""
    sessions, content = db.sessions(engine), table(ids.new().hex[-8:], A_ROUND)
    started = time.perf_counter()
    command = imports.TakeUpImport(
        file=io.BytesIO(content), file_name="bench.csv", settings=ImportSettings(), acting=ACTING,
        owner_id=None, goes_on=True,
    )  # fmt: skip
    with db.transaction(sessions, db.Context(actor="user:bench", source="import")) as session:
        made = imports.take_up_import(session, command, now=clock.now())
    while True:
        jobs.run(sessions, kinds=WORKS)
        with Session(engine) as session:
            found = session.get(type(made), made.id)
            if found is not None and found.status == "completed":
                assert {"rows": A_ROUND, "created": A_ROUND} == found.counts
                return A_ROUND / (time.perf_counter() - started)


def test_import(engine: Engine) -> None:
    found = interleaved({
        "import": lambda: imported(engine),
        "ORM, same tables": lambda: orm_import.same_tables(engine, A_ROUND),
        "ORM, bare tables": lambda: orm_import.bare_tables(engine, A_ROUND),
    })  # fmt: skip

    detail = ", ".join(f"{name} {sum(rates) / len(rates):.0f}/s" for name, rates in found.items())
    for rival in ("ORM, same tables", "ORM, bare tables"):
        values = ratios(found["import"], found[rival])
        keep("import with facts", f"add_all by 1,000: {rival}", values, at_least=5, detail=detail)


def edit_milliseconds(platform: Platform, contact: dict[str, Any]) -> float:
    version = platform.api.get(f"/v1/contacts/{contact['id']}")["version"]
    started = time.perf_counter()
    platform.api.patch(
        f"/v1/contacts/{contact['id']}", {"job_title": str(version)}, version=version
    )
    return (time.perf_counter() - started) * 1000


def shown(platform: Platform, mark: str) -> int:
    with platform.database("gateway") as view:
        row = view.execute(
            "select count(*) from view_record where kind = 'contact' and body::text like %s",
            (f"%Person{mark}%",),
        ).fetchone()
    return int(row[0]) if row else 0


def newest(platform: Platform) -> str:
    """Return the contact that was told last: to count all again and again slows what is measured."""
    with platform.database("contacts") as source:
        query = "select subject from outbox where type like '%contact.created%' order by seq desc limit 1"
        [row] = source.execute(query).fetchall()
    return str(row[0])


def test_a_hundred_thousand_in_the_view(whole_platform: Platform) -> None:
    platform, mark = whole_platform, ids.new().hex[-8:]
    contact = platform.contact()
    before = [edit_milliseconds(platform, contact) for _ in range(40)]
    started = time.perf_counter()
    answer = platform.api.upload(
        "/v1/imports", io.BytesIO(table(mark, MANY)), name="many.csv", settings={}
    )
    job, during = f"/v1/jobs/contacts/{answer.json()['job_id']}", []
    while platform.api.get(job)["status"] not in {"done", "failed"}:
        during.append(edit_milliseconds(platform, contact))
        time.sleep(0.25)
    took = time.perf_counter() - started
    found = platform.api.get(f"/v1/imports/{answer.json()['id']}")["counts"]
    assert {"rows": MANY, "created": MANY} == found
    last = newest(platform)
    wait_until(lambda: platform.row("gateway", "view_record", last), timeout=900)
    wait_until(lambda: shown(platform, mark) == MANY, timeout=60)
    seen = time.perf_counter() - started

    detail = (
        f"imported in {took:.0f} s ({MANY / took:.0f}/s), {seen - took:.0f} s later in the view"
    )
    keep(f"{MANY:,} rows sent until all in the view", "-", [seen], at_most=60, unit="s",
         detail=detail)  # fmt: skip
    detail = f"p50 {median(before):.1f} ms before, {median(during):.1f} ms during"
    keep("live edit during an import", "before it", [median(during) / median(before)],
         at_most=1.2, detail=detail)  # fmt: skip
