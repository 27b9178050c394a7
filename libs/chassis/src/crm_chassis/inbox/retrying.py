"""Trying parked facts again: when their time has come, or an operator says so."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import crashpoints, db
from crm_chassis.inbox.handler import Handler, context
from crm_chassis.inbox.parking import PUT_OFF, put_off_values


def retry_due(
    sessions: sessionmaker[Session], handlers: Sequence[Handler], *, now: datetime
) -> int:
    """Try the parked facts whose time has come again; return how many are done now."""
    by_name = {handler.name: handler for handler in handlers}
    with sessions() as session:
        rows = db.cursor(session).execute(_DUE, (list(by_name), now)).fetchall()
    return sum(_retry(sessions, by_name[name], parked_id, now=now) for parked_id, name in rows)


def _retry(
    sessions: sessionmaker[Session], handler: Handler, parked_id: UUID, *, now: datetime
) -> bool:
    try:
        with db.transaction(sessions, db.Context(actor=f"service:{handler.service}")) as session:
            row = db.cursor(session).execute(_TAKE, (parked_id,)).fetchone()
            if row is None:
                return False
            fact = contracts.decode(bytes(row[0]))
            session.info["context"] = context(handler.service, fact)
            handler.react(session, fact, now)
            crashpoints.reach("retry.after_effect")
            db.cursor(session).execute(_SETTLE, (now, parked_id))
            db.cursor(session).execute(_INBOX_DONE, (handler.name, fact.id, now))
    except Exception as error:  # noqa: BLE001 - it stays parked, with its newest cause
        if not db.is_infrastructure(error):
            _put_off(sessions, parked_id, error, now=now)
        return False
    crashpoints.reach("retry.after_commit")
    return True


def _put_off(
    sessions: sessionmaker[Session], parked_id: UUID, error: BaseException, *, now: datetime
) -> None:
    """Note a failed retry and when the next one is; after the fifth an operator must decide."""
    with sessions() as session, session.begin():
        db.cursor(session).execute(PUT_OFF, put_off_values(error, parked_id, now=now))


_DUE = """
select id, consumer from parked
where state = 'waiting' and consumer = any(%s) and next_try_at <= %s order by parked_at limit 100
"""
_TAKE = """
select coalesce(edited, body) from parked
where id = %s and state = 'waiting' for update skip locked
"""
_SETTLE = "update parked set state = 'done', decided_at = %s, next_try_at = null where id = %s"
_INBOX_DONE = """
insert into inbox (handler, event_id, state, handled_at) values (%s, %s, 'done', %s)
on conflict (handler, event_id) do update set state = 'done', handled_at = excluded.handled_at
"""
