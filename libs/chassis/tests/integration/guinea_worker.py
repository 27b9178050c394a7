"""The worker of test_listen: `python guinea_worker.py`, a process of its own as in production."""

# ruff: noqa: E402 - eventlet patches first

from crm_chassis import roles

roles._patch()

import json
import os
import sys

from sqlalchemy import text

from crm_chassis import db, listen, logs, metrics, records
from crm_contracts import contacts

EFFECT = text("insert into effect (event_id, handler) values (:event_id, :handler)")


class Worker:
    name = "support"

    @listen.to(contacts.TaskCompleted)
    def on_task_completed(self, session, fact, now):
        word, _, rest = fact.record.title.partition(" ")
        if word == "raise" and not session.scalar(text("select count(*) from mended")):
            raise ValueError("no \x00 good")
        if word == "die":
            os._exit(9)
        if word == "sleep":
            session.execute(text("select pg_sleep(:seconds)"), {"seconds": float(rest)})
        if word == "gate":
            session.execute(text("set local lock_timeout = :wait".replace(":wait", f"'{rest}ms'")))
            session.execute(text("select from gate for update"))
        if word == "idle":
            import eventlet

            session.execute(text("set local idle_in_transaction_session_timeout = '50ms'"))
            eventlet.sleep(0.3)
        session.execute(EFFECT, {"event_id": fact.id, "handler": "completed"})

    @listen.to(contacts.TaskCreated, bulk=True)
    def on_task_created(self, session, fact, now):
        session.execute(EFFECT, {"event_id": fact.id, "handler": "created"})

    @listen.every(seconds=0.02)
    def tick(self, sessions, now):
        with sessions() as session, session.begin():
            session.execute(
                text(
                    "with began as (select clock_timestamp() as at, pg_sleep(0.03))"
                    " insert into tick (pid, began, ended)"
                    " select :pid, at, clock_timestamp() from began"
                ),
                {"pid": os.getpid()},
            )

    @listen.every(seconds=0.05)
    def fail(self, sessions, now):
        raise ZeroDivisionError


def main() -> None:
    logs.configure("support", "work", "ERROR")
    sys.modules[listen.Runtime.__module__]._PROBE_SECONDS = 0.5
    engine = db.engine(os.environ["CRM_DATABASE_URL"], pool_size=8, application="support.work")
    ops = metrics.Ops(token=os.environ["CRM_OPS_TOKEN"])
    runtime = listen.Runtime(
        service="support",
        engine=engine,
        sessions=db.sessions(engine),
        amqp_url=os.environ["CRM_AMQP_URL"],
        peers=records.Peers(
            json.loads(os.environ["CRM_PEERS"]), ops_token=os.environ["CRM_OPS_TOKEN"]
        ),
        ops=ops,
    )
    listen.serve_ops(ops, "127.0.0.1", int(os.environ["CRM_OPS_PORT"]))
    listen.run(Worker, runtime, drain_seconds=5)


if __name__ == "__main__":
    main()
