"""What may arrive: everything three times and shuffled, and messages nobody can do anything with."""

import json
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pika
from tests.chaos.faults import Fault
from tests.chaos.stage import SERVICES, Stage

from crm_chassis.testing import wait_until

_MOST_REPEATED = 3000
_OF_ONE_SUBJECT, _PATIENCE = 20, 15.0
_HUGE = 20 * 1024 * 1024
_OUTBOX = "select type, body from outbox where sent_at is not null and not bulk order by seq desc limit %s"


def repeat_all(stage: Stage, service: str) -> None:
    """Deliver the whole outbox of a service three times more, shuffled."""
    with stage.platform.database(service) as own:
        told = own.execute(_OUTBOX, (_MOST_REPEATED,)).fetchall()
    again = told * 3
    stage.dice.shuffle(again)
    publish(stage, service, [(type_, body.encode()) for type_, body in again])


def poison(stage: Stage, _: str) -> None:
    """Send what cannot be read, is of a major nobody knows, is far too long, or makes handlers raise."""
    won = _fact(stage, "sales.deal.won.v1")
    future = json.loads(won) | {"id": str(uuid.uuid4()), "type": "sales.deal.won.v9"}
    broken = json.loads(won) | {"id": str(uuid.uuid4()), "data": {"record": {"id": "?"}}}
    bodies = [b"{not json", b"\xff\xfe\x00", b"x" * _HUGE, as_bytes(future), as_bytes(broken)]
    stage.poisoned |= {future["id"], broken["id"]}
    publish(stage, "sales", [("sales.deal.won.v1", body) for body in bodies])
    answer = json.loads(_fact(stage, "contacts.lead_conversion.answered.v1"))
    unknown = answer | {"id": str(uuid.uuid4())}
    unknown["data"]["record"]["lead_id"] = str(uuid.uuid4())
    stage.poisoned.add(unknown["id"])
    publish(stage, "", [("sales.on.contacts.lead_conversion.answered.v1", as_bytes(unknown))])


def killer(stage: Stage, _: str) -> None:
    """Send a message whose handler kills its process, until the broker gives it up."""
    body = copied(stage, "sales.deal.won.v1")
    stage.poisoned.add(body["id"])
    role = stage.keeper.roles["support-work"]
    point = f"reaction.after_inbox@{body['id']}"
    before = stage.keeper.reached()[point]
    with limited(stage, 3), stage.peace():
        stage.keeper.restart(role.name, extra={"CRM_CRASHPOINT": point})
        publish(stage, "", [("support.on.sales.deal.won.v1", as_bytes(body))])
        try:
            wait_until(lambda: stage.keeper.reached()[point] > before, timeout=60)
            wait_until(
                lambda: parked_as(stage, "support", body["id"]), timeout=90, what="killer parked"
            )
        finally:
            stage.keeper.restart(role.name, extra={})


def one_subject(stage: Stage, _: str) -> None:
    """Send many facts of one deal and of one contact that nobody can write; others are not delayed."""
    with stage.peace():
        stage.keeper.wait_ready(seconds=60)
        deals = [_unwritable(stage, "sales.deal.won.v1", "name") for _ in range(_OF_ONE_SUBJECT)]
        people = [
            _unwritable(stage, "contacts.contact.created.v1", "name")
            for _ in range(_OF_ONE_SUBJECT)
        ]
        publish(stage, "", [("support.on.sales.deal.won.v1", body) for body in deals])
        publish(stage, "", [("sales.copy.contact", body) for body in people])
        waited = _onboarded_after(stage)
        late = [f"an innocent deal waited {waited:.0f} s behind a poisoned one"]
        stage.tally.found("others of a poisoned subject", late if waited > _PATIENCE else [])


def _unwritable(stage: Stage, type_: str, field: str) -> bytes:
    """Return a fact with a value no database takes: it is read well, and fails when it is used."""
    event = copied(stage, type_)
    event["data"]["record"][field] = "N\x00L"
    stage.poisoned.add(event["id"])
    return as_bytes(event)


def _onboarded_after(stage: Stage) -> float:
    """Win a deal of a new contact; return the seconds until support has met it, at most a minute."""
    platform, began = stage.platform, time.monotonic()
    deal = platform.deal(platform.contact())
    platform.api.put(f"/v1/deals/{deal['id']}/win", version=deal["version"])

    def met() -> bool:
        with platform.database("support") as own:
            statement = "select from ticket where origin = %s"
            return own.execute(statement, (f"onboarding:{deal['id']}",)).fetchone() is not None

    with suppress(TimeoutError):
        wait_until(met, timeout=60)
    return time.monotonic() - began


@contextmanager
def limited(stage: Stage, deliveries: int) -> Iterator[None]:
    """Let the broker give up support's messages sooner than it does."""
    definition = {
        "dead-letter-exchange": "crm.dead", "dead-letter-routing-key": "support",
        "dead-letter-strategy": "at-least-once", "overflow": "reject-publish",
        "delivery-limit": deliveries,
    }  # fmt: skip
    policy = {"pattern": r"^support\.on\.sales\.deal\.won.*", "apply-to": "queues", "priority": 10}
    stage.ask_broker("PUT", "/policies/{vhost}/chaos", policy | {"definition": definition})
    try:
        yield
    finally:
        stage.ask_broker("DELETE", "/policies/{vhost}/chaos")


def publish(stage: Stage, service: str, messages: Iterable[tuple[str, bytes]]) -> None:
    """Publish to a service's exchange as an administrator; without one, to the queue of that name."""
    parameters = pika.URLParameters(stage.admin_amqp_url())
    connection = pika.BlockingConnection(parameters)
    try:
        channel = connection.channel()
        for key, body in messages:
            channel.basic_publish(f"{service}.events" if service else "", key, body)
    finally:
        connection.close()


def _fact(stage: Stage, type_: str) -> bytes:
    """Return a fact of a type as it was told."""
    service = type_.partition(".")[0]

    def newest() -> Any:
        with stage.platform.database(service) as own:
            return own.execute(
                "select body from outbox where type = %s order by seq desc limit 1", (type_,)
            ).fetchone()

    return str(wait_until(newest, timeout=60)[0]).encode()


def copied(stage: Stage, type_: str) -> dict[str, Any]:
    """Return the newest fact of a type with an id of its own."""
    return dict(json.loads(_fact(stage, type_)) | {"id": str(uuid.uuid4())})


def parked_as(stage: Stage, service: str, event_id: str) -> str | None:
    """Return the id under which a service parked a fact, None when it did not."""
    with stage.platform.database(service) as own:
        found = own.execute("select id from parked where event_id = %s", (event_id,)).fetchone()
    return str(found[0]) if found else None


def as_bytes(event: dict[str, Any]) -> bytes:
    """Return a fact as it travels, told just now."""
    event["time"] = datetime.now(UTC).isoformat()
    return json.dumps(event).encode()


FAULTS = (
    Fault("messages.repeat_all", repeat_all, SERVICES),
    Fault("messages.poison", poison, cost_seconds=8),
    Fault("messages.one_subject", one_subject, cost_seconds=10),
    Fault("messages.killer", killer, is_in_short_run=False),
)
