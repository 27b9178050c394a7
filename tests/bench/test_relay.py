"""The relay beside one publisher confirm per message, to the same quorum queue."""

import time
import uuid
from typing import Any

import pika
import pytest
from tests.bench.figures import interleaved, keep, ratios

from crm_chassis.broker import Message, Publisher
from crm_chassis.testing import Servers

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
PIPELINED, ONE_BY_ONE, BATCH = 10_000, 1_000, 500
BODY = b'{"data": "' + b"x" * 1000 + b'"}'


@pytest.fixture
def queue(servers: Servers) -> Any:
    """Yield the name of a quorum queue bound to an exchange of the same name."""
    name = f"bench.{uuid.uuid4().hex[:8]}"
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        channel = connection.channel()
        channel.exchange_declare(name, "topic", durable=True)
        channel.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(name, name, "#")
        yield name
        channel.queue_delete(name)
        channel.exchange_delete(name)


def test_relay(servers: Servers, queue: str) -> None:
    publisher = Publisher(servers.amqp_url, name="bench")
    publisher.open()
    connection = pika.BlockingConnection(pika.URLParameters(servers.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()

    def pipelined() -> float:
        started = time.perf_counter()
        for _ in range(PIPELINED // BATCH):
            batch = [
                Message(exchange=queue, routing_key="a.b.c.v1", message_id=str(n), body=BODY)
                for n in range(BATCH)
            ]
            assert len(publisher.publish(batch)) == BATCH
        return PIPELINED / (time.perf_counter() - started)

    def one_by_one() -> float:
        started = time.perf_counter()
        for number in range(ONE_BY_ONE):
            properties = pika.BasicProperties(message_id=str(number), delivery_mode=2)
            channel.basic_publish(queue, "a.b.c.v1", BODY, properties, mandatory=True)
        return ONE_BY_ONE / (time.perf_counter() - started)

    found = interleaved({"pipelined": pipelined, "one by one": one_by_one})
    connection.close()
    publisher.close()

    detail = ", ".join(f"{name} {sum(rates) / len(rates):.0f}/s" for name, rates in found.items())
    values = ratios(found["pipelined"], found["one by one"])
    keep("relay's publishing", "one confirm per message", values, at_least=10, detail=detail)
