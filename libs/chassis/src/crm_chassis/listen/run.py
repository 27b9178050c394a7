"""The `work` role: nameko's runner, our retries, reconciliation, dead letters, housekeeping."""

import signal
import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import eventlet
import eventlet.wsgi
from nameko.runners import ServiceRunner
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.wrappers import Request, Response

from crm_chassis import clock, db, inbox, logs, metrics
from crm_chassis.broker import Unusable
from crm_chassis.listen import chores
from crm_chassis.listen.entrypoints import handlers_of, run_alone
from crm_chassis.records import Peers

WORKERS = 10
_JUDGED, _TOO_MANY_PARKED, _PROBE_SECONDS = 50, 20, 10.0
log = logs.get(__name__)


@dataclass
class Runtime:
    """What reactions and timers run with; one per process."""

    service: str
    engine: Engine
    sessions: sessionmaker[Session]
    amqp_url: str
    peers: Peers
    ops: metrics.Ops
    faults: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, deque[bool]] = field(default_factory=dict)
    probes: dict[str, float] = field(default_factory=dict)
    stopping: bool = False
    reconcile_due: bool = True
    rounds: int = 0  # comparisons of inbox and facts begun so far
    compared: dict[str, dict[str, int]] = field(default_factory=dict)
    next_reconcile: datetime = field(default_factory=clock.now)
    dead_letters: Unusable = field(default_factory=Unusable)

    def rest(self, seconds: float) -> None:
        """Sleep without holding up the others."""
        if self.stopping and seconds > 1:
            raise InterruptedError
        eventlet.sleep(seconds)

    def wait_until(self, predicate: Callable[[], bool]) -> None:
        """Look until it is so."""
        while not predicate():
            eventlet.sleep(0.05)

    def note(self, handler: str, fault: str | None) -> None:
        """Remember what a handler waits for, for readiness."""
        if fault is None:
            self.faults.pop(handler, None)
        else:
            self.faults[handler] = fault

    def judge(self, handler: str, outcome: inbox.Outcome) -> None:
        """Count a delivery; see `may_take`."""
        seen = self.verdicts.setdefault(handler, deque(maxlen=_JUDGED))
        seen.append(outcome is inbox.Outcome.PARKED)
        if outcome is inbox.Outcome.DONE:
            self.probes.pop(handler, None)
            if sum(seen) >= _TOO_MANY_PARKED:
                seen.clear()

    def may_take(self, handler: str) -> bool:
        """Say whether a handler goes on: not when 20 of its last 50 were parked, but for a probe."""
        if sum(self.verdicts.get(handler, ())) < _TOO_MANY_PARKED:
            return True
        now = clock.now().timestamp()
        since = self.probes.setdefault(handler, now)
        if now - since < _PROBE_SECONDS:
            return False
        self.probes[handler] = now
        return True

    def reconcile_soon(self) -> None:
        """Compare inbox and facts at the next tick: a queue turned out to be new."""
        self.reconcile_due = True

    def check(self) -> str | None:
        """Return which handlers wait or have stopped."""
        stopped = dict.fromkeys(self.probes, "too many parked")
        waiting = self.faults | stopped
        return "; ".join(f"{name}: {why}" for name, why in sorted(waiting.items())) or None


def serve_ops(ops: metrics.Ops, host: str, port: int) -> None:
    """Serve the ops port on a greenlet: a thread's poll would hold up the whole process."""
    listener = eventlet.listen((host, port))
    eventlet.spawn(eventlet.wsgi.server, listener, ops, log_output=False)


def run(
    worker: type,
    runtime: Runtime,
    *,
    drain_seconds: float,
    more_chores: Sequence[tuple[str, float, Callable[..., None]]] = (),
) -> None:
    """Run until SIGTERM; handlers under way finish and are acknowledged.

    A chore is (name, seconds between two runs, function of sessions and now).
    """
    warnings.filterwarnings("ignore", module="eventlet")
    worker.runtime = runtime  # type: ignore[attr-defined]
    handlers = handlers_of(worker, runtime.service)
    runtime.ops.checks["handlers"] = runtime.check
    if handlers:  # until the reader says so itself
        runtime.ops.checks["reactions"] = lambda: "starting"
    names = [handler.name for handler in handlers]
    runtime.ops.routes["/internal/reconcile"] = lambda request: _reconcile(runtime, names, request)
    runner = ServiceRunner(_config(runtime))
    runner.add_service(worker)
    stop = eventlet.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None if stop.ready() else stop.send(None))
    runner.start()
    chores = [*_chores(runtime, handlers), *more_chores]
    loops = [eventlet.spawn(_repeat, runtime, *chore) for chore in chores]
    stop.wait()
    runtime.stopping = True
    runtime.ops.draining.set()
    signal.signal(signal.SIGALRM, _leave)
    signal.setitimer(signal.ITIMER_REAL, drain_seconds + 10)
    for loop in loops:
        loop.kill()
    try:
        runner.stop()
    except AssertionError as error:
        log.warning("stopped without the broker", extra={"cause": repr(error)})


def _config(runtime: Runtime) -> Mapping[str, Any]:
    return {
        "AMQP_URI": runtime.amqp_url,
        "crm": runtime,
        "max_workers": WORKERS,
        "DECLARE_EVENT_EXCHANGES": False,
    }


def _chores(runtime: Runtime, handlers: list[inbox.Handler]) -> list[tuple[Any, ...]]:
    return [
        ("retry parked", 5.0, lambda s, now: inbox.retry_due(s, handlers, now=now)),
        ("dead letters", 5.0, lambda s, _: chores.take_dead_letters(runtime, handlers, s)),
        ("housekeeping", 3600.0, chores.keep_house),
        ("reconcile", 2.0, lambda s, now: chores.reconcile(runtime, handlers, s, now=now)),
    ]


def _reconcile(runtime: Runtime, names: Sequence[str], request: Request) -> Response:
    """POST makes a round due; GET tells in which round each handler was last compared to its end."""
    never = {"rounds": 0, "handled": 0}
    if request.method != "POST":
        handlers = {name: runtime.compared.get(name, never) for name in names}
        return metrics.answer({"round": runtime.rounds, "handlers": handlers})
    runtime.reconcile_soon()
    return metrics.answer({"reconcile": "due", "round": runtime.rounds}, 202)


def _repeat(runtime: Runtime, name: str, seconds: float, work: Callable[..., Any]) -> None:
    while not runtime.stopping:
        try:
            run_alone(runtime, name, work)
        except Exception as error:  # noqa: BLE001 - a chore is tried again, whatever failed
            db.report(log, "chore failed", error, chore=name)
        eventlet.sleep(seconds)


def _leave(*_: object) -> None:
    log.warning("left before all was settled; what was not comes again")
    raise SystemExit(0)
