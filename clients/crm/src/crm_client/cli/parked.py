"""`crm parked`: messages no consumer could handle, by cause."""

from collections import Counter
from typing import Annotated, Any

import typer

from crm_client.cli import output
from crm_client.errors import ClientError, Refused
from crm_client.operations import Ops

app = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)
_PATH = "/internal/parked"

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of messages")]
Cause = Annotated[str | None, typer.Option(help="All with this cause")]
Service = Annotated[str | None, typer.Option(help="Of one service only")]
Every = Annotated[bool, typer.Option("--all", help="All that wait")]


@app.command("list")
def list_parked(
    service: Service = None,
    state: Annotated[str, typer.Option(help="waiting, done or discarded")] = "waiting",
    as_json: output.AsJson = False,
) -> None:
    """List parked messages, grouped by cause."""
    ops = output.ops()
    found = [
        {"service": name, **item}
        for name in _chosen(ops, service)
        for item in ops.get(name, _PATH, state=state)["items"]
    ]
    groups = Counter((each["service"], each["consumer"], each["cause"]) for each in found)
    rows = [(*group, number, _example(found, group)) for group, number in groups.most_common()]
    shown = output.table("service", "consumer", "cause", "messages", "newest", rows=rows)
    output.show({"items": found}, as_json=as_json, text=shown if found else "nothing is parked")


@app.command()
def show(message_id: str, as_json: output.AsJson = False) -> None:
    """Show one parked message whole."""
    ops = output.ops()
    for name in ops.services:
        try:
            item = {"service": name, **ops.get(name, _PATH, id=message_id)["item"]}
        except Refused as error:
            if error.status != 404:
                raise
            continue
        lines = [f"{field:14} {value}" for field, value in item.items() if value is not None]
        output.show(item, as_json=as_json, text="\n".join(lines))
        return
    raise ClientError(f"no service has parked {message_id}")


@app.command()
def retry(
    ids: Ids = None,
    cause: Cause = None,
    every: Every = False,
    service: Service = None,
    as_json: output.AsJson = False,
) -> None:
    """Have messages handled again now."""
    _decide({"action": "retry", **_which(ids, cause, every=every)}, service, as_json=as_json)


@app.command()
def discard(
    reason: Annotated[str, typer.Option(help="Why; it is kept")],
    ids: Ids = None,
    cause: Cause = None,
    every: Every = False,
    service: Service = None,
    as_json: output.AsJson = False,
) -> None:
    """Give messages up."""
    order = {"action": "discard", "reason": reason, **_which(ids, cause, every=every)}
    _decide(order, service, as_json=as_json)


def _which(ids: list[str] | None, cause: str | None, *, every: bool) -> dict[str, Any]:
    if not (ids or cause or every):
        raise typer.BadParameter("name ids, --cause or --all")
    return {"ids": ids or [], "cause": cause, "all": every, "actor": "operator:crm"}


def _decide(order: dict[str, Any], service: str | None, *, as_json: bool) -> None:
    ops = output.ops()
    done = {name: ops.post(name, _PATH, order)["messages"] for name in _chosen(ops, service)}
    verb = {"retry": "to be retried", "discard": "discarded"}[order["action"]]
    output.show(done, as_json=as_json, text=f"{sum(done.values())} messages {verb}")
    if order["ids"] and not sum(done.values()):
        raise typer.Exit(1)


def _chosen(ops: Ops, service: str | None) -> list[str]:
    if service is not None and service not in ops.services:
        raise typer.BadParameter(f"{service!r} is none of {', '.join(ops.services)}")
    return [service] if service else ops.services


def _example(found: list[dict[str, Any]], group: tuple[str, ...]) -> str:
    alike = [each for each in found if (each["service"], each["consumer"], each["cause"]) == group]
    newest = max(alike, key=lambda each: str(each["parked_at"]))
    return f"{newest['id']} {str(newest['detail'] or '')[:60]}"
