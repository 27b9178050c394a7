"""What may befall PostgreSQL: restarted, out of connections, locked, fenced, out of disk."""

import os
import signal
import threading
import time
from contextlib import suppress

import psycopg
from tests.chaos.faults import Fault
from tests.chaos.stage import SERVICES, Stage

_LOCKS = {
    "contacts": "contact", "sales": "deal", "marketing": "message", "support": "ticket",
    "gateway": "view_record",
}  # fmt: skip


def restart(stage: Stage, _: str) -> None:
    """Stop the server without ceremony; the supervisor starts it anew."""
    os.kill(stage.server_pid("postgres"), signal.SIGQUIT)
    stage.tally.server_kills += 1
    stage.wait_database()


def no_connections(stage: Stage, service: str) -> None:
    """End a service's connections and let it have no new ones for a while."""
    with stage.platform.database(None) as server:
        role = f"crm_{service}"
        (limit,) = server.execute(
            "select rolconnlimit from pg_roles where rolname = %s", (role,)
        ).fetchone() or (50,)
        server.execute(f"alter role {role} connection limit 1".encode())
        server.execute(_END_CONNECTIONS, (role,))
        try:
            time.sleep(stage.seconds(20))
        finally:
            server.execute(f"alter role {role} connection limit {limit}".encode())


def lock(stage: Stage, service: str) -> None:
    """Hold a table for so long that everybody's patience ends."""
    with stage.platform.database(service) as own, own.transaction():
        own.execute(f"lock table {_LOCKS[service]} in access exclusive mode".encode())
        time.sleep(stage.seconds(60))


def fence(stage: Stage, service: str) -> None:
    """Leave a transaction open: readers of facts must not pass it, everybody else must."""
    ended = threading.Event()

    def hold() -> None:
        with suppress(psycopg.Error), stage.platform.database(service) as own, own.transaction():
            own.execute("select pg_current_xact_id()")
            ended.wait(stage.seconds(60))

    threading.Thread(target=hold, daemon=True).start()
    ended.wait(min(stage.seconds(60), 5))


def disk_full(stage: Stage, _: str) -> None:
    """Leave no room under the database, where its folder is a file system of ours."""
    if stage.disk is None:
        stage.tally.skip("database.disk_full", stage.no_disk or "no file system of ours")
        return
    ballast = stage.disk / "ballast"
    try:
        with suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        time.sleep(stage.seconds(20))
    finally:
        ballast.unlink(missing_ok=True)
    stage.platform.start("servers:postgres")
    stage.wait_database()


_END_CONNECTIONS = "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s"
FAULTS = (
    Fault("database.restart", restart, touches_reads=True),
    Fault("database.no_connections", no_connections, SERVICES, touches_reads=True),
    Fault("database.lock", lock, SERVICES[:4]),
    Fault("database.open_transaction", fence, SERVICES),
    Fault("database.disk_full", disk_full, touches_reads=True),
)
