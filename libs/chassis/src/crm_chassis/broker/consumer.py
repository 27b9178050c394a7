"""Reading one queue in batches over one connection, driven by the caller's thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker, ConnectionClosedByBroker

from crm_chassis.broker.unusable import INTERNAL_ERROR, Unusable

_HEARTBEAT_SECONDS = 15
_BLOCKED_SECONDS = 30
_NOT_FOUND = 404


class BrokerAway(Exception):
    """The broker cannot be reached, or what we need there does not exist yet."""


class QueueGone(BrokerAway):
    """The queue was deleted under us."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came."""

    tag: int
    routing_key: str
    body: bytes
    redelivered: bool


def parameters(url: str, *, name: str) -> pika.URLParameters:
    """Return connection parameters whose every wait is bounded."""
    made = pika.URLParameters(url)
    made.heartbeat = _HEARTBEAT_SECONDS
    made.blocked_connection_timeout = _BLOCKED_SECONDS
    made.socket_timeout = made.stack_timeout = 10
    made.connection_attempts = 1
    made.client_properties = {"connection_name": name}
    return made


class Consumer:
    """Takes messages of one queue in batches. Use from one thread.

    It starts with one message at a time and opens the window at the first that was not delivered
    before, so that a message that kills its process is charged alone.
    """

    def __init__(
        self, url: str, queue: str, bindings: Iterable[tuple[str, str]], *, largest: int = 500
    ) -> None:
        """`bindings`: pairs of exchange and routing key."""
        self.queue = queue
        self._parameters = parameters(url, name=queue)
        self._bindings = tuple(bindings)
        self._largest = largest
        self._arrived: list[Delivery] = []
        self._connection: Any = None
        self._channel: Any = None
        self._consumer_tag = ""
        self._wide = False
        self._gone = False
        self._unusable = Unusable()

    def is_new(self) -> bool:
        """Connect, and say whether the queue has yet to be declared. Raises BrokerAway."""
        self.close()
        try:
            self._connection = pika.BlockingConnection(self._parameters)
            self._channel = self._connection.channel()
            if self._unusable.is_lost(self.queue):
                self._channel.queue_delete(self.queue)
            self._channel.queue_declare(self.queue, passive=True)
        except ChannelClosedByBroker as error:
            if error.reply_code != _NOT_FOUND:
                raise BrokerAway(str(error)) from error
            return True
        except (AMQPError, OSError) as error:
            raise BrokerAway(repr(error)) from error
        return False

    def start(self) -> None:
        """Declare, bind and consume; call `is_new` first. Raises BrokerAway."""
        try:
            channel = self._channel = self._connection.channel()
            channel.queue_declare(self.queue, durable=True, arguments={"x-queue-type": "quorum"})
            self.bind()
            channel.add_on_cancel_callback(self._on_cancel)
            self._gone, self._wide, self._arrived = False, False, []
            self._consume(1)
            self._unusable.works()
        except (AMQPError, OSError) as error:
            if isinstance(error, ConnectionClosedByBroker) and error.reply_code == INTERNAL_ERROR:
                self._unusable.failed(self.queue)
            raise BrokerAway(repr(error)) from error

    def bind(self) -> None:
        """Bind, again if it was: bindings go with their exchange, and nobody is told. Raises BrokerAway."""
        try:
            for exchange, key in self._bindings:
                self._channel.queue_bind(self.queue, exchange, key)
        except (AMQPError, OSError) as error:
            raise BrokerAway(repr(error)) from error

    def batch(self, *, wait: float, linger: float = 0.0) -> list[Delivery]:
        """Return what arrives within `wait` seconds, up to `largest`. Raises BrokerAway, QueueGone.

        What has arrived meanwhile comes along; a message alone does not wait for a second one, as
        under load the next ones come while a batch is folded.
        """
        self._pump(wait)
        while 0 < len(self._arrived) < self._largest and self._wide:
            before = len(self._arrived)
            self._pump(linger)
            if len(self._arrived) == before:
                break
        taken, self._arrived = self._arrived[: self._largest], self._arrived[self._largest :]
        return taken

    def ack(self, batch: list[Delivery]) -> None:
        """Acknowledge everything up to the end of `batch`. Raises BrokerAway."""
        try:
            self._channel.basic_ack(batch[-1].tag, multiple=True)
            if not self._wide and not batch[-1].redelivered:
                self._widen()
        except (AMQPError, OSError) as error:
            raise BrokerAway(repr(error)) from error

    def rest(self, seconds: float) -> None:
        """Wait while heartbeats are served. Raises BrokerAway."""
        try:
            self._connection.sleep(seconds)
        except (AMQPError, OSError) as error:
            raise BrokerAway(repr(error)) from error

    def close(self) -> None:
        """Close; unacknowledged messages go back to the queue."""
        connection, self._connection = self._connection, None
        try:
            if connection is not None and connection.is_open:
                connection.close()
        except (AMQPError, OSError):
            pass

    def _consume(self, prefetch: int) -> None:
        self._channel.basic_qos(prefetch_count=prefetch)
        self._consumer_tag = self._channel.basic_consume(self.queue, self._on_message)

    def _widen(self) -> None:
        self._channel.basic_cancel(self._consumer_tag)
        self._wide = True
        self._consume(2 * self._largest)

    def _pump(self, wait: float) -> None:
        try:
            if not self._arrived or self._wide:
                self._connection.process_data_events(time_limit=wait)
        except (AMQPError, OSError) as error:
            raise BrokerAway(repr(error)) from error
        if self._gone:
            raise QueueGone(self.queue)

    def _on_message(self, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        self._arrived.append(
            Delivery(method.delivery_tag, method.routing_key, body, method.redelivered)
        )

    def _on_cancel(self, _frame: Any) -> None:
        self._gone = True
