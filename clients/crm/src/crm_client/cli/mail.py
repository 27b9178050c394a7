"""`crm mail`: what mails say about mail that was not delivered."""

import base64
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_bounces import Verdict, classify
from crm_client.cli import output
from crm_client.errors import ClientError

app = typer.Typer(help="Mails that came back.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="Mails as files, one each (.eml)")]


class Unreadable(ClientError):
    """A file cannot be read."""


@app.callback()
def about() -> None:
    """Mails that came back."""


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
