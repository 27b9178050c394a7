"""Every published sample is taken by whoever consumes it: copies, reactions, the view."""

import importlib
import inspect
import subprocess
import sys
from typing import Any

import psycopg
import pytest

import crm_contracts as contracts
from crm_chassis import clock, db
from crm_chassis.project import CopyFolder
from crm_chassis.project.projector import item_of
from crm_contracts.base import facts_of

SERVICES = ("contacts", "sales", "marketing", "support", "gateway")
COPIES = [
    pytest.param(service, copy, id=f"{service}-{copy.table}")
    for service in SERVICES
    for copy in importlib.import_module(f"crm_{service}.copies").COPIES
]
REACTIONS = [
    pytest.param(service, method, fact, id=f"{service}-{fact.type}")
    for service in SERVICES
    for _, function in inspect.getmembers(
        importlib.import_module(f"crm_{service}.worker").Worker, inspect.isfunction
    )
    for fact, method, _ in [getattr(function, "crm_reaction", (None, None, None))]
    if fact is not None
]


@pytest.fixture(scope="module")
def urls(database: Any) -> dict[str, str]:
    return {service: database(service) for service in SERVICES}


@pytest.mark.integration
@pytest.mark.parametrize(("service", "copy"), COPIES)
def test_copies_fold_every_sample(urls: dict[str, str], service: str, copy: Any) -> None:
    samples = [contracts.sample(fact) for fact in facts_of(copy.of)]

    with psycopg.connect(urls[service], autocommit=True) as connection:
        for fact in samples:
            CopyFolder(copy).fold(connection, [item_of(contracts.encode(fact))])
        kept = connection.execute(f"select id, version from {copy.table} where version > 0")
        found = dict(kept.fetchall())

    newest = {fact.subject: fact.subject_version for fact in sorted(samples, key=_version)}
    assert {id_: found.get(id_) for id_ in newest} == newest


@pytest.mark.integration
@pytest.mark.parametrize(("service", "method", "fact"), REACTIONS)
def test_reactions_take_the_published_sample(
    urls: dict[str, str], service: str, method: Any, fact: Any
) -> None:
    sample = contracts.decode(contracts.encode(contracts.sample(fact)))
    engine = db.engine(urls[service], pool_size=1, application="test")
    context = db.Context(actor=f"service:{service}", causation_id=sample.id, hops=1)

    for _ in range(2):
        with db.transaction(db.sessions(engine), context) as session:
            method(None, session, sample, clock.now())
    engine.dispose()


def test_every_service_that_listens_is_looked_at() -> None:
    listening = {each.values[0] for each in REACTIONS}

    assert listening == set(SERVICES)


def test_schemas_samples_and_pages_are_as_committed() -> None:
    words = [sys.executable, "-m", "crm_contracts", "check"]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def _version(fact: Any) -> int:
    return int(fact.subject_version)
