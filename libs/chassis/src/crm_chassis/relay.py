"""From the outbox to the broker: one leader per service, pipelined confirms, nothing twice on purpose.

The leader locks, selects and marks on one direct database session: losing that session is losing
the leadership. What was sent but not yet marked is sent again; listeners expect repeats.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import psycopg

import crm_contracts as contracts
from crm_chassis import audit, clock, crashpoints, db, ids, logs, metrics, tracing
from crm_chassis.broker import BrokerAway, Message, Publisher

BATCH = 500
WATERMARK_SECONDS = 2.0
_SHORTEST_WAIT, _LONGEST_WAIT = 0.005, 1.0
# Having found nothing for 35 ms we ask for notices; finding something thrice on end, no more.
_IDLE_FROM, _BUSY_FROM = 0.02, 3
_STATEMENT_SECONDS = 5
_OPTIONS = {"lock_timeout": "5s", "idle_session_timeout": "10s"}
_START = (False, 0)
log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    id: UUID
    type: str
    bulk: bool
    body: str


class Relay:
    """Sends one service's outbox for as long as `run` runs."""

    def __init__(self, service: str, *, database_url: str, amqp_url: str) -> None:
        """Connections are opened by `run`."""
        self._service = service
        self._database_url = database_url
        self._publisher = Publisher(amqp_url, name=f"{service}.relay")
        self._last_watermark = 0.0
        # A batch that nobody wants is passed by until the next round, and not waited on.
        self._behind, self._newest = _START, 0
        self._asks_notice = False
        self.state = "starting"

    def check(self) -> str | None:
        """Return why this relay is not at work, None when it leads or stands by."""
        return None if self.state in {"leading", "standing by"} else self.state

    def run(self, stop: threading.Event) -> None:
        """Lead or stand by until `stop`; faults of database and broker are waited out."""
        while not stop.is_set():
            try:
                with db.connect(
                    self._database_url,
                    application=f"{self._service}.relay",
                    statement_seconds=_STATEMENT_SECONDS,
                    options=_OPTIONS,
                ) as session:
                    self._stand_by(session, stop)
            except (psycopg.Error, BrokerAway, OSError) as error:
                self.state = f"waiting: {type(error).__name__}"
                log.warning("relay waits", extra={"cause": repr(error)})
                stop.wait(random.uniform(0.2, 1.0))  # noqa: S311 - jitter
            finally:
                for gauge in (
                    metrics.relay_leader, metrics.outbox_depth, metrics.outbox_oldest_seconds,
                ):  # fmt: skip
                    gauge.set(0)  # only who leads knows them
        with suppress(BrokerAway):
            self._publisher.close()

    def _stand_by(self, session: psycopg.Connection[Any], stop: threading.Event) -> None:
        statement = "select pg_try_advisory_lock(hashtextextended('relay', 0))"
        while not stop.is_set():
            if session.execute(statement).fetchone() == (True,):
                self._publisher.open()
                self._lead(session, stop)
                return
            self.state = "standing by"
            stop.wait(1.0)

    def _lead(self, session: psycopg.Connection[Any], stop: threading.Event) -> None:
        self.state = "leading"
        metrics.relay_leader.set(1)
        session.execute("listen outbox")
        self._asks_notice = False
        wait, in_a_row, sealing = _SHORTEST_WAIT, 0, audit.Sealing()
        while not stop.is_set():
            self._watermark(session)
            sent = self.send(session)
            in_a_row = in_a_row + 1 if sent else 0
            if in_a_row == _BUSY_FROM:
                self._ask_notice(session, wanted=False)
            sealed = sealing.run(session)
            is_busy = sent or sealed or self._behind != _START
            wait = _SHORTEST_WAIT if is_busy else min(wait * 2, _LONGEST_WAIT)
            if not sent:
                self._rest(session, wait)

    def send(self, session: psycopg.Connection[Any]) -> int:
        """Send one batch; return how many facts were confirmed and marked."""
        rows = [_Row(*row) for row in session.execute(_UNSENT, (*self._behind, BATCH))]
        if rows:
            crashpoints.reach("relay.before_publish")
        confirmed = self._publish(rows)
        if confirmed:
            crashpoints.reach("relay.after_publish")
            self._mark(session, [rows[index] for index in sorted(confirmed)])
        is_held_up = len(confirmed) < len(rows) == BATCH
        self._behind = (rows[-1].bulk, rows[-1].seq) if is_held_up else _START
        self._newest = max([self._newest, *(row.seq for row in rows)])
        return len(confirmed)

    def _publish(self, rows: Sequence[_Row]) -> set[int]:
        if not rows:
            return set()
        began = time.time_ns()
        with metrics.publish_seconds.labels(metrics.SYSTEM, "publish").time():
            confirmed = self._publisher.publish([self._message(row) for row in rows])
        told = Counter(self._exchange(rows[index]) for index in confirmed)
        for exchange, number in told.items():
            metrics.sent.labels(metrics.SYSTEM, exchange).inc(number)
        if tracing.is_on():
            for index in confirmed:
                row = rows[index]
                fact = contracts.envelope(row.body.encode())
                tracing.published(self._exchange(row), [fact], began=began)
        return confirmed

    def _mark(self, session: psycopg.Connection[Any], rows: Sequence[_Row]) -> None:
        session.execute(_MARK, (clock.now(), [row.seq for row in rows]))
        crashpoints.reach("relay.after_mark")

    def _message(self, row: _Row) -> Message:
        return Message(
            exchange=self._exchange(row),
            routing_key=row.type,
            message_id=str(row.id),
            body=row.body.encode(),
        )

    def _exchange(self, row: _Row) -> str:
        return f"{self._service}.{'bulk' if row.bulk else 'events'}"

    def _watermark(self, session: psycopg.Connection[Any]) -> None:
        now = clock.now()
        if now.timestamp() - self._last_watermark < WATERMARK_SECONDS:
            return
        oldest, depth, before = session.execute(_OLDEST).fetchone() or (None, 0, None)
        metrics.outbox_depth.set(depth)
        metrics.outbox_oldest_seconds.set((now - oldest).total_seconds() if oldest else 0)
        at = min(oldest or now, now).isoformat()
        mark = {"service": self._service, "at": at, "before": before}
        message = Message(
            exchange=f"{self._service}.events",
            routing_key=f"{self._service}.watermark.moved.v1",
            message_id=str(ids.new()),
            body=orjson.dumps(mark),
            mandatory=False,
        )
        self._publisher.publish([message])
        session.execute("update relay_state set told = %s", (at,))
        self._last_watermark = now.timestamp()

    def _rest(self, session: psycopg.Connection[Any], wait: float) -> None:
        """Wait for work: writers notify us while there is little of it, else we look again soon.

        A writer that read `idle` before we set it does not notify: the first waits are short.
        """
        self._publisher.pump()
        if wait >= _IDLE_FROM and not self._asks_notice:
            self._ask_notice(session, wanted=True)
            if session.execute(_NEWER, (self._newest,)).fetchone():
                return
        if self._asks_notice:
            for _ in session.notifies(timeout=wait, stop_after=1):
                pass
        else:
            threading.Event().wait(wait)

    def _ask_notice(self, session: psycopg.Connection[Any], *, wanted: bool) -> None:
        session.execute("update relay_state set idle = %s where idle <> %s", (wanted, wanted))
        self._asks_notice = wanted


_UNSENT = """
select seq, id, type, bulk, body from outbox
where sent_at is null and (bulk, seq) > (%s, %s) order by bulk, seq limit %s
"""
_NEWER = "select 1 from outbox where sent_at is null and seq > %s limit 1"
_MARK = "update outbox set sent_at = %s where seq = any(%s) and sent_at is null"
_OLDEST = """
select min(created_at), count(*), (select told from relay_state) from outbox where sent_at is null
"""
