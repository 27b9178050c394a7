"""The sender: claims a mail, commits, hands it over, records what became of it.

A claim is committed before the mail server hears of the mail, and never taken back by anybody
else: whoever finds a claim that nobody works on says `unsure` and does not send. So a mail goes out
once at most, and no crash leaves more than one in doubt.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, crashpoints, db, ids, logs, outbox
from crm_chassis.smtp import Connection, Outcome, Unreachable, Verdict
from crm_marketing import events
from crm_marketing.commands.post import Mail, Post, Undeliverable
from crm_marketing.model import rendering
from crm_marketing.model.message import Addressee, Message
from crm_marketing.model.rendering import Content
from crm_marketing.model.tracking import Tracking
from crm_marketing.model.values import MessageStatus, SuppressReason
from crm_marketing.queries import marks, records, sending

MOST_PER_RUN = 200
_WAIT_FOR_CONTACT = timedelta(seconds=30)
_WAIT_FOR_SERVER = timedelta(seconds=5)
_CLOCKWORK = db.Context(actor="service:marketing", source="event")
log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail taken from the queue; without `mail` there was nothing to hand over after all."""

    mail: Mail | None = None


class Sender:
    """One per process; call `run` from one thread at a time."""

    def __init__(self, post: Post, tracking: Tracking) -> None:
        """Take an identity, so that claims of a sender that died are told from our own."""
        self.id = ids.new()
        self._post, self._tracking = post, tracking
        self._unrecorded: dict[UUID, tuple[Mail, Outcome]] = {}

    def run(
        self, sessions: sessionmaker[Session], *, stopping: Callable[[], bool] = lambda: False
    ) -> str | None:
        """Send what is due, until `stopping`; return why it cannot, None if it can."""
        self._settle(sessions)
        with sessions() as session:
            if not sending.is_any_due(session, now=clock.now()):
                return None
        try:
            with self._post.connection() as connection:
                return self._work(sessions, connection, stopping)
        except Unreachable as error:
            log.warning("mail server unreachable", extra={"cause": str(error)})
            return f"mail server unreachable: {error}"

    def _work(
        self,
        sessions: sessionmaker[Session],
        connection: Connection,
        stopping: Callable[[], bool],
    ) -> str | None:
        for _ in range(MOST_PER_RUN):
            if stopping():
                return None
            with db.transaction(sessions, _CLOCKWORK) as session:
                taken = self._take(session, now=clock.now())
            if taken is None:
                return None
            if taken.mail is None:
                continue
            crashpoints.reach("outside.after_claim")
            outcome = connection.hand_over(taken.mail.to, taken.mail.body)
            crashpoints.reach("outside.after_call")
            self._unrecorded[taken.mail.message_id] = (taken.mail, outcome)
            self._record(sessions)
            crashpoints.reach("outside.after_record")
            if outcome.verdict in {Verdict.UNSENT, Verdict.UNSURE}:
                return f"mail server hung up: {outcome.reason}"
        return None

    def _take(self, session: Session, *, now: datetime) -> Taken | None:
        """Claim the next mail, None if none is due."""
        message = sending.next_due(session, now=now)
        if message is None:
            return None
        addressee = records.addressees(session, [message.contact_id])[message.contact_id]
        if not addressee.is_known:
            sending.note(session, message.id, due_at=now + _WAIT_FOR_CONTACT)
            return Taken()
        reason = addressee.suppress_reason or _unwished(session, addressee, now=now)
        if reason is not None:
            message.suppress(reason)
            _tell(session, events.message_suppressed, message, now=now)
            return Taken()
        try:
            content = self._content(session, message, addressee.variables)
            mail = self._post.compose(
                message.id, message.idempotency_key, addressee, content, now=now,
                unsubscription=self._tracking.unsubscription(message.id),
            )  # fmt: skip
        except (rendering.Unrenderable, Undeliverable) as error:
            message.fail(str(error))
            _tell(session, events.message_failed, message, now=now)
            return Taken()
        claim = {"status": MessageStatus.SENDING, "claimed_by": self.id, "claimed_at": now}
        sending.note(session, message.id, **claim, attempts=message.attempts + 1)
        return Taken(mail)

    def _content(self, session: Session, message: Message, variables: dict[str, str]) -> Content:
        campaign = records.campaign(session, message.campaign_id)
        content = records.content_of(session, campaign)
        if content is None:
            raise rendering.Unrenderable("the campaign has no content")
        address = self._tracking.unsubscription(message.id)
        given = variables | ({"unsubscribe_url": address} if address else {})
        filled = rendering.render(
            content, given, track=lambda url: self._tracking.link(message.id, url)
        )
        pixel = self._tracking.pixel(message.id)
        if filled.body_html is None or pixel is None:
            return filled
        picture = f'<img src="{pixel}" width="1" height="1" alt="">'
        return Content(
            subject=filled.subject,
            body_text=filled.body_text,
            body_html=filled.body_html + picture,
        )

    def _settle(self, sessions: sessionmaker[Session]) -> None:
        """Record what could not be recorded; doubt what senders that are gone had claimed."""
        self._record(sessions)
        with db.transaction(sessions, _CLOCKWORK) as session:
            for message in sending.being_sent(session):
                message.doubt()
                _tell(session, events.message_unsure, message, now=clock.now())
                log.error("mail in doubt", extra={"message_id": message.id})

    def _record(self, sessions: sessionmaker[Session]) -> None:
        if not self._unrecorded:
            return
        with db.transaction(sessions, _CLOCKWORK) as session:
            for message in records.messages_for_update(session, list(self._unrecorded)):
                if message.claimed_by == self.id:
                    _record_one(session, message, *self._unrecorded[message.id], now=clock.now())
        self._unrecorded.clear()


