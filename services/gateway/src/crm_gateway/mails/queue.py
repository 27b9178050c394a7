"""Putting mails into the queue, in the transaction of what they tell."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import ids
from crm_chassis.problems import NotFound
from crm_gateway.model import Sealer
from crm_gateway.model.mail import WAITED_FOR, MailState
from crm_gateway.queries import mails as queries

_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What somebody is told: plain text, perhaps the same as HTML.

    `key` names the occasion (`invitation:<id>:2`): one letter is sent for it, however often it is
    put. `unsubscribe` is an address where such letters are ended, for mail programs to offer.
    """

    key: str
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    unsubscribe: str | None = field(default=None, repr=False)


def put(
    session: Session, letter: Letter, sealer: Sealer, *, now: datetime,
    due_at: datetime | None = None, lasts: timedelta = WAITED_FOR,
) -> bool:  # fmt: skip
    """Queue a letter for `due_at` (now); return whether its key is new.

    It is sent after the commit, once at most; not at all once `lasts` is over, counted from when it
    was due. What it says is encrypted while it waits, and kept no longer, but three
    days where it went wrong.
    """
    said = {"text": letter.text, "html": letter.html, "unsubscribe": letter.unsubscribe}
    due_at = due_at or now
    return queries.put(session, {
        "id": ids.new(), "key": letter.key, "address": letter.to,
        "subject": " ".join(letter.subject.split())[:_LONGEST_SUBJECT],
        "sealed": sealer.seal(orjson.dumps(said).decode()), "state": MailState.QUEUED,
        "attempts": 0, "queued_at": now, "due_at": due_at, "expires_at": due_at + lasts,
    })  # fmt: skip


def send_again(session: Session, mail_id: UUID, *, now: datetime) -> None:
    """Queue a mail that went wrong; one in doubt may arrive twice. Raises NotFound, MailForgotten."""
    mail = queries.for_update(session, mail_id)
    if mail is None:
        raise NotFound(f"mail {mail_id}")
    mail.queue_again(at=now)


def withdraw(session: Session, key: str) -> bool:
    """Take a letter back that has not gone out; return whether there was one."""
    return queries.withdraw(session, key)
