"""A process of the tests that meets one fact, or one dead letter, and may die at a crash point.

`dying.py park|retry|dead <database url> <broker url> <fact>`; `park` raises, `retry` and `dead` make a task.
"""

import sys
from datetime import timedelta
from types import SimpleNamespace

from libs.chassis.tests import factories as f

from crm_chassis import clock, db, inbox
from crm_contracts import contacts, decode


def main(what: str, database_url: str, broker_url: str, body: bytes) -> None:
    sessions = db.sessions(db.engine(database_url, pool_size=2))

    def react(session, fact, now):
        if what == "park":
            raise LookupError("no such thing")
        f.create_task(session, f.CreateTask(title=str(fact.id)), now=now)

    handler = inbox.Handler(
        name="contacts.on.test", service="contacts", fact=contacts.TaskUpdated, react=react
    )
    if what == "park":
        inbox.receive(sessions, handler, body, rest=lambda _: None, unready=lambda _: None)
    elif what == "retry":
        inbox.retry_due(sessions, [handler], now=clock.now() + timedelta(hours=1))
    else:
        from crm_chassis.broker import Unusable
        from crm_chassis.listen.chores import take_dead_letters

        runtime = SimpleNamespace(service="contacts", amqp_url=broker_url, dead_letters=Unusable())
        take_dead_letters(runtime, [handler], sessions)


if __name__ == "__main__":
    assert decode(sys.argv[4].encode())
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4].encode())
