"""Handing mails to the mail server; knows for each how far it came."""

import contextlib
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from crm_marketing.model.message import Addressee
from crm_marketing.model.rendering import Content

TIMEOUT_SECONDS = 15
_SEVEN_BIT = SMTP.clone(cte_type="7bit")
_CLOSING = 421


class Unreachable(Exception):
    """There is no talking to the mail server just now."""


class Undeliverable(Exception):
    """The mail cannot even be written: its address is none."""


class Verdict(StrEnum):
    SENT = "sent"
    REFUSED = "refused"  # for good
    DEFERRED = "deferred"  # the server asks to come again
    UNSENT = "unsent"  # the connection ended before the mail was on its way
    UNSURE = "unsure"  # … while it was


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of handing over a mail."""

    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail ready to be handed over."""

    message_id: UUID
    to: str
    subject: str
    body: bytes


class Connection(Protocol):
    """A way to hand mails over, one after the other."""

    def hand_over(self, mail: Mail) -> Outcome:
        """Hand one over; never raises for what a server may do."""


class Post:
    """The mail server at `smtp_url`, for mails from `mail_from`."""

    def __init__(self, smtp_url: str, mail_from: str) -> None:
        """Nothing is connected yet."""
        self._url, self._from = urlsplit(smtp_url), mail_from

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Talk to the server for a while. Raises Unreachable."""
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        try:
            yield _Smtp(smtp, self._from)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()

    def compose(
        self, message_id: UUID, key: str, to: Addressee, content: Content, *, now: datetime,
        unsubscription: str | None = None,
    ) -> Mail:  # fmt: skip
        """Write the mail; `unsubscription` is offered to mail programs. Raises Undeliverable."""
        mail = EmailMessage(policy=_SEVEN_BIT)
        try:
            mail["From"] = self._from
            mail["To"] = Address(to.name or "", addr_spec=to.email)
            mail["Subject"] = content.subject
            mail["Date"] = format_datetime(now)
            mail["Message-ID"] = f"<{key}@{self._from.rpartition('@')[2]}>"
            mail["X-CRM-Message"] = str(message_id)
            if unsubscription is not None:  # RFC 8058: with one click, without a page
                mail["List-Unsubscribe"] = f"<{unsubscription}>"
                mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            mail.set_content(content.body_text)
            if content.body_html:
                mail.add_alternative(content.body_html, subtype="html")
            body = mail.as_bytes()
        except (ValueError, IndexError, TypeError) as error:
            raise Undeliverable(str(error)) from error
        return Mail(message_id=message_id, to=to.email or "", subject=content.subject, body=body)

    def _connected(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if self._url.scheme == "smtps" else smtplib.SMTP
        smtp = kind(self._url.hostname or "", self._url.port or 0, timeout=TIMEOUT_SECONDS)
        try:
            if self._url.scheme == "smtp+starttls":
                smtp.starttls()
            smtp.ehlo_or_helo_if_needed()
            if self._url.username:
                smtp.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            smtp.close()
            raise
        return smtp


class _Smtp:
    """One SMTP session, command by command: only so one knows how far a mail came."""

    def __init__(self, smtp: smtplib.SMTP, mail_from: str) -> None:
        self._smtp, self._from = smtp, mail_from

    def hand_over(self, mail: Mail) -> Outcome:
        try:
            refused = self._envelope(mail)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Verdict.UNSENT, repr(error))
        except UnicodeError as error:
            return Outcome(Verdict.REFUSED, repr(error))
        if refused is not None:
            return refused
        try:
            code, reply = self._smtp.data(mail.body)
        except smtplib.SMTPDataError as error:  # refused before the text was on its way
            return self._refusal(error.smtp_code, error.smtp_error) or Outcome(Verdict.UNSURE)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Verdict.UNSURE, repr(error))
        return self._refusal(code, reply) or Outcome(Verdict.SENT)

    def _envelope(self, mail: Mail) -> Outcome | None:
        """Say from whom and to whom; return what the server has against it."""
        for command, address in ((self._smtp.mail, self._from), (self._smtp.rcpt, mail.to)):
            code, reply = command(address)
            refused = self._refusal(code, reply)
            if refused is not None:
                if refused.verdict is not Verdict.UNSENT:
                    self._smtp.rset()
                return refused
        return None

    def _refusal(self, code: int, reply: bytes | str) -> Outcome | None:
        text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
        reason = f"{code} {text}"
        if code == _CLOSING:
            return Outcome(Verdict.UNSENT, reason)
        if 200 <= code < 300:
            return None
        return Outcome(Verdict.DEFERRED if 400 <= code < 500 else Verdict.REFUSED, reason)
