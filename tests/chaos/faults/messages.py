"""What may arrive: everything three times and shuffled, and messages nobody can do anything with."""

import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pika
from tests.chaos.faults import Fault
from tests.chaos.stage import SERVICES, Stage

from crm_chassis.testing import wait_until

_MOST_REPEATED = 3000
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
    bodies = [b"{not json", b"\xff\xfe\x00", b"x" * _HUGE, _bytes(future), _bytes(broken)]
    stage.poisoned |= {future["id"], broken["id"]}
    publish(stage, "sales", [("sales.deal.won.v1", body) for body in bodies])
    answer = json.loads(_fact(stage, "contacts.lead_conversion.answered.v1"))
    unknown = answer | {"id": str(uuid.uuid4())}
    unknown["data"]["record"]["lead_id"] = str(uuid.uuid4())
    stage.poisoned.add(unknown["id"])
    publish(stage, "", [("sales.on.contacts.lead_conversion.answered.v1", _bytes(unknown))])


def killer(stage: Stage, _: str) -> None:
    """Send a message whose handler kills its process, until the broker gives it up."""
    body = json.loads(_fact(stage, "sales.deal.won.v1")) | {"id": str(uuid.uuid4())}
    stage.poisoned.add(body["id"])
    role = stage.keeper.roles["support-work"]
    point = f"reaction.after_inbox@{body['id']}"
    before = stage.keeper.reached()[point]
    with limited(stage, 3), stage.peace():
        stage.keeper.restart(role.name, extra={"CRM_CRASHPOINT": point})
        publish(stage, "", [("support.on.sales.deal.won.v1", _bytes(body))])
        try:
            wait_until(lambda: stage.keeper.reached()[point] > before, timeout=60)
            wait_until(lambda: _is_parked(stage, body["id"]), timeout=90, what="killer parked")
        finally:
            stage.keeper.restart(role.name, extra={})


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


def _is_parked(stage: Stage, event_id: str) -> bool:
    with stage.platform.database("support") as own:
        found = own.execute("select from parked where event_id = %s", (event_id,)).fetchone()
    return found is not None


def _bytes(event: dict[str, Any]) -> bytes:
    event["time"] = datetime.now(UTC).isoformat()
    return json.dumps(event).encode()


FAULTS = (
    Fault("messages.repeat_all", repeat_all, SERVICES),
    Fault("messages.poison", poison, cost_seconds=8),
    Fault("messages.killer", killer, is_in_short_run=False),
)