def doubt_what_was_due(sessions: sessionmaker[Session]) -> None:
    """After a restoration: mails that were due may have gone out since the backup; send none again."""
    while True:
        with db.transaction(sessions, _CLOCKWORK) as session:
            now = clock.now()
            messages = sending.outstanding(session, due=now)
            for message in messages:
                message.doubt()
                _tell(session, events.message_unsure, message, now=now)
        if not messages:
            return


def _unwished(session: Session, addressee: Addressee, *, now: datetime) -> SuppressReason | None:
    """Return which wish of the contact forbids one more mail now, if any.

    Mails being handed over count: two senders cannot both send the last one allowed.
    """
    wishes = addressee.wishes
    if wishes.is_paused(now):
        return SuppressReason.PAUSED
    if wishes.most is None:
        return None
    sent = sending.sent_since(session, addressee.contact_id, since=now - wishes.period)
    return SuppressReason.CAPPED if sent >= wishes.most else None


def _record_one(
    session: Session, message: Message, mail: Mail, outcome: Outcome, *, now: datetime
) -> None:
    if message.status not in {MessageStatus.SENDING, MessageStatus.UNSURE}:
        return
    if outcome.verdict is Verdict.SENT:
        message.subject = mail.subject
        message.sent(at=now)
        _tell(session, events.message_sent, message, now=now)
    elif message.status is MessageStatus.UNSURE:
        return  # somebody took us for dead; only success is certain enough to say otherwise
    elif outcome.verdict is Verdict.UNSURE:
        message.doubt()
        _tell(session, events.message_unsure, message, now=now)
    elif outcome.verdict is Verdict.UNSENT:
        attempts = max(message.attempts - 1, 0)
        _queue_again(session, message, due_at=now + _WAIT_FOR_SERVER, attempts=attempts)
    elif outcome.verdict is Verdict.DEFERRED and (due_at := message.next_try_at(now)):
        _queue_again(session, message, due_at=due_at, failure=outcome.reason[:500])
    else:
        message.fail(outcome.reason)
        _tell(session, events.message_failed, message, now=now)


def _queue_again(session: Session, message: Message, **noted: object) -> None:
    sending.note(session, message.id, status=MessageStatus.QUEUED, claimed_by=None, **noted)


def _tell(session: Session, factory: outbox.Factory, message: Message, *, now: datetime) -> None:
    outbox.add(session, factory, message, at=now)
    marks.leave(session, marks.CAMPAIGNS, [message.campaign_id])
