"""The sender: claims a mail, commits, hands it over, records what became of it.

A claim is committed before the mail server hears of the mail, and never taken back by anybody
else: whoever finds a claim that nobody works on says `unsure` and does not send. So a mail goes out
once at most, and no crash leaves more than one in doubt.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, crashpoints, db, ids, logs
from crm_chassis.smtp import Connection, MailServer, Outcome, Unreachable, Verdict
from crm_gateway.mails.writing import Undeliverable, compose
from crm_gateway.model import SealBroken, Sealer
from crm_gateway.model.mail import KEPT, REPEATED_FOR, Mail, MailState
from crm_gateway.queries import mails as queries

MOST_PER_RUN = 200
_CLOCKWORK = db.Context(actor="service:gateway", source="event")
log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A mail claimed; without a body there was nothing to hand over after all."""

    mail_id: UUID
    to: str = ""
    body: bytes | None = None


class Sender:
    """One per process; call `run` from one thread at a time."""

    def __init__(self, server: MailServer, sealer: Sealer) -> None:
        """Take an identity, so that claims of a sender that died are told from our own."""
        self.id = ids.new()
        self._server, self._sealer = server, sealer
        self._unrecorded: dict[UUID, Outcome] = {}

    def run(
        self, sessions: sessionmaker[Session], *, stopping: Callable[[], bool] = lambda: False
    ) -> str | None:
        """Send what is due, until `stopping`; return why it cannot, None if it can."""
        self._settle(sessions)
        with sessions() as session:
            if not queries.is_any_due(session, now=clock.now()):
                return None
        try:
            with self._server.connection() as connection:
                return self._work(sessions, connection, stopping)
        except Unreachable as error:
            log.warning("mail server unreachable", extra={"cause": str(error)})
            return f"mail server unreachable: {error}"

    def _work(
        self, sessions: sessionmaker[Session], connection: Connection, stopping: Callable[[], bool]
    ) -> str | None:
        for _ in range(MOST_PER_RUN):
            if stopping():
                return None
            with db.transaction(sessions, _CLOCKWORK) as session:
                taken = self._take(session, now=clock.now())
            if taken is None:
                return None
            if taken.body is None:
                continue
            crashpoints.reach("outside.after_claim")
            outcome = connection.hand_over(taken.to, taken.body)
            crashpoints.reach("outside.after_call")
            self._unrecorded[taken.mail_id] = outcome
            self._record(sessions)
            crashpoints.reach("outside.after_record")
            if outcome.verdict in {Verdict.UNSENT, Verdict.UNSURE}:
                return f"mail server hung up: {outcome.reason}"
        return None

    def _take(self, session: Session, *, now: datetime) -> _Taken | None:
        """Claim the next mail, None if none is due."""
        mail = queries.next_due(session, now=now)
        if mail is None:
            return None
        try:
            said = orjson.loads(self._sealer.open(mail.sealed or b""))
            body = compose(mail, said, self._server.mail_from, now=now)
        except (SealBroken, Undeliverable) as error:
            log.warning("mail not written", extra={"mail_id": mail.id, "cause": str(error)})
            mail.settle(MailState.FAILED, at=now, fault=str(error))
            return _Taken(mail.id)
        mail.claim(self.id)
        return _Taken(mail.id, mail.address, body)

    def _settle(self, sessions: sessionmaker[Session]) -> None:
        """Record what could not be recorded; doubt what senders that are gone had claimed."""
        self._record(sessions)
        with db.transaction(sessions, _CLOCKWORK) as session:
            for mail in queries.being_sent(session):
                mail.settle(MailState.UNSURE, at=clock.now(), fault="the sender ended meanwhile")
                log.error("mail in doubt", extra={"mail_id": mail.id})

    def _record(self, sessions: sessionmaker[Session]) -> None:
        if not self._unrecorded:
            return
        with db.transaction(sessions, _CLOCKWORK) as session:
            for mail_id, outcome in sorted(self._unrecorded.items()):
                mail = queries.for_update(session, mail_id)
                if mail is not None and mail.claimed_by == self.id:
                    _record_one(mail, outcome, now=clock.now())
        self._unrecorded.clear()


def keep_house(sessions: sessionmaker[Session], *, now: datetime) -> None:
    """Give up what came too late; forget what was settled long ago."""
    with db.transaction(sessions, _CLOCKWORK) as session:
        for mail in queries.too_late(session, now=now):
            mail.settle(MailState.FAILED, at=now, fault=f"not sent in time; {mail.fault or ''}")
            log.error("mail not sent in time", extra={"mail_id": mail.id})
        queries.unseal(session, before=now - REPEATED_FOR)
        queries.forget(session, before=now - KEPT)


def doubt_what_was_due(sessions: sessionmaker[Session]) -> None:
    """After a restoration: mails that were due may have gone out since the backup; send none again."""
    while True:
        with db.transaction(sessions, _CLOCKWORK) as session:
            found = queries.outstanding(session, due=clock.now())
            for mail in found:
                mail.settle(MailState.UNSURE, at=clock.now(), fault="restored from a backup")
        if not found:
            return


def _record_one(mail: Mail, outcome: Outcome, *, now: datetime) -> None:
    if mail.state not in {MailState.SENDING, MailState.UNSURE}:
        return
    if outcome.verdict is Verdict.SENT:
        mail.settle(MailState.SENT, at=now)
    elif mail.state == MailState.UNSURE:
        return  # somebody took us for dead; only success is certain enough to say otherwise
    elif outcome.verdict is Verdict.UNSURE:
        mail.settle(MailState.UNSURE, at=now, fault=outcome.reason)
    elif outcome.verdict is Verdict.REFUSED:
        mail.settle(MailState.FAILED, at=now, fault=outcome.reason)
    else:
        is_counted = outcome.verdict is Verdict.DEFERRED
        mail.put_off(at=now, fault=outcome.reason, is_counted=is_counted)
