"""Gathering: what each service told since last time, kept for those who want it.

Facts are read from the services' outboxes in commit order behind a cursor that is kept in the same
transaction as they are: none is missed, none kept twice, whatever becomes of the broker.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

import crm_contracts as contracts
from crm_chassis import db, logs
from crm_chassis.records import PeerAway, Peers
from crm_gateway.model import DeliveryState, Webhook
from crm_gateway.model.webhook import GIVEN_UP_AFTER
from crm_gateway.queries import deliveries as queue
from crm_gateway.queries import webhooks as queries
from crm_gateway.webhooks import wanting

MOST_PAGES = 20
_LONGEST_TRANSACTION = timedelta(minutes=10)
Found = Sequence[tuple[contracts.Envelope, bytes]]
CLOCKWORK = db.Context(actor="service:gateway", source="event")
log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where facts are asked for and where they are kept."""

    sessions: sessionmaker[Session]
    peers: Peers

    def facts(
        self, service: str, names: Sequence[str], *, after: str, since: datetime
    ) -> tuple[Found, str, bool]:
        """Return a page of facts from `since` on, the next cursor, and whether there are more.

        An outbox dates a fact by when its transaction began, which is before the fact's own time.
        Raises PeerAway.
        """
        begun = (since - _LONGEST_TRANSACTION).isoformat()
        bodies, cursor, more = self.peers.facts(service, names, after=after, since=begun, bulk=True)
        found = [(contracts.envelope(body), body) for body in bodies]
        return [(fact, body) for fact, body in found if fact.time >= since], cursor, more


def gather(desk: Desk, *, now: datetime) -> None:
    """Queue what is wanted of what was told; a service that is away is asked next time."""
    with desk.sessions() as session:
        wishes = [wanting.wanted(each) for each in queries.live(session)]
        cursors = queries.cursors(session)
    for service in contracts.SERVICES:
        if not _names(service, wishes):
            continue
        try:
            _gather_of(desk, service, wishes, cursors.get(service, ""), now=now)
        except PeerAway as error:
            log.info("not asked for facts", extra={"of": service, "cause": str(error)})


def rows_of(
    webhook: Webhook, facts: Iterable[contracts.Envelope], *, now: datetime
) -> list[dict[str, Any]]:
    """Return the deliveries of these facts to one webhook."""
    state = DeliveryState.PENDING if webhook.url else DeliveryState.KEPT
    return [
        {
            "webhook": webhook.id, "id": fact.id, "subject": fact.subject,
            "subject_version": fact.subjectversion, "state": state, "now": now,
            "expires": now + GIVEN_UP_AFTER,
        }
        for fact in facts
    ]  # fmt: skip


def kept(facts: Found, *, now: datetime) -> list[dict[str, Any]]:
    """Return facts as they are kept."""
    return [
        {
            "id": fact.id, "type": fact.type, "subject": fact.subject,
            "subject_version": fact.subjectversion, "at": fact.time, "body": body, "now": now,
        }
        for fact, body in facts
    ]  # fmt: skip


def _names(service: str, wishes: Iterable[wanting.Wanted]) -> list[str]:
    types = {each for wish in wishes for each in wish.webhook.types}
    return [name for name in wanting.names_of(types) if name.startswith(service + ".")]


def _gather_of(
    desk: Desk, service: str, wishes: Sequence[wanting.Wanted], cursor: str, *, now: datetime
) -> None:
    names, since = _names(service, wishes), min(wish.since for wish in wishes)
    for _ in range(MOST_PAGES):
        found, after, more = desk.facts(service, names, after=cursor, since=since)
        with db.transaction(desk.sessions, CLOCKWORK) as session:
            _keep(session, found, wishes, now=now)
            queries.move_cursor(session, service, after, now=now)
        if not more:
            return
        cursor = after


def _new_to(wish: wanting.Wanted, facts: Iterable[contracts.Envelope]) -> list[contracts.Envelope]:
    return [fact for fact in facts if fact.time >= wish.since and wish.takes(fact)]


def _keep(
    session: Session, found: Found, wishes: Iterable[wanting.Wanted], *, now: datetime
) -> None:
    envelopes = [fact for fact, _ in found]
    rows = [
        row for wish in wishes for row in rows_of(wish.webhook, _new_to(wish, envelopes), now=now)
    ]
    if rows:
        wanted = {row["id"] for row in rows}
        chosen = [(fact, body) for fact, body in found if fact.id in wanted]
        queue.keep_facts(session, kept(chosen, now=now))
        queue.queue(session, rows)
