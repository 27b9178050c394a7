"""One connection that reads all reactions' queues and settles each delivery exactly once."""

import random
import socket
import time
from collections.abc import Callable
from typing import Any

import amqp
import eventlet
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from nameko.extensions import ProviderCollector, SharedExtension

from crm_chassis import crashpoints, logs
from crm_chassis.broker import Unusable

PREFETCH = 10
_HEARTBEAT_SECONDS = 15
_LOOK_SECONDS = 0.5  # between two looks at who leaves or pauses
_BIND_SECONDS = 15.0
_FAULTS = (amqp.AMQPError, OperationalError, OSError)
log = logs.get(__name__)


class _Feed:
    """One queue on a channel of its own, one message at a time until the first fresh one."""

    def __init__(self, provider: Any, reader: "Reader") -> None:
        self.provider, self.reader = provider, reader
        self.queue = provider.handler.queue
        self.wide = self.fresh = False
        self.paused_until = 0.0
        self.channel: Any = None
        self.tag = ""

    def open(self, connection: Any) -> bool:
        """Declare, bind, consume; say whether the queue had to be made."""
        is_new = _is_absent(connection, self.queue)
        self.channel = connection.channel()
        self.channel.queue_declare(
            self.queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"}
        )
        self.bind()
        self.wide = self.fresh = False
        self._consume(1)
        return is_new

    def bind(self) -> None:
        """Bind, again if it was: bindings go with their exchange, and nobody is told."""
        handler = self.provider.handler
        for kind in ("events", "bulk") if handler.bulk else ("events",):
            self.channel.queue_bind(self.queue, f"{handler.producer}.{kind}", handler.fact.type)

    def widen(self) -> None:
        """Open the window once a message came that no process had before."""
        if self.fresh and not self.wide:
            self.wide = True
            self.cancel()
            self._consume(PREFETCH)

    def cancel(self) -> None:
        """Ask for no more messages."""
        if self.tag:
            self.channel.basic_cancel(self.tag)
            self.tag = ""

    def _consume(self, prefetch: int) -> None:
        self.channel.basic_qos(0, prefetch, False)
        self.tag = self.channel.basic_consume(self.queue, callback=self._on_message)

    def _on_message(self, message: Any) -> None:
        self.reader.unsettled += 1
        redelivered = message.delivery_info["redelivered"]

        def settled(dealt_with: bool) -> None:  # noqa: FBT001
            self.reader.unsettled -= 1
            try:
                if dealt_with:
                    message.channel.basic_ack(message.delivery_tag)
                    crashpoints.reach("reaction.after_ack")
                    self.fresh = self.fresh or not redelivered
                else:
                    message.channel.basic_reject(message.delivery_tag, requeue=True)
            except (*_FAULTS, AttributeError):
                log.warning("settled too late", extra={"queue": self.queue})

        body = message.body
        self.provider.deliver(body.encode() if isinstance(body, str) else bytes(body), settled)


class Reader(SharedExtension, ProviderCollector):
    """Keeps a connection for as long as the container runs, whatever the broker does."""

    def __init__(self) -> None:
        """State is filled by `start`."""
        super().__init__()
        self.unsettled = 0
        self.state = "starting"
        self._feeds: dict[Any, _Feed] = {}
        self._leaving: set[Any] = set()
        self._thread: Any = None
        self._missed = False
        self._next_binding = 0.0
        self._unusable = Unusable()

    def start(self) -> None:
        """Connect on a greenlet; a broker that is away is waited for, not died of."""
        if self._thread is None:
            runtime = self.container.config["crm"]
            runtime.ops.checks["reactions"] = self.check
            self._thread = self.container.spawn_managed_thread(self._run, identifier="reader")

    def stop(self) -> None:
        """Wait until the last provider has left and its deliveries are settled."""
        self.wait_for_providers()
        super().stop()

    def unregister_provider(self, provider: Any) -> None:
        """Cancel the provider's consumer; the connection stays until all is settled."""
        self._leaving.add(provider)
        runtime = self.container.config["crm"]
        runtime.wait_until(lambda: provider not in self._feeds or self.state != "reading")
        super().unregister_provider(provider)

    def check(self) -> str | None:
        """Return why this reader is not at work."""
        return None if self.state == "reading" else self.state

    def _run(self) -> None:
        while self._providers - self._leaving or self.unsettled:
            try:
                self._session()
            except _FAULTS as error:
                self._missed = self._missed or isinstance(error, amqp.NotFound)
                self.state = f"waiting: {type(error).__name__}: {error}"
                log.warning("reader waits", extra={"cause": repr(error)})
                eventlet.sleep(random.uniform(0.5, 2.0))  # noqa: S311 - jitter

    def _session(self) -> None:
        runtime = self.container.config["crm"]
        with Connection(  # type: ignore[no-untyped-call]
            runtime.amqp_url, heartbeat=_HEARTBEAT_SECONDS, connect_timeout=5
        ) as connection:
            connection.connect()
            self._feeds = {p: _Feed(p, self) for p in self._providers - self._leaving}
            made = [feed for feed in self._feeds.values() if self._open(feed, connection)]
            self._unusable.works()
            self.state = "reading"
            if made or self._missed:
                runtime.reconcile_soon()
            self._missed = False
            while self._feeds or self.unsettled:
                _drain(connection)
                self._tend()

    def _open(self, feed: _Feed, connection: Any) -> bool:
        """Open a feed, its queue made anew where the broker has not been able to serve it."""
        if self._unusable.is_lost(feed.queue):
            log.warning("unusable queue deleted", extra={"queue": feed.queue})
            connection.channel().queue_delete(feed.queue)
        try:
            return feed.open(connection)
        except amqp.InternalError:
            self._unusable.failed(feed.queue)
            raise

    def _tend(self) -> None:
        for provider in self._leaving & set(self._feeds):
            self._feeds.pop(provider).cancel()
        runtime = self.container.config["crm"]
        is_time = time.monotonic() >= self._next_binding
        self._next_binding = time.monotonic() + _BIND_SECONDS if is_time else self._next_binding
        for feed in self._feeds.values():
            if is_time:
                feed.bind()
            feed.widen()
            _pause_or_resume(feed, runtime.may_take)


def _pause_or_resume(feed: _Feed, may_take: Callable[[str], bool]) -> None:
    """A handler that parks nearly everything stops, and probes one message at a time."""
    if may_take(feed.provider.handler.name):
        if not feed.tag:
            feed.wide = feed.fresh = False
            feed._consume(1)  # noqa: SLF001
    elif feed.tag:
        feed.cancel()


def _drain(connection: Any) -> None:
    connection.heartbeat_check()
    try:
        connection.drain_events(timeout=_LOOK_SECONDS)
    except (TimeoutError, socket.timeout):  # noqa: UP041 - eventlet's differs
        return


def _is_absent(connection: Any, queue: str) -> bool:
    channel = connection.channel()
    try:
        channel.queue_declare(queue, passive=True)
    except amqp.NotFound:
        return True
    channel.close()
    return False
