"""Handing mails to the mail server; knows for each how far it came."""

import contextlib
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from urllib.parse import unquote, urlsplit

from environs import ValidationError

TIMEOUT_SECONDS = 15
_CLOSING = 421
_SCHEMES = frozenset({"smtp", "smtps", "smtp+starttls"})


class Unreachable(Exception):
    """There is no talking to the mail server just now."""


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


class Connection(Protocol):
    """A way to hand mails over, one after the other."""

    def hand_over(self, to: str, body: bytes) -> Outcome:
        """Hand one over to an address; never raises for what a server may do."""


class MailServer:
    """The one at `url`: smtp://, smtps:// or smtp+starttls://[user:password@]host:port."""

    def __init__(self, url: str, mail_from: str) -> None:
        """Nothing is connected yet; `mail_from` is the address of the envelope."""
        self._url, self.mail_from = urlsplit(url), mail_from

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Talk to the server for a while. Raises Unreachable."""
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        try:
            yield Smtp(smtp, self.mail_from)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()

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


class Smtp:
    """One SMTP session, command by command: only so one knows how far a mail came."""

    def __init__(self, smtp: smtplib.SMTP, mail_from: str) -> None:
        self._smtp, self._from = smtp, mail_from

    def hand_over(self, to: str, body: bytes) -> Outcome:
        try:
            refused = self._envelope(to)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Verdict.UNSENT, repr(error))
        except UnicodeError as error:
            return Outcome(Verdict.REFUSED, repr(error))
        if refused is not None:
            return refused
        try:
            code, reply = self._smtp.data(body)
        except smtplib.SMTPDataError as error:  # refused before the text was on its way
            return self._refusal(error.smtp_code, error.smtp_error) or Outcome(Verdict.UNSURE)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Verdict.UNSURE, repr(error))
        return self._refusal(code, reply) or Outcome(Verdict.SENT)

    def _envelope(self, to: str) -> Outcome | None:
        """Say from whom and to whom; return what the server has against it."""
        for command, address in ((self._smtp.mail, self._from), (self._smtp.rcpt, to)):
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


def check_url(value: str) -> None:
    """Validate the setting of a mail server. Raises ValidationError."""
    parts = urlsplit(value)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValidationError("smtp://host:port, smtps://… or smtp+starttls://…")
