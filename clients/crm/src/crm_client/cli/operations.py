"""`crm view|verify|resync|reconcile|status`: are all copies right, and making them so."""

from typing import Annotated, Any

import typer

from crm_client.cli import output
from crm_client.errors import ClientError
from crm_client.operations import Ops

view = typer.Typer(help="The customer view.", no_args_is_help=True)
Service = Annotated[str | None, typer.Argument(help="One service; all without")]


def add_to(app: typer.Typer) -> None:
    """Put the commands of this room at the top level."""
    for command in (verify, resync, reconcile, status):
        app.command()(command)


@view.command("rebuild")
def rebuild(as_json: output.AsJson = False) -> None:
    """Read every record of every service anew and compose every customer; reads go on."""
    found = output.ops().post("gateway", "/internal/view/rebuild")
    output.show(found, as_json=as_json, text=output.counts(found))


@view.command("verify")
def verify_view(as_json: output.AsJson = False) -> None:
    """Compare the view with its sources; 0 differences is the only pass."""
    found = output.ops().get("gateway", "/internal/view/verify")
    _judge({"view": found}, as_json=as_json)


def verify(service: Service = None, as_json: output.AsJson = False) -> None:
    """Compare every service's copies, and the view, with their sources."""
    ops = output.ops()
    found = {name: ops.get(name, "/internal/verify") for name in _chosen(ops, service)}
    if service is None and "gateway" in ops.services:
        found["view"] = ops.get("gateway", "/internal/view/verify")
    _judge(found, as_json=as_json)


def resync(service: Service = None, as_json: output.AsJson = False) -> None:
    """Fill or repair every copy from its source, and remove ghosts."""
    ops = output.ops()
    found = {name: ops.post(name, "/internal/resync") for name in _chosen(ops, service)}
    lines = [f"{name}: {output.counts(each)}" for name, each in found.items()]
    output.show(found, as_json=as_json, text="\n".join(lines))


def reconcile(service: Service = None, as_json: output.AsJson = False) -> None:
    """Have every service look for facts it has not reacted to; it does so in the background."""
    ops = output.ops()
    found = {name: ops.work(name, "/internal/reconcile") for name in _chosen(ops, service)}
    lines = [f"{name}: {output.counts(each)}" for name, each in found.items()]
    output.show(found, as_json=as_json, text="\n".join(lines))


def status(as_json: output.AsJson = False) -> None:
    """Show what waits: facts unsent, messages parked, how fresh each service's word is."""
    ops = output.ops()
    found = {name: _asked(ops, name) for name in ops.services}
    rows = [
        (
            name,
            each.get("outbox_depth", each.get("fault", "?")),
            each.get("outbox_oldest_at") or "-",
            sum(one["messages"] for one in each.get("parked", ())),
            " ".join(f"{who} {at[11:19]}" for who, at in each.get("watermarks", {}).items()),
        )
        for name, each in found.items()
    ]
    shown = output.table("service", "unsent", "oldest", "parked", "watermarks", rows=rows)
    output.show(found, as_json=as_json, text=shown)
    if any("fault" in each for each in found.values()):
        raise typer.Exit(1)


def _asked(ops: Ops, service: str) -> dict[str, Any]:
    """Return a service's status, or what is wrong: one that is down must not hide the others."""
    try:
        return ops.status(service)
    except ClientError as error:
        return {"fault": str(error)}


def _chosen(ops: Ops, service: str | None) -> list[str]:
    if service is None:
        return ops.services
    if service not in ops.services:
        raise typer.BadParameter(f"{service!r} is none of {', '.join(ops.services)}")
    return [service]


def _judge(found: dict[str, Any], *, as_json: bool) -> None:
    wrong = sum(
        each["differences"] + each.get("overdue_placeholders", 0) for each in found.values()
    )
    lines = []
    for name, each in found.items():
        waiting = each.get("overdue_placeholders", 0)
        placeholders = f", {waiting} overdue placeholders" if waiting else ""
        lines.append(f"{name}: {each['differences']} differences{placeholders}")
        lines += [f"  {item}" for item in each.get("items", [])[:10]]
        lines += [f"  stale document {item}" for item in each.get("stale_documents", [])[:10]]
    output.show({"differences": wrong, **found}, as_json=as_json, text="\n".join(lines))
    if wrong:
        raise typer.Exit(1)
