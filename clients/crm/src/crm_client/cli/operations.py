"""`crm view|verify|resync|reconcile`: are all copies right, and making them so."""

import time
from typing import Annotated, Any

import typer

from crm_client.cli import output
from crm_client.operations import Ops

view = typer.Typer(help="The customer view.", no_args_is_help=True)
Service = Annotated[str | None, typer.Argument(help="One service; all without")]
Follow = Annotated[bool, typer.Option("--follow", help="Show a bar, and end when it has ended")]
_BETWEEN_LOOKS_SECONDS = 0.5


def add_to(app: typer.Typer) -> None:
    """Put the commands of this room at the top level."""
    for command in (verify, resync, reconcile):
        app.command()(command)


@view.command("rebuild")
def rebuild(follow: Follow = False, as_json: output.AsJson = False) -> None:
    """Read every record of every service anew and compose every customer; reads go on.

    Without --follow it goes on in the background; calling it again follows the one that runs.
    """
    ops, path = output.ops(), "/internal/view/rebuild"
    if not follow:
        found = ops.begin("gateway", path)
        output.show(found, as_json=as_json, text=f"begun: {found['done']} of {found['total']}")
        return
    with output.following("view") as reached:
        done = ops.follow("gateway", path, reached=reached)
    output.show(done, as_json=as_json, text=output.counts(done))


@view.command("verify")
def verify_view(as_json: output.AsJson = False) -> None:
    """Compare the view with its sources; 0 differences is the only pass."""
    found = output.ops().get("gateway", "/internal/view/verify")
    _judge({"view": found}, as_json=as_json)


def verify(service: Service = None, as_json: output.AsJson = False) -> None:
    """Compare every service's copies, and the view, with their sources."""
    ops = output.ops()
    found = {name: ops.get(name, "/internal/verify") for name in chosen(ops, service)}
    if service is None and "gateway" in ops.services:
        found["view"] = ops.get("gateway", "/internal/view/verify")
    _judge(found, as_json=as_json)


def resync(service: Service = None, as_json: output.AsJson = False) -> None:
    """Fill or repair every copy from its source, and remove ghosts."""
    ops, found = output.ops(), {}
    for name in chosen(ops, service):
        with output.following(name) as reached:
            found[name] = ops.follow(name, "/internal/resync", reached=reached)
    lines = [f"{name}: {output.counts(each)}" for name, each in found.items()]
    output.show(found, as_json=as_json, text="\n".join(lines))


def reconcile(
    service: Service = None,
    wait_seconds: Annotated[float, typer.Option("--wait", help="Seconds to wait at most")] = 300,
    as_json: output.AsJson = False,
) -> None:
    """Have every service look for facts it has not reacted to, and handle them."""
    ops, found = output.ops(), {}
    until = time.monotonic() + wait_seconds
    for name in chosen(ops, service):
        with output.following(name) as reached:
            found[name] = reconciled(ops, name, until=until, reached=reached)
    lines = [f"{name}: {output.counts(each)}" for name, each in found.items()]
    output.show(found, as_json=as_json, text="\n".join(lines))
    if any(each["waiting"] for each in found.values()):
        raise typer.Exit(1)


def chosen(ops: Ops, service: str | None) -> list[str]:
    """Return the one service named, or all. Raises BadParameter."""
    if service is None:
        return ops.services
    if service not in ops.services:
        raise typer.BadParameter(f"{service!r} is none of {', '.join(ops.services)}")
    return [service]


def reconciled(ops: Ops, service: str, *, until: float, reached: Any) -> dict[str, int]:
    """Begin, and wait until every handler has been compared once more."""
    begun = ops.work(service, "/internal/reconcile")
    while True:
        now = ops.work(service, "/internal/reconcile", method="GET")
        handlers = now["handlers"]
        ready = [each for each in handlers.values() if each["rounds"] > begun["round"]]
        handled = sum(each["handled"] for each in ready)
        reached("handlers", len(ready), len(handlers))
        if len(ready) == len(handlers) or time.monotonic() > until:
            return {
                "handlers": len(handlers), "handled": handled,
                "waiting": len(handlers) - len(ready),
            }  # fmt: skip
        time.sleep(_BETWEEN_LOOKS_SECONDS)


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
