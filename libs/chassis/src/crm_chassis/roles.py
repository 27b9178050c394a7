"""`python -m crm_<service> serve|relay|project|work|migrate|check`: one image, the role is the command.

Imports stand inside the chosen branch: eventlet is loaded in `work` and nowhere else.
"""

import argparse
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_chassis.metrics import Ops
    from crm_chassis.settings import Deployment

ROLES = ("serve", "relay", "project", "work", "migrate", "check")
_TOGETHER = frozenset({"relay", "project"})
_FAILED = 1
_GRACE_SECONDS = 20.0  # an orchestrator kills after 30


def main(
    service: str,
    arguments: Sequence[str] | None = None,
    *,
    serve: "Callable[[Any, Ops], None] | None" = None,
    projectors: Callable[[Any], list[Any]] | None = None,
    internal: Callable[[Any], dict[str, Any]] | None = None,
    restored: Callable[[Any], None] = lambda _: None,
    compare: Callable[[Any], object] | None = None,
    mails: Callable[[], str] | None = None,
) -> int:
    """Run one role (or relay and project together) of a service; return the exit code.

    `serve`, `projectors` and `internal` replace or add to what a domain service does; `restored` is
    given sessions when the database came back from a backup, before anything is told again;
    `compare` is given the settings now and then to compare with their sources what is no copy;
    `mails` returns the statement for `operations.status` of a service that sends any.
    """
    parser = argparse.ArgumentParser(prog=f"python -m crm_{service}", description=__doc__)
    parser.add_argument("roles", nargs="+", choices=ROLES)
    roles = parser.parse_args(arguments).roles
    if len(roles) > 1 and set(roles) != _TOGETHER:
        parser.error("only relay and project may share a process")
    if roles == ["work"]:
        _patch()
    package = f"crm_{service}"
    settings = importlib.import_module(f"{package}.settings").read()
    from crm_chassis import logs, tracing

    logs.configure(service, "+".join(roles), settings.deployment.log_level)
    tracing.start(service, "+".join(roles))
    if roles == ["migrate"]:
        return _migrate(package, settings.deployment)
    if roles == ["check"]:
        return _check(package, settings.deployment)
    if roles == ["work"]:
        return _work(package, settings, compare, mails and mails())
    if roles == ["serve"]:
        ops = _ops(settings, internal, restored, mails and mails())
        (serve or _serve)(settings, ops)
        return 0
    return _relay_and_project(roles, settings, projectors or _copies)


def migrations_of(package: str) -> Path:
    """Return the folder of a service's migrations, installed or in a checkout."""
    found = importlib.util.find_spec(package)
    home = Path(str(found.origin)).parent if found else Path()
    inside = home / "migrations"
    return inside if inside.is_dir() else home.parents[1] / "migrations"


def _patch() -> None:
    os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")
    import warnings

    warnings.filterwarnings("ignore", category=DeprecationWarning)
    import eventlet

    eventlet.monkey_patch()


def _migrate(package: str, deployment: "Deployment") -> int:
    from crm_chassis import db

    db.migrate(deployment.database_url, migrations_of(package))
    return 0


def _check(package: str, deployment: "Deployment") -> int:
    from crm_chassis import db
    from crm_chassis.broker import BrokerAway, Consumer

    faults = []
    try:
        fault = db.check_head(deployment.database_url, migrations_of(package))
        faults += [f"database: {fault}"] if fault else []
    except Exception as error:  # noqa: BLE001 - whatever is wrong is told
        faults.append(f"database: {error}")
    try:
        probe = Consumer(deployment.amqp_url, f"{deployment.service}.dead", ())
        probe.is_new()
        probe.close()
    except BrokerAway as error:
        faults.append(f"broker: {error}")
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201
    return _FAILED if faults else 0


def _ops(
    settings: Any,
    internal: Callable[[Any], dict[str, Any]] | None,
    restored: Callable[[Any], None],
    mails: str | None,
) -> "Ops":
    from crm_chassis import metrics, operations, records

    deployment = settings.deployment
    ops = metrics.Ops(token=deployment.ops_token)
    ops.routes |= records.routes(deployment.database_url)
    folders = _folders(deployment.service)
    ops.routes |= operations.routes(deployment, folders, restored=restored, mails=mails)
    ops.routes |= internal(settings) if internal else {}
    return ops


def _folders(service: str) -> list[Any]:
    from crm_chassis.project import CopyFolder

    copies = importlib.import_module(f"crm_{service}.copies")
    return [CopyFolder(copy) for copy in copies.COPIES]


