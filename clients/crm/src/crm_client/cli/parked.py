"""`crm parked`: messages no consumer could handle, by cause."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_client.cli import output
from crm_client.cli.operations import chosen
from crm_client.errors import ClientError, Refused
from crm_client.operations import Ops

app = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)
_PATH = "/internal/parked"

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of messages")]
Cause = Annotated[str | None, typer.Option(help="All with this cause")]
Consumer = Annotated[str | None, typer.Option(help="All of this consumer")]
Service = Annotated[str | None, typer.Option(help="Of one service only")]
State = Annotated[str, typer.Option(help="waiting, done or discarded")]
Every = Annotated[bool, typer.Option("--all", help="All that wait")]


@app.command("list")
def list_parked(
    service: Service = None, state: State = "waiting", as_json: output.AsJson = False
) -> None:
    """List parked messages, grouped by consumer and cause."""
    ops = output.ops()
    groups = [
        {"service": name, **group}
        for name in chosen(ops, service)
        for group in ops.get(name, _PATH, state=state, limit=1)["groups"]
    ]
    rows = [
        (
            each["service"], each["consumer"], each["cause"], each["messages"],
            str(each["newest_at"])[:19], f"{each['example']} {each['detail'][:60]}",
        )
        for each in groups
    ]  # fmt: skip
    names = ("service", "consumer", "cause", "messages", "newest", "for example")
    shown = output.table(*names, rows=rows) if groups else "nothing is parked"
    answer: dict[str, Any] = {"groups": groups}
    if as_json:
        answer["items"] = list(_items(ops, service, state=state))
    output.show(answer, as_json=as_json, text=shown)


@app.command()
def show(message_id: str, as_json: output.AsJson = False) -> None:
    """Show one parked message whole, with what was edited."""
    _, item = _found(output.ops(), message_id)
    lines = [f"{field:14} {value}" for field, value in item.items() if value is not None]
    output.show(item, as_json=as_json, text="\n".join(lines))


@app.command()
def retry(
    ids: Ids = None,
    cause: Cause = None,
    consumer: Consumer = None,
    every: Every = False,
    service: Service = None,
    as_json: output.AsJson = False,
) -> None:
    """Have messages handled again now: named ones, a group, or all."""
    which = _which(ids, cause, consumer, every=every)
    _decide({"action": "retry", **which}, service, as_json=as_json)


@app.command()
def discard(
    reason: Annotated[str, typer.Option(help="Why; it is kept")],
    ids: Ids = None,
    cause: Cause = None,
    consumer: Consumer = None,
    every: Every = False,
    service: Service = None,
    as_json: output.AsJson = False,
) -> None:
    """Give messages up; bodies and reason stay."""
    which = _which(ids, cause, consumer, every=every)
    _decide({"action": "discard", "reason": reason, **which}, service, as_json=as_json)


@app.command()
def edit(
    message_id: str,
    file: Annotated[
        Path | None, typer.Option(help="The edited body; without it $EDITOR opens a copy")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Have an edited copy of a message handled; the original is kept."""
    ops = output.ops()
    service, item = _found(ops, message_id)
    body = file.read_text() if file else _edited(item["edited"] or item["body"])
    order = {"action": "edit", "ids": [message_id], "body": body}
    done = ops.post(service, _PATH, order)
    output.show(done, as_json=as_json, text=f"{done['messages']} messages to be retried as edited")
    if not done["messages"]:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; one JSON object a line")],
    service: Service = None,
    state: State = "waiting",
    as_json: output.AsJson = False,
) -> None:
    """Write parked messages with their bodies to a file (it may hold personal data)."""
    ops, number = output.ops(), 0
    with open(file, "x", opener=_private) as out:
        for item in _items(ops, service, state=state):
            whole = ops.get(item["service"], _PATH, id=item["id"])["item"]
            out.write(json.dumps({"service": item["service"], **whole}, default=str) + "\n")
            number += 1
    answer = {"messages": number, "file": str(file)}
    output.show(answer, as_json=as_json, text=f"{number} messages in {file}")


@app.command()
def decisions(service: Service = None, as_json: output.AsJson = False) -> None:
    """Show who decided what, newest first; nobody can change it."""
    ops = output.ops()
    found = [
        {"service": name, **each}
        for name in chosen(ops, service)
        for each in ops.get(name, "/internal/operations")["items"]
    ]
    found.sort(key=lambda each: str(each["at"]), reverse=True)
    rows = [
        (str(each["at"])[:19], each["service"], each["actor"], each["action"], each["subject"],
         each["detail"].get("reason", ""))
        for each in found
    ]  # fmt: skip
    shown = output.table("at", "service", "who", "what", "of", "reason", rows=rows)
    output.show({"items": found}, as_json=as_json, text=shown)


def _which(
    ids: list[str] | None, cause: str | None, consumer: str | None, *, every: bool
) -> dict[str, Any]:
    if not (ids or cause or consumer or every):
        raise typer.BadParameter("name ids, --cause, --consumer or --all")
    return {"ids": ids or [], "cause": cause, "consumer": consumer, "all": every}


def _decide(order: dict[str, Any], service: str | None, *, as_json: bool) -> None:
    ops = output.ops()
    done = {name: ops.post(name, _PATH, order)["messages"] for name in chosen(ops, service)}
    verb = {"retry": "to be retried", "discard": "discarded"}[order["action"]]
    output.show(done, as_json=as_json, text=f"{sum(done.values())} messages {verb}")
    if order["ids"] and not sum(done.values()):
        raise typer.Exit(1)


def _items(ops: Ops, service: str | None, *, state: str) -> Iterator[dict[str, Any]]:
    for name in chosen(ops, service):
        after: str | None = ""
        while after is not None:
            page = ops.get(name, _PATH, state=state, after=after)
            yield from ({"service": name, **item} for item in page["items"])
            after = page["next"]


def _found(ops: Ops, message_id: str) -> tuple[str, dict[str, Any]]:
    for name in ops.services:
        try:
            return name, {"service": name, **ops.get(name, _PATH, id=message_id)["item"]}
        except Refused as error:
            if error.status != 404:
                raise
    raise ClientError(f"no service has parked {message_id}")


def _edited(body: str) -> str:
    """Open a copy in the operator's editor, and return what it was saved as."""
    with tempfile.NamedTemporaryFile("w+", suffix=".json", prefix="crm-parked-") as copy:
        copy.write(body)
        copy.flush()
        subprocess.run([os.environ.get("EDITOR", "vi"), copy.name], check=True)
        changed = Path(copy.name).read_text()
    if changed == body:
        raise ClientError("nothing was changed")
    return changed


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
