"""Reading one queue and folding it: whole batches in one transaction, the culprit parked alone."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any

import orjson
import psycopg

import crm_contracts as contracts
from crm_chassis import clock, crashpoints, db, inbox, logs, metrics, tracing
from crm_chassis.broker import BrokerAway, Consumer, Delivery
from crm_chassis.project import continuity
from crm_chassis.project.filling import Filling
from crm_chassis.project.items import Folder, Item, NotYetMigrated, item_of

RETRY_EVERY = timedelta(seconds=5)
SILENT_SECONDS = 5.0
BIND_SECONDS = 60.0
_STATEMENT_SECONDS = 15
_OPTIONS = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}
# What a message can do to us, be it in its shape or in the functions that read its record.
_CULPABLE = (
    contracts.ContractError,
    psycopg.Error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
)
log = logs.get(__name__)


class Projector:
    """One queue, one folder, one connection to each server; runs in a thread of its own."""

    def __init__(
        self,
        folder: Folder,
        *,
        queue: str,
        bindings: Iterable[tuple[str, str]],
        database_url: str,
        amqp_url: str,
        resync: Callable[[Folder], None],
    ) -> None:
        """`resync` fills the folder from its sources; it runs whenever the queue is new."""
        self.queue = queue
        self._folder = folder
        self._database_url = database_url
        self._consumer = Consumer(amqp_url, queue, bindings)
        self._filling = Filling(queue, partial(resync, folder), self._connect)
        self._is_broken = False
        self._next_retry = clock.now()
        self._bound_at = self._heard_at = time.monotonic()
        self.state = "starting"

    def check(self) -> str | None:
        """Return why this projector is not at work."""
        return None if self.state == "folding" else self.state

    def run(self, stop: threading.Event) -> None:
        """Fold until `stop`; faults of broker and database are waited out."""
        while not stop.is_set():
            try:
                self._prepare()
                self._read(stop)
            except (BrokerAway, NotYetMigrated, psycopg.Error) as error:
                self.state = f"waiting: {error}"
                log.warning("projector waits", extra={"queue": self.queue, "cause": repr(error)})
                stop.wait(1.0)
        self._consumer.close()

    def _prepare(self) -> None:
        is_new = self._consumer.is_new()
        with self._connect() as connection:
            self._filling.mark(connection, is_new=is_new)
            if is_new:
                continuity.forget(connection, self.queue)
            self._consumer.start()
            self._filling.begin(connection)

    def _read(self, stop: threading.Event) -> None:
        with self._connect() as connection:
            self.state = "folding"
            while not stop.is_set():
                batch = self._consumer.batch(wait=0.5)
                if batch:
                    self._settle(connection, batch, stop)
                    crashpoints.reach("copy.after_commit")
                    self._consumer.ack(batch)
                    crashpoints.reach("copy.after_ack")
                    metrics.consumed.labels(metrics.SYSTEM, self.queue).inc(len(batch))
                self._tend(connection)

    def _tend(self, connection: psycopg.Connection[Any]) -> None:
        """Fill again when something went past the queue; now and then bind and retry what is parked."""
        if self._is_broken:
            log.warning("messages went past", extra={"queue": self.queue})
            self._filling.begin(connection)
            self._is_broken = False
        now = clock.now()
        if now >= self._next_retry:
            self._next_retry = now + RETRY_EVERY
            self._bind_again()
            self._retry_parked(connection, now)

    def _bind_again(self) -> None:
        """Bindings go with their exchange, and nobody is told: bind when the producer falls silent.

        Its watermark comes every two seconds while bindings are there; to bind all of them is work
        for the broker.
        """
        now = time.monotonic()
        if now - self._heard_at >= SILENT_SECONDS or now - self._bound_at >= BIND_SECONDS:
            self._consumer.bind()
            self._bound_at = now

    def _settle(
        self, connection: psycopg.Connection[Any], batch: Sequence[Delivery], stop: threading.Event
    ) -> None:
        """Fold a batch, whatever it takes: wait out faults, bisect, park the culprit."""
        since, answers = clock.now(), partial(_answers, connection)
        todo = [batch]
        while todo:
            some = todo.pop()
            try:
                self._fold_together(connection, some)
            except _CULPABLE as error:
                if db.is_infrastructure(error) and not inbox.is_the_messages(since, answers):
                    self._back_off(connection, error, stop)
                    todo.append(some)
                elif len(some) > 1:
                    middle = len(some) // 2
                    todo += [some[middle:], some[:middle]]
                else:
                    self._park(connection, some[0], error)

    def _park(
        self, connection: psycopg.Connection[Any], delivery: Delivery, error: BaseException
    ) -> None:
        with connection.transaction():
            inbox.park(
                connection,
                consumer=self.queue,
                body=delivery.body,
                error=error,
                attempts=inbox.QUICK_TRIES,
                now=clock.now(),
            )

    def _back_off(
        self, connection: psycopg.Connection[Any], error: BaseException, stop: threading.Event
    ) -> None:
        self.state = f"waiting: {type(error).__name__}"
        if connection.closed or stop.is_set():
            raise error
        self._consumer.rest(0.2)
        self.state = "folding"

    def _fold_together(
        self, connection: psycopg.Connection[Any], batch: Sequence[Delivery]
    ) -> None:
        """Fold in one transaction, and tell how long it took and how late it was."""
        began = time.time_ns()
        with (
            metrics.process_seconds.labels(metrics.SYSTEM, self.queue).time(),
            connection.transaction(),
        ):
            items = self._fold(connection, batch)
        now = clock.now()
        origins = [item.origin for item in items if item.origin]
        for origin in origins:
            if not origin.restated:
                late = max((now - origin.at).total_seconds(), 0.0)
                metrics.critical_time.labels(self.queue, origin.type).observe(late)
        tracing.folded(self.queue, origins, began=began)

    def _fold(self, connection: psycopg.Connection[Any], batch: Sequence[Delivery]) -> list[Item]:
        items: list[Item] = []
        marks: list[dict[str, Any]] = []
        for delivery in batch:
            if delivery.routing_key.endswith(".watermark.moved.v1"):
                marks.append(orjson.loads(delivery.body))
            else:
                items.append(item_of(delivery.body))
        crashpoints.reach("copy.before_fold")
        self._folder.fold(connection, items)
        crashpoints.reach("copy.after_fold")
        if marks:
            self._heard_at = time.monotonic()
        newest = {mark["service"]: mark["at"] for mark in sorted(marks, key=itemgetter("at"))}
        for service, at in sorted(newest.items()):
            connection.execute(_WATERMARKED, (service, at))
        if continuity.is_broken(connection, self.queue, marks):
            self._filling.mark(connection, is_new=True)
            self._is_broken = True
        return items

    def _retry_parked(self, connection: psycopg.Connection[Any], now: datetime) -> None:
        for parked_id, body in connection.execute(_DUE, (self.queue, now)).fetchall():
            try:
                with connection.transaction():
                    self._folder.fold(connection, [item_of(bytes(body))])
                    connection.execute(_SETTLED, (now, parked_id))
            except _CULPABLE as error:
                if db.is_infrastructure(error):
                    raise
                connection.execute(inbox.PUT_OFF, inbox.put_off_values(error, parked_id, now=now))

    def _connect(self) -> psycopg.Connection[Any]:
        return db.connect(
            self._database_url,
            application=self.queue,
            statement_seconds=_STATEMENT_SECONDS,
            options=_OPTIONS,
        )


def _answers(connection: psycopg.Connection[Any]) -> bool:
    """Say whether the database does something for us: not when it only lets us wait."""
    try:
        connection.execute("select from parked limit 1")
    except psycopg.Error:
        return False
    return True


_WATERMARKED = """
insert into watermark (service, at) values (%s, %s)
on conflict (service) do update set at = excluded.at where watermark.at < excluded.at
"""
_DUE = """
select id, coalesce(edited, body) from parked
where state = 'waiting' and consumer = %s and next_try_at <= %s order by parked_at limit 100
"""
_SETTLED = "update parked set state = 'done', decided_at = %s, next_try_at = null where id = %s"
