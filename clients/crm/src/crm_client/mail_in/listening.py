"""Listening for mail: SMTP for mail systems that relay to us, LMTP for one that delivers here."""

import asyncio
import ssl
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from crm_client.mail_in.handing import Handing, Taken, Trouble

_LARGEST = 50_000_000  # bytes
_LONGEST_LINE = 1_000_000  # RFC 5321 says 998, and mail systems' notices say otherwise
_PATIENCE_SECONDS = 60
_AT_ONCE = 4

Told = Callable[[str, Taken | Trouble], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where to listen, and for whom: with no `domains` every recipient is ours.

    A mail is acknowledged only when the platform has it; while that is away, senders are asked to
    come again, as mail systems do for days.
    """

    handing: Handing
    host: str
    port: int
    told: Told
    domains: Collection[str] = ()
    is_lmtp: bool = False
    tls: ssl.SSLContext | None = None

    def start(self) -> Callable[[], None]:
        """Listen in a thread until the function returned is called. Raises OSError."""
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mail")
        door = _Door(self, pool)
        controller = _Controller(door, self)
        controller.start()

        def stop() -> None:
            pool.shutdown(
                wait=True
            )  # whoever is not answered any more comes again: it is kept once
            controller.stop()

        return stop


class _Smtp(SMTP):
    line_length_limit = _LONGEST_LINE


class _Lmtp(LMTP):
    line_length_limit = _LONGEST_LINE


class _Controller(Controller):
    def __init__(self, door: "_Door", listener: Listener) -> None:
        self._listener = listener
        super().__init__(door, hostname=listener.host, port=listener.port)

    def factory(self) -> SMTP:
        kind = _Lmtp if self._listener.is_lmtp else _Smtp
        return kind(
            self.handler, data_size_limit=_LARGEST, enable_SMTPUTF8=True, timeout=_PATIENCE_SECONDS,
            tls_context=self._listener.tls, loop=self.loop, ident="Rapport",
        )  # fmt: skip


class _Door:
    """What aiosmtpd asks; the names are its own."""

    def __init__(self, listener: Listener, pool: ThreadPoolExecutor) -> None:
        self._listener, self._pool = listener, pool

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        wanted, domain = self._listener.domains, address.rpartition("@")[2].strip(">").lower()
        if wanted and domain not in wanted:
            return "550 5.1.2 not a domain of ours"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        content = envelope.content
        data = content if isinstance(content, bytes) else str(content).encode()
        loop = asyncio.get_running_loop()
        try:
            became = await loop.run_in_executor(self._pool, self._listener.handing.hand, data)
        except RuntimeError:  # the pool is shut: we are leaving
            became = Trouble("shutting down", is_final=False)
        self._listener.told("mail", became)
        recipients = len(envelope.rcpt_tos) if self._listener.is_lmtp else 1
        return "\r\n".join([_reply(became)] * recipients)  # LMTP: a reply for each (RFC 2033, 4.2)

    async def handle_exception(self, error: Exception) -> str:
        """What nobody foresaw is our fault, not the mail's: aiosmtpd would refuse it for good."""
        became = Trouble(f"{type(error).__name__} in taking it in", is_final=False)
        self._listener.told("mail", became)
        return _reply(became)


def _reply(became: Taken | Trouble) -> str:
    if isinstance(became, Taken):
        return "250 2.0.0 taken in"
    reason = " ".join(became.reason.split())[:200].encode("ascii", "replace").decode()
    return f"554 5.6.0 {reason}" if became.is_final else f"451 4.3.0 {reason}"
