"""`crm mail`: taking mail in, and what mails say about mail that was not delivered."""

import base64
import json
import signal
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_bounces import Verdict, classify
from crm_client import settings
from crm_client.cli import output
from crm_client.errors import ClientError, SettingMissing
from crm_client.mail_in import Handing, Listener, Mailbox, Mailboxes, MailboxWrong, Taken, Trouble

app = typer.Typer(help="Mail that comes in.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="Mails as files, one each (.eml)")]
Address = Annotated[str | None, typer.Option(metavar="HOST:PORT", show_default=False)]
Domains = Annotated[list[str], typer.Option("--domain", help="Take mail to this domain only")]


class Unreadable(ClientError):
    """A file cannot be read."""


@app.callback()
def about() -> None:
    """Mail that comes in."""


@app.command("classify")
def classify_mails(files: Files, as_json: output.AsJson = False) -> None:
    """Say of each file whether it is a bounce, of which class, and of which addresses.

    Works on the files alone: no platform is needed and nothing is changed. One line a file.
    """
    for file in files:
        line = _line(file, classify(_content(file)))
        if as_json:
            typer.echo(json.dumps(line, ensure_ascii=False))
        else:
            typer.echo(f"{file}: {line['class']} {line['code']} {' '.join(line['addresses'])}")


@app.command()
def ingest(files: Files, as_json: output.AsJson = False) -> None:
    """Take mails in: log them with the contacts concerned, and retire addresses that do not work.

    `-` reads one mail from standard input, so that a mail server can pipe to it.
    """
    with output.client(source="import") as client:
        for file in files:
            content = sys.stdin.buffer.read() if str(file) == "-" else _content(file)
            body = {"content": base64.b64encode(content).decode()}
            logged = client.post("/v1/mails", body)
            concerned = [each["id"] for each in logged["subjects"]]
            line = {"file": str(file), "outcome": logged["outcome"], "contacts": concerned}
            text = f"{file}: {logged['outcome']}, {len(concerned)} contacts"
            typer.echo(json.dumps(line) if as_json else text)


@app.command()
def listen(
    smtp: Address = None,
    lmtp: Address = None,
    domain: Domains = [],  # noqa: B006 - read only
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    as_json: output.AsJson = False,
) -> None:
    """Take mail in by SMTP (other systems relay here) or LMTP (a mail system delivers here).

    A mail is acknowledged when the platform has it, so that none is lost while that is away.
    Runs until it is interrupted; what has begun is finished first.
    """
    if not (smtp or lmtp):
        raise SettingMissing("nowhere to listen: give --smtp or --lmtp")
    tls = None
    if tls_cert:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(tls_cert, tls_key)
    wanted = frozenset(each.lower() for each in domain)
    with output.client(source="import") as client, ExitStack() as open_doors:
        for address, is_lmtp in ((smtp, False), (lmtp, True)):
            if address:
                host, port = _host_and_port(address)
                listener = Listener(
                    handing=Handing(client), host=host, port=port, told=_teller(as_json=as_json),
                    domains=wanted, is_lmtp=is_lmtp, tls=tls,
                )  # fmt: skip
                open_doors.callback(_opened(listener, address))
        _until_told_to_stop().wait()


@app.command()
def poll(
    mailbox: Annotated[
        str | None, typer.Argument(help="imaps://user@host/folder [CRM_IMAP_URL]")
    ] = None,
    every: Annotated[int, typer.Option(help="Seconds between looks")] = 60,
    once: Annotated[bool, typer.Option("--once", help="Look once, and say what was found")] = False,
    days: Annotated[int, typer.Option(help="How far back to look")] = 7,
    as_json: output.AsJson = False,
) -> None:
    """Take in what is new in a mailbox, by IMAP; its password is CRM_IMAP_PASSWORD, or in the address.

    The mailbox is only looked at: nothing in it is moved or marked.
    """
    box = Mailbox.at(*settings.mailbox(mailbox))
    stop = _until_told_to_stop()
    with output.client(source="import") as client:
        mailboxes = Mailboxes(handing=Handing(client), told=_teller(as_json=as_json), days=days)
        while not stop.is_set():
            try:
                counts = mailboxes.fetch(box, today=datetime.now(UTC).date())
            except MailboxWrong as error:
                if once:
                    raise
                output.say_failure(error)
            else:
                if once:
                    output.show(counts, as_json=as_json, text=output.counts(counts))
                    return
            stop.wait(every)


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not (host and port.isdigit() and int(port) < 65536):
        raise typer.BadParameter(f"{address} is not HOST:PORT")
    return host.strip("[]"), int(port)


def _opened(listener: Listener, address: str) -> Callable[[], None]:
    try:
        return listener.start()
    except OSError as error:
        raise ClientError(f"cannot listen at {address}: {error.strerror or error}") from error


def _teller(*, as_json: bool) -> Callable[[str, Taken | Trouble], None]:
    """Say of each mail what became of it, without saying whose it was."""

    def tell(what: str, became: Taken | Trouble) -> None:
        is_taken = isinstance(became, Taken)
        line = {"mail": what, "taken": is_taken}
        if isinstance(became, Taken):
            line |= {"outcome": became.outcome, "contacts": became.contacts}
            text = f"{what}: {became.outcome}, {became.contacts} contacts"
        else:
            line |= {"reason": became.reason, "final": became.is_final}
            text = f"{what}: {'refused' if became.is_final else 'not now'}, {became.reason}"
        typer.echo(json.dumps(line) if as_json else text, err=not is_taken and not as_json)

    return tell


def _until_told_to_stop() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror}") from error


def _line(file: Path, verdict: Verdict) -> dict[str, Any]:
    return {
        "file": str(file),
        "bounce": verdict.is_bounce,
        "class": verdict.bounce_class.value,
        "addresses": list(verdict.addresses) if verdict.is_bounce else [],
        "code": verdict.code,
    }
