"""gunicorn inside our own process: the public listener and the ops port, with a drain before the end."""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from crm_chassis import garbage
from crm_chassis.metrics import Ops
from crm_chassis.settings import Deployment

Wsgi = Callable[..., Any]
_TIMEOUT_SECONDS = 60


def serve(app: Wsgi, ops: Ops, deployment: Deployment) -> None:
    """Serve `app` on the HTTP port and `ops` on the ops port until SIGTERM."""
    draining = multiprocessing.Event()
    ops.checks["draining"] = lambda: "stopping" if draining.is_set() else None
    application = _Application(_by_port(app, ops, deployment.ops_port), deployment)
    _Arbiter.draining, _Arbiter.drain_seconds = draining, deployment.drain_seconds
    garbage.leave_alone()
    _Arbiter(application).run()


def _by_port(app: Wsgi, ops: Ops, ops_port: int) -> Wsgi:
    def dispatch(environ: dict[str, Any], start_response: Any) -> Any:
        chosen = ops if environ["SERVER_PORT"] == str(ops_port) else app
        return chosen(environ, start_response)

    return dispatch


class _Application(BaseApplication):
    def __init__(self, wsgi: Wsgi, deployment: Deployment) -> None:
        self._wsgi, self._deployment = wsgi, deployment
        super().__init__()

    def load_config(self) -> None:
        ours = self._deployment
        binds = [f"{ours.http_host}:{ours.http_port}", f"{ours.ops_host}:{ours.ops_port}"]
        settings = {
            "bind": binds,
            "worker_class": _Worker,
            "threads": ours.threads,
            "workers": 1,
            "timeout": _TIMEOUT_SECONDS,
            "graceful_timeout": 20,
            "keepalive": 75,
            "limit_request_line": 8190,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": f"crm-{ours.service}",
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Wsgi:
        return self._wsgi


class _Worker(ThreadWorker):
    """Gives the ports back at once when the arbiter was killed: the next one needs them."""

    def is_parent_alive(self) -> bool:
        """Say whether the arbiter lives; what is being answered is answered to the end."""
        is_alive = bool(super().is_parent_alive())
        if not is_alive:
            self.set_accept_enabled(False)
            for listener in self.sockets:
                listener.close()
        return is_alive


class _Arbiter(Arbiter):
    """TERM resets connections still in the backlog: fail readiness, wait, then stop."""

    draining: Any
    drain_seconds: float

    def handle_term(self) -> None:
        self.draining.set()
        time.sleep(self.drain_seconds)
        super().handle_term()
