"""The decorators of worker.py: `@listen.to(Fact)` and `@listen.every(seconds=…)`."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import eventlet
from nameko.extensions import Entrypoint
from sqlalchemy import text

from crm_chassis import clock, db, inbox, logs
from crm_chassis.listen.reader import Reader
from crm_contracts import Fact

log = logs.get(__name__)


class Reaction(Entrypoint):
    """Calls a worker method for each delivery of one fact's queue."""

    reader = Reader()

    def __init__(self, fact: type[Fact[Any]], *, bulk: bool = False, **options: Any) -> None:
        """`bulk`: also the facts of imports and recomputes."""
        super().__init__(**options)
        self.fact, self.bulk = fact, bulk

    @property
    def handler(self) -> inbox.Handler:
        """Return the reaction as the inbox knows it."""
        service = self.container.service_name
        return handler_of(service, self.fact, _nothing, bulk=self.bulk)

    def setup(self) -> None:
        """Let the reader know the queue."""
        self.reader.register_provider(self)

    def stop(self) -> None:
        """Leave the queue; what is being handled is finished and acknowledged."""
        self.reader.unregister_provider(self)

    def deliver(self, body: bytes, settled: Callable[[bool], None]) -> None:
        """Hand a body to a worker; `settled(True)` when it is dealt with."""

        def finish(_context: Any, result: Any = None, exc_info: Any = None) -> tuple[Any, Any]:
            settled(exc_info is None)
            return result, exc_info

        self.container.spawn_worker(self, (body,), {}, handle_result=finish)


class Every(Entrypoint):
    """Calls a worker method again and again, in one replica at a time."""

    def __init__(self, *, seconds: float, **options: Any) -> None:
        """`seconds` between the end of one run and the next."""
        super().__init__(**options)
        self.seconds = seconds
        self._stopping = eventlet.event.Event()

    def start(self) -> None:
        """Begin on a greenlet of its own."""
        self.container.spawn_managed_thread(self._loop, identifier=self.method_name)

    def stop(self) -> None:
        """End before the next run."""
        if not self._stopping.ready():
            self._stopping.send(None)

    def _loop(self) -> None:
        while self._stopping.wait(timeout=self.seconds) is None and not self._stopping.ready():
            done = eventlet.event.Event()

            def finish(
                _context: Any, result: Any = None, exc_info: Any = None, done: Any = done
            ) -> tuple[Any, Any]:
                done.send(None)
                return result, exc_info

            self.container.spawn_worker(self, (), {}, handle_result=finish)
            done.wait()


def to(fact: type[Fact[Any]], *, bulk: bool = False) -> Callable[[Any], Any]:
    """Decorate `(self, session, fact, now)`: called once per fact, in a transaction of its own."""

    def decorate(method: Callable[..., None]) -> Any:
        @functools.wraps(method)
        def deliver(self: Any, body: bytes) -> None:
            def react(session: Any, fact: Any, now: datetime) -> None:
                method(self, session, fact, now)

            runtime = self.runtime
            handler = handler_of(runtime.service, fact, react, bulk=bulk)
            outcome = inbox.receive(
                runtime.sessions,
                handler,
                body,
                rest=runtime.rest,
                unready=functools.partial(runtime.note, handler.name),
            )
            runtime.judge(handler.name, outcome)

        deliver.crm_reaction = (fact, method, bulk)  # type: ignore[attr-defined]
        return Reaction.decorator(fact, bulk=bulk)(deliver)

    return decorate


def every(*, seconds: float) -> Callable[[Any], Any]:
    """Decorate `(self, sessions, now)`: called by a clock, never twice at once over all replicas."""

    def decorate(method: Callable[..., None]) -> Any:
        @functools.wraps(method)
        def tick(self: Any) -> None:
            try:
                run_alone(self.runtime, method.__name__, functools.partial(method, self))
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                db.report(log, "timer failed", error, timer=method.__name__)

        return Every.decorator(seconds=seconds)(tick)

    return decorate


def run_alone(runtime: Any, name: str, work: Callable[[Any, datetime], None]) -> None:
    """Run `work(sessions, now)` if no other replica is at it."""
    with runtime.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        key = {"key": f"timer {name}"}
        if connection.scalar(text("select pg_try_advisory_lock(hashtextextended(:key, 0))"), key):
            try:
                work(runtime.sessions, clock.now())
            finally:
                connection.execute(
                    text("select pg_advisory_unlock(hashtextextended(:key, 0))"), key
                )


def handlers_of(worker: type, service: str) -> list[inbox.Handler]:
    """Return the reactions of a worker class, for retries and reconciliation."""
    found = []
    for name in dir(worker):
        declared = getattr(getattr(worker, name), "crm_reaction", None)
        if declared:
            fact, method, bulk = declared
            react = functools.partial(_on_new_worker, worker, method)
            found.append(handler_of(service, fact, react, bulk=bulk))
    return found


def handler_of(
    service: str, fact: type[Fact[Any]], react: Callable[..., None], *, bulk: bool
) -> inbox.Handler:
    """Return the handler; its name carries no version, so that v2 repeats nothing."""
    name = f"{service}.on.{fact.type.rpartition('.v')[0]}"
    return inbox.Handler(name=name, service=service, fact=fact, react=react, bulk=bulk)


def _on_new_worker(
    worker: type, method: Callable[..., None], session: Any, fact: Any, now: datetime
) -> None:
    method(worker(), session, fact, now)


def _nothing(_session: Any, _fact: Any, _now: datetime) -> None:
    raise AssertionError
