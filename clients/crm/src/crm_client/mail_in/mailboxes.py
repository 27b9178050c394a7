"""Fetching mail by IMAP, without disturbing whoever else reads the mailbox."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from imaplib import IMAP4
from typing import Any
from urllib.parse import unquote, urlsplit

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from crm_client.errors import ClientError
from crm_client.mail_in.handing import Handing, Taken, Trouble

_PORTS = {"imap": 143, "imaps": 993}
_PATIENCE_SECONDS = 30.0

Told = Callable[[str, Taken | Trouble], None]


class MailboxWrong(ClientError):
    """The address of a mailbox is none, or nobody answers there, or it refuses the sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A folder of somebody's mail: `imaps://user:password@host[:port]/folder`."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    is_encrypted: bool

    @classmethod
    def at(cls, url: str, password: str | None = None) -> "Mailbox":
        """Read an address; `password` if it has none. Raises MailboxWrong."""
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError) as error:
            raise MailboxWrong("not imaps://user@host/folder or imap://…") from error
        secret = unquote(parts.password) if parts.password else password
        if not (parts.hostname and parts.username and secret):
            raise MailboxWrong("host, user or password of the mailbox is missing")
        return cls(
            host=parts.hostname, port=port, user=unquote(parts.username), password=secret,
            folder=unquote(parts.path.strip("/")) or "INBOX", is_encrypted=parts.scheme == "imaps",
        )  # fmt: skip

    def open(self) -> BaseMailBox:
        """Sign in and choose the folder. Raises MailboxWrong."""
        try:
            if self.is_encrypted:
                context = ssl.create_default_context()
                box: BaseMailBox = MailBox(
                    self.host, self.port, timeout=_PATIENCE_SECONDS, ssl_context=context
                )
            else:
                box = MailBoxUnencrypted(self.host, self.port, timeout=_PATIENCE_SECONDS)
            box.login(self.user, self.password, initial_folder=None)
            box.folder.set(self.folder, readonly=True)
        except (ImapToolsError, IMAP4.error, OSError) as error:
            raise MailboxWrong(f"{self.host}: {error}") from error
        return box


@dataclass(slots=True, kw_only=True)
class Mailboxes:
    """Takes what is new in a mailbox, which is only looked at: nothing is moved or marked in it.

    What was handed over is remembered as long as this lives. Later it is handed over again, which
    changes nothing: the platform knows a mail by its Message-ID. A mail that has to wait is fetched
    again the next time; one the platform will never take is reported, and left out from then on.
    """

    handing: Handing
    told: Told
    days: int
    _done: set[tuple[int, str]] = field(default_factory=set)

    def fetch(self, mailbox: Mailbox, *, today: date) -> dict[str, int]:
        """Take what came in during the last days; return counts. Raises MailboxWrong."""
        counts = {"taken": 0, "refused": 0, "waiting": 0}
        box = mailbox.open()
        try:
            era = int(box.folder.status(mailbox.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
            recent = box.uids(AND(date_gte=today - timedelta(days=self.days)))
            new = [uid for uid in recent if (era, uid) not in self._done]
            for uid, content in _contents(box, new):
                became = self.handing.hand(content)
                self.told(f"{mailbox.folder} {uid}", became)
                if isinstance(became, Taken) or became.is_final:
                    self._done.add((era, uid))
                counts[_counted(became)] += 1
            self._done &= {(era, uid) for uid in recent}
        except (ImapToolsError, IMAP4.error, OSError) as error:
            raise MailboxWrong(f"{mailbox.host}: {error}") from error
        finally:
            _leave(box)
        return counts


def _counted(became: Taken | Trouble) -> str:
    if isinstance(became, Taken):
        return "taken"
    return "refused" if became.is_final else "waiting"


def _contents(box: BaseMailBox, uids: list[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of each mail as they came, which reading does not mark."""
    for uid in uids:
        _, found = box.client.uid("fetch", uid, "(BODY.PEEK[])")
        content = next((part[1] for part in _pairs(found) if isinstance(part[1], bytes)), None)
        if content is not None:  # somebody took it away meanwhile
            yield uid, content


def _pairs(found: list[Any]) -> Iterator[tuple[Any, Any]]:
    return (part for part in found if isinstance(part, tuple))


def _leave(box: BaseMailBox) -> None:
    try:
        box.logout()
    except (ImapToolsError, IMAP4.error, OSError):
        return  # it left first