def _serve(settings: Any, ops: "Ops") -> None:
    from crm_chassis.web.server import serve

    deployment = settings.deployment
    wsgi = importlib.import_module(f"crm_{deployment.service}.wsgi")
    app, engine = wsgi.create(settings)
    ops.checks["database"] = lambda: reachable(engine)
    engine.dispose()
    serve(app, ops, deployment)


def reachable(engine: Any) -> str | None:
    """Return None when the database answers; raises what it meets."""
    with engine.connect() as connection:
        connection.exec_driver_sql("select 1")
    return None


def _copies(settings: Any) -> list[Any]:
    """Return a projector per copy of a domain service."""
    from crm_chassis.project import Projector
    from crm_contracts import facts_of

    made = []
    for folder in _folders(settings.deployment.service):
        of = folder.copy.of
        patterns = sorted({f"{'.'.join(f.type.split('.')[:2])}.*.v1" for f in facts_of(of)})
        bindings = [(f"{of.service}.{k}", p) for k in ("events", "bulk") for p in patterns]
        bindings.append((f"{of.service}.events", f"{of.service}.watermark.moved.v1"))
        queue = f"{settings.deployment.service}.copy.{of.kind}"
        made.append(
            Projector(folder, queue=queue, bindings=bindings, **projector_options(settings))
        )
    return made


def projector_options(settings: Any) -> dict[str, Any]:
    """Return the connections and the resync every projector of a service shares."""
    from crm_chassis import records

    deployment = settings.deployment
    peers = records.Peers(deployment.peers, ops_token=deployment.ops_token)
    url = deployment.database_url
    return {
        "database_url": url,
        "amqp_url": deployment.amqp_url,
        "resync": lambda folder: records.resync(folder, peers, url),
    }


def _relay_and_project(
    roles: Sequence[str], settings: Any, projectors: Callable[[Any], list[Any]]
) -> int:
    from crm_chassis import garbage, logs, metrics
    from crm_chassis.relay import Relay

    deployment, stop = settings.deployment, threading.Event()
    ops = metrics.Ops(token=deployment.ops_token)
    parts: dict[str, Any] = {}
    if "relay" in roles:
        parts["relay"] = Relay(
            deployment.service, database_url=deployment.database_url, amqp_url=deployment.amqp_url
        )
    if "project" in roles:
        parts |= {projector.queue: projector for projector in projectors(settings)}
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ops.checks |= {name: part.check for name, part in parts.items()}
    server = ops.serve(deployment.ops_host, deployment.ops_port)
    threads = [
        threading.Thread(target=_run_or_die, args=(p, stop), name=n, daemon=True)
        for n, p in parts.items()
    ]
    garbage.leave_alone()
    for thread in threads:
        thread.start()
    stop.wait()
    ops.draining.set()
    until = time.monotonic() + _GRACE_SECONDS
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    left = [thread.name for thread in threads if thread.is_alive()]
    if left:  # what they were at was not acknowledged, so it comes again
        logs.get(__name__).warning("left before all was settled", extra={"parts": left})
    server.shutdown()
    return 0


def _run_or_die(part: Any, stop: threading.Event) -> None:
    """A part that ends by an error nobody foresaw ends the process: the supervisor starts it anew."""
    from crm_chassis import logs

    try:
        part.run(stop)
    except BaseException:  # noqa: BLE001 - whatever it was
        logs.get(__name__).exception("part failed")
        os._exit(_FAILED)


def _work(
    package: str, settings: Any, compare: Callable[[Any], object] | None, mails: str | None
) -> int:
    from prometheus_client import REGISTRY

    from crm_chassis import db, garbage, listen, metrics, operations, records

    deployment, url = settings.deployment, settings.deployment.database_url
    worker = importlib.import_module(f"{package}.worker").Worker
    with suppress(AttributeError):
        worker.settings = settings
    engine = db.engine(url, pool_size=8, application=f"{deployment.service}.work")
    peers = records.Peers(deployment.peers, ops_token=deployment.ops_token)
    folders = _folders(deployment.service)

    def compare_all() -> None:
        if folders:
            operations.verify(folders, peers, url)
        if compare:
            compare(settings)

    REGISTRY.register(metrics.Standing(lambda: operations.status(url, mails=mails)))
    ops = metrics.Ops(token=deployment.ops_token)
    ops.checks["database"] = lambda: reachable(engine)
    runtime = listen.Runtime(
        service=deployment.service,
        engine=engine,
        sessions=db.sessions(engine),
        amqp_url=deployment.amqp_url,
        peers=peers,
        ops=ops,
    )
    listen.serve_ops(ops, deployment.ops_host, deployment.ops_port)
    garbage.leave_alone()
    listen.run(
        worker, runtime, drain_seconds=deployment.drain_seconds,
        more_chores=[("compare", 30.0, operations.Comparing(compare_all))],
    )  # fmt: skip
    return 0
