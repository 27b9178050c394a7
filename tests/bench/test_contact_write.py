"""POST /v1/contacts at the service and through the gateway, beside the least that could do it."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import orjson
import pytest
from tests.bench import names
from tests.bench.conftest import Serving, environment
from tests.bench.figures import interleaved, keep, ratios
from tests.bench.load import request
from tests.bench.measured import Measured, detail
from tests.running import SERVICES, Platform

from crm_chassis import auth
from crm_chassis.auth import Principal

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]
MOST = 25_000  # requests made for one round


def bodies() -> Iterator[bytes]:
    """Yield people with names like those of a crowd: some share theirs, none an address."""
    last_names = names.last_names()
    for _ in range(MOST):
        first, last = random.choice(names.FIRST), last_names[_rather_common(len(last_names))]
        email = f"{first}.{last}.{uuid.uuid4().hex}@b.example".lower()
        yield orjson.dumps({"first_name": first, "last_name": last, "emails": [{"value": email}]})


def _rather_common(most: int) -> int:
    return int(most * random.random() * random.random())


def posts(
    url: str, token: Callable[[], str] = str, *, keyed: bool = False
) -> Callable[[], Iterator[bytes]]:
    """Return what makes the requests of a round: no two contacts are alike."""

    def made() -> Iterator[bytes]:
        valid = token()
        for body in bodies():
            key = {"Idempotency_Key": uuid.uuid4().hex} if keyed else {}
            yield request("POST", url, token=valid, body=body, **key)

    return made


@pytest.mark.parametrize("kind", ["gunicorn"])
def test_contact_write(kind: str, whole_platform: Platform, ours: Serving, rival: Serving) -> None:
    measure(kind, whole_platform, ours, rival)


@pytest.mark.parametrize("kind", ["gunicorn"])
def test_contact_write_unfollowed(
    kind: str, whole_platform: Platform, ours: Serving, rival: Serving
) -> None:
    """The same while relays and workers rest: what the write costs, and not what it sets going."""
    followers = [f"roles:{name}-{role}" for name in SERVICES for role in ("relay", "work")]
    whole_platform.stop(*followers)
    try:
        measure(kind, whole_platform, ours, rival, ", followers at rest")
    finally:
        whole_platform.heal()


def measure(
    kind: str, platform: Platform, ours: Serving, rival: Serving, circumstance: str = ""
) -> None:
    settings = environment(platform, "gateway-serve")
    me = Principal(actor="user:bench", user_id=uuid.uuid4(), roles=frozenset({"admin"}))
    with ExitStack() as stack:
        service = stack.enter_context(ours("contacts", kind))
        behind = orjson.loads(settings["CRM_SERVICES"]) | {"contacts": service.url}
        gateway = stack.enter_context(
            ours("gateway", kind, CRM_SERVICES=orjson.dumps(behind).decode())
        )
        statement = stack.enter_context(rival("one_statement", kind))
        orm = stack.enter_context(rival("orm_insert", kind))
        signer, outer = auth.Signer(settings["CRM_SIGNING_KEY"]), platform.api.token
        asked = {
            "service": (
                service,
                posts(
                    f"{service.url}/v1/contacts", lambda: signer.token("contacts", me), keyed=True
                ),
            ),
            "one statement": (statement, posts(f"{statement.url}/contacts")),
            "gateway": (gateway, posts(f"{gateway.url}/v1/contacts", outer, keyed=True)),
            "ORM": (orm, posts(f"{orm.url}/contacts")),
        }
        parts = {
            name: Measured(server=server, requests=made, status="201", seconds=4)
            for name, (server, made) in asked.items()
        }
        found = interleaved(parts)

    beside = "one psycopg statement behind Flask"
    keep(f"POST contact at the service{circumstance}", beside,
         ratios(found["service"], found["one statement"]),
         at_least=0.35, detail=detail(parts))  # fmt: skip
    beside = "ORM insert of contact and outbox behind Flask"
    keep(f"POST contact through the gateway{circumstance}", beside,
         ratios(found["gateway"], found["ORM"]), at_least=0.45)  # fmt: skip
    keep(f"POST contact through the gateway{circumstance}, p99", beside,
         ratios(parts["gateway"].p99, parts["ORM"].p99), at_most=3)  # fmt: skip
