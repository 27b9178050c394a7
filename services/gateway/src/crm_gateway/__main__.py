"""`python -m crm_gateway serve|relay|project|work|migrate|check`."""

import os
import resource
import sys
import threading
from typing import TYPE_CHECKING, Any

from crm_chassis import roles
from crm_gateway import samples

if TYPE_CHECKING:
    # At run time this would load socket servers before eventlet patches them: `work` would stall.
    from crm_chassis.metrics import Ops


_GRACE_SECONDS = 20
# Who says nothing for 15 s is hung up on. Until then silent connections must leave room for others:
# granian takes no new ones beyond this number, 1,024 by default.
_MOST_CONNECTIONS = 16_384
_HEADERS_WITHIN_MS, _LARGEST_HEADERS = 15_000, 64 * 1024


_SAMPLES, _PARENT = "PROMETHEUS_MULTIPROC_DIR", "CRM_SERVING_PARENT"


def main() -> int:
    """Run a role; the processes of `serve` share their samples by files in a folder."""
    if sys.argv[1:] != ["serve"]:
        return _run()
    samples.forget_dead()
    with samples.folder() as path:
        os.environ[_SAMPLES] = path  # before prometheus_client is loaded, which asks only then
        return _run()


def _run() -> int:
    return roles.main(
        "gateway", serve=serve, projectors=_projectors, internal=_internal, compare=_compare,
        restored=_restored, mails=_unsent,
    )  # fmt: skip


def serve(settings: Any, ops: "Ops") -> None:
    """Serve on granian; the ops port answers from this parent process."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    from crm_chassis import db

    deployment = settings.deployment
    engine = db.engine(deployment.database_url, pool_size=1, application="gateway.ops")
    ops.checks["database"] = lambda: roles.reachable(engine)
    ops.checks["listener"] = lambda: _listening(deployment.http_host, deployment.http_port)
    ops.serve(deployment.ops_host, deployment.ops_port)
    ops.registry = CollectorRegistry()
    MultiProcessCollector(ops.registry, path=os.environ[_SAMPLES])  # type: ignore[no-untyped-call]
    os.environ[_PARENT] = str(os.getpid())  # told, not asked: who asks may be an orphan already
    server = Granian(
        "crm_gateway.wsgi:serving",
        factory=True,
        address=deployment.http_host,
        port=deployment.http_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.blocking_threads,
        backpressure=_open_files(_MOST_CONNECTIONS),
        respawn_failed_workers=True,
        log_access=False,
        workers_kill_timeout=_GRACE_SECONDS,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEADERS_WITHIN_MS, max_buffer_size=_LARGEST_HEADERS
        ),
    )
    drain = _draining(server, ops, deployment.drain_seconds)
    server.signal_handler_interrupt = drain  # type: ignore[method-assign]
    server.serve()


def _open_files(wanted: int) -> int:
    """Allow this process so many connections, as far as the system does; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else wanted * 2
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted * 2, most)), hard))
    return min(wanted, max(soft, most) // 2)


def _listening(host: str, port: int) -> str | None:
    """Return why the serving process, a child of this one, is not ready; None when it is."""
    import urllib3

    where = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared only
    answer = urllib3.request("GET", f"http://{where}:{port}/readyz", timeout=2.0, retries=False)
    return None if answer.status == 200 else "the routes of the services are not known yet"


def _draining(server: Any, ops: "Ops", seconds: float) -> Any:
    """Return a signal handler: unready at once, and stopped when balancers have seen it."""

    def stop() -> None:
        server.interrupt_signal = True
        server.main_loop_interrupt.set()

    def drain(*_: object) -> None:
        if not ops.draining.is_set():
            ops.draining.set()
            threading.Timer(seconds, stop).start()

    return drain


def _projectors(settings: Any) -> list[Any]:
    """Return one projector per producer, and the composer of what they put off."""
    import threading

    import crm_contracts
    from crm_chassis.project import Projector
    from crm_gateway import view

    options, put_off = roles.projector_options(settings), threading.Event()
    projectors = [
        Projector(
            view.ViewFolder(view.sources(service), put_off=put_off),
            queue=f"gateway.view.{service}",
            bindings=[(f"{service}.{kind}", f"{service}.#") for kind in ("events", "bulk")],
            **options,
        )
        for service in crm_contracts.SERVICES
    ]
    return [*projectors, view.Composer(settings.deployment.database_url, woken=put_off)]


def _compare(settings: Any) -> None:
    from crm_gateway.view import operations

    operations.verify(settings.deployment)


def _restored(sessions: Any) -> None:
    from crm_gateway import mails

    mails.doubt_what_was_due(sessions)


def _unsent() -> str:
    from crm_gateway.queries import mails

    return mails.UNSENT


def _internal(settings: Any) -> dict[str, Any]:
    from crm_gateway import view

    return view.internal_routes(settings)


if __name__ == "__main__":
    sys.exit(main())
