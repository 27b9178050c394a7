"""Publishing with pipelined confirms over one connection, driven by the caller's thread."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.select_connection import IOLoop
from pika.exceptions import AMQPError
from pika.spec import BasicProperties

from crm_chassis.broker.consumer import BrokerAway, parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: its exchange, routing key, id and body; `mandatory` must reach a queue."""

    exchange: str
    routing_key: str
    message_id: str
    body: bytes
    mandatory: bool = True


class Publisher:
    """Sends batches and tells which the broker has confirmed.

    pika's loop runs only inside `open`, `publish` and `pump`: call one of them at least every
    few seconds, or the heartbeat ends the connection. Use from one thread.
    """

    def __init__(self, url: str, *, name: str) -> None:
        """`name` is the connection's name in the management pages."""
        self._parameters = parameters(url, name=name)
        self._connection: Any = None
        self._channel: Any = None
        self._fault: Exception | None = None
        self._sent: dict[int, int] = {}
        self._confirmed: set[int] = set()
        self._returned: set[str] = set()
        self._next_tag = 1

    def open(self, *, timeout: float = 10.0) -> None:
        """Connect and switch confirms on. Raises BrokerAway."""
        self.close()
        self._fault, self._channel, self._next_tag = None, None, 1
        self._connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=lambda connection: connection.channel(
                on_open_callback=self._on_channel
            ),
            on_open_error_callback=self._on_fault,
            on_close_callback=self._on_fault,
            custom_ioloop=IOLoop(),
        )
        self._run(timeout)
        if self._channel is None:
            self._give_up("the broker did not answer")

    def publish(self, messages: Sequence[Message], *, timeout: float = 10.0) -> set[int]:
        """Return the indexes that were confirmed and reached a queue. Raises BrokerAway.

        After BrokerAway nothing of the batch counts as sent; some of it may have arrived.
        """
        self._sent, self._confirmed, self._returned = {}, set(), set()
        for index, message in enumerate(messages):
            self._sent[self._next_tag] = index
            self._next_tag += 1
            properties = BasicProperties(
                message_id=message.message_id, delivery_mode=2, content_type="application/json"
            )
            self._channel.basic_publish(
                message.exchange,
                message.routing_key,
                message.body,
                properties,
                mandatory=message.mandatory,
            )
        if messages:
            self._run(timeout)
        if self._sent:
            self._give_up("the broker did not confirm in time")
        return {i for i in self._confirmed if messages[i].message_id not in self._returned}

    def pump(self) -> None:
        """Serve heartbeats. Raises BrokerAway when the connection is gone."""
        self._run(0.0)

    def close(self) -> None:
        """Close, waiting a second at most for the broker."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        loop, patience = connection.ioloop, 0.0
        with suppress(AMQPError):
            if not connection.is_closed:
                connection.add_on_close_callback(lambda *_: loop.stop())
                connection.close()
                patience = 1.0
        loop.call_later(patience, loop.stop)
        loop.start()  # also what pika put off: closing its socket
        loop.close()

    def _run(self, timeout: float) -> None:
        loop = self._connection.ioloop
        timer = loop.call_later(timeout, loop.stop)
        loop.start()
        loop.remove_timeout(timer)
        if self._fault is not None:
            self._give_up(str(self._fault))

    def _give_up(self, reason: str) -> None:
        fault, self._fault = self._fault, None
        self.close()
        raise BrokerAway(reason) from fault

    def _on_channel(self, channel: Any) -> None:
        channel.add_on_return_callback(self._on_return)
        channel.add_on_close_callback(self._on_fault)
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._ready(channel))

    def _ready(self, channel: Any) -> None:
        self._channel = channel
        self._connection.ioloop.stop()

    def _on_fault(self, _: Any, error: Exception | str) -> None:
        self._fault = error if isinstance(error, Exception) else ConnectionError(error)
        if self._connection is not None:
            self._connection.ioloop.stop()

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        self._returned.add(properties.message_id)

    def _on_confirm(self, frame: Any) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        settled = [t for t in self._sent if t <= tag] if multiple else [tag]
        for each in settled:
            index = self._sent.pop(each, None)
            if index is not None and frame.method.NAME == "Basic.Ack":
                self._confirmed.add(index)
        if not self._sent:
            self._connection.ioloop.stop()
