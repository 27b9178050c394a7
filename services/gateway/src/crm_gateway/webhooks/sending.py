"""Sending: what is due goes out, in order for each record, to many receivers at once.

What is taken is committed before the receiver hears of it, for a minute: if this process dies then,
it is sent again, with the same `webhook-id`, by which the receiver knows it (Standard Webhooks).
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, crashpoints, db, logs
from crm_gateway.clients.outgoing import Forbidden, Outgoing, Unanswered
from crm_gateway.model import DeliveryState, SealBroken, Sealer
from crm_gateway.model.webhook import KEPT, next_try_at, rests_until
from crm_gateway.queries import deliveries as queue
from crm_gateway.queries import webhooks as queries
from crm_gateway.queries.deliveries import Attempt, Due
from crm_gateway.webhooks import keeping, signing
from crm_gateway.webhooks.gathering import CLOCKWORK

RECEIVERS_AT_ONCE, AT_ONCE, TAKEN_AT_ONCE = 32, 4, 40
_LEASE = timedelta(seconds=120)
_ROUNDS = 50
UNREADABLE_RESTS = timedelta(minutes=1)
log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Target:
    """A receiver and the secrets it may know."""

    webhook_id: UUID
    url: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tried:
    """A fact, how its sending ended, and what the receiver asks to wait."""

    due: Due
    attempt: Attempt
    asked: float | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.attempt.status is not None and 200 <= self.attempt.status < 300


class Sender:
    """One per process. `run` sends off whatever is due and returns; a slow receiver holds up nobody."""

    def __init__(self, outgoing: Outgoing, sealer: Sealer) -> None:
        """Nothing is being sent yet."""
        self._outgoing, self._sealer = outgoing, sealer
        self._receivers = ThreadPoolExecutor(RECEIVERS_AT_ONCE, "webhooks")
        self._calls = ThreadPoolExecutor(RECEIVERS_AT_ONCE * AT_ONCE, "webhook")
        self._busy: set[UUID] = set()
        self._lock = threading.Lock()

    def run(
        self, sessions: sessionmaker[Session], *, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """Begin with every receiver that something is due for and that is not being sent to."""
        with sessions() as session:
            ready = queue.ready(session, now=clock.now())
        for webhook_id, streak in ready:
            with self._lock:
                if webhook_id in self._busy or len(self._busy) >= RECEIVERS_AT_ONCE:
                    continue
                self._busy.add(webhook_id)
            self._receivers.submit(self._send_all, sessions, webhook_id, streak, stopping)

    def _send_all(
        self, sessions: sessionmaker[Session], webhook_id: UUID, streak: int,
        stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        try:
            for _ in range(_ROUNDS):
                if stopping():
                    return
                streak = self._send_some(sessions, webhook_id, streak)
                if streak < 0:
                    return
        except Exception as error:  # noqa: BLE001 - the next run begins again
            db.report(log, "sending failed", error, webhook_id=webhook_id)
        finally:
            with self._lock:
                self._busy.discard(webhook_id)

    def _send_some(self, sessions: sessionmaker[Session], webhook_id: UUID, streak: int) -> int:
        """Send what is due; return the failures in a row since, -1 where there is a pause."""
        now = clock.now()
        limit = TAKEN_AT_ONCE if streak == 0 else 1  # a receiver that failed is tried by one
        with db.transaction(sessions, CLOCKWORK) as session:
            try:
                target = self._target(session, webhook_id, now=now)
            except SealBroken as refusal:
                _note_sealed(session, webhook_id, str(refusal.detail), now=now)
                return -1
            taken = (
                queue.take(session, webhook_id, limit=limit, now=now, lease=_LEASE)
                if target
                else []
            )
        if target is None or not taken:
            return -1
        crashpoints.reach("outside.after_claim")
        tried = list(self._calls.map(lambda due: self._try(target, due), taken))
        crashpoints.reach("outside.after_call")
        with db.transaction(sessions, CLOCKWORK) as session:
            streak = _record(session, webhook_id, tried, now=clock.now())
        crashpoints.reach("outside.after_record")
        return -1 if rests_until(streak, now=now) else streak

    def _target(self, session: Session, webhook_id: UUID, *, now: datetime) -> _Target | None:
        webhook = queries.webhook(session, webhook_id)
        if webhook.url is None or not webhook.active or webhook.archived_at is not None:
            return None
        secrets = [self._sealer.open(webhook.sealed_secret)]
        if webhook.sealed_former and webhook.former_until and webhook.former_until > now:
            with suppress(SealBroken):  # then the new one signs alone
                secrets.append(self._sealer.open(webhook.sealed_former))
        return _Target(webhook.id, webhook.url, tuple(secrets))

    def _try(self, target: _Target, due: Due) -> _Tried:
        now = clock.now()
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "Rapport-CRM",
            **signing.headers(due.fact_id, due.body, target.secrets, now=now),
        }
        try:
            answer = self._outgoing.post(target.url, due.body, headers)
        except (Forbidden, Unanswered) as error:
            return _Tried(due, Attempt(due.fact_id, now, _since(now), None, str(error), None))
        fault = None if 200 <= answer.status < 300 else _fault(answer.status)
        attempt = Attempt(due.fact_id, now, answer.took_ms, answer.status, fault, answer.text)
        return _Tried(due, attempt, answer.retry_after)


def keep_house(sessions: sessionmaker[Session], *, now: datetime) -> None:
    """Give up what was tried for three days; forget what is older than 30."""
    with db.transaction(sessions, CLOCKWORK) as session:
        queue.give_up(session, now=now)
        queue.forget(session, before=now - KEPT)


def _record(session: Session, webhook_id: UUID, tried: Sequence[_Tried], *, now: datetime) -> int:
    """Write down what came of the tries; return the receiver's failures in a row."""
    streak = queries.streak(session, webhook_id)
    for each in tried:
        streak = 0 if each.is_taken else streak + 1
    failed = [each for each in tried if not each.is_taken]
    queue.settle(session, [_settled(each, now=now) for each in tried])
    queue.log_attempts(session, webhook_id, [each.attempt for each in tried])
    queries.note_health(
        session, webhook_id, streak=streak, rests_until=rests_until(streak, now=now),
        ok_at=now if len(failed) < len(tried) else None, fault_at=now if failed else None,
        fault=failed[-1].attempt.fault if failed else None,
    )  # fmt: skip
    if any(each.attempt.status == HTTPStatus.GONE for each in tried):
        keeping.pause_gone(session, webhook_id, now=now)
    return streak


def _note_sealed(session: Session, webhook_id: UUID, why: str, *, now: datetime) -> None:
    """Say where people look that nothing can be signed; look again when the receiver is rested."""
    streak = queries.streak(session, webhook_id) + 1
    queries.note_health(
        session, webhook_id, streak=streak, rests_until=now + UNREADABLE_RESTS, ok_at=None,
        fault_at=now, fault=f"the secret cannot be read: {why}",
    )  # fmt: skip


def _settled(tried: _Tried, *, now: datetime) -> Mapping[str, Any]:
    due, attempt = tried.due, tried.attempt
    state, next_at = DeliveryState.DELIVERED, now
    if not tried.is_taken:
        next_at = next_try_at(due.attempts, now=now, asked=tried.asked)
        state = DeliveryState.PENDING if next_at < due.expires_at else DeliveryState.FAILED
    return {
        "id": due.id, "state": state, "status": attempt.status, "fault": attempt.fault,
        "next_at": next_at, "now": now,
    }  # fmt: skip


def _fault(status: int) -> str:
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed"
    return f"answered {status}"


def _since(began: datetime) -> int:
    return int((clock.now() - began).total_seconds() * 1000)
