"""`crm restore-bump SERVICE`: what has to follow when a service's database came from a backup."""

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from crm_client.cli import output
from crm_client.cli.operations import reconciled
from crm_client.errors import ClientError, NotReachable
from crm_client.operations import Ops

Reached = Callable[[str, int, int], None]
_BETWEEN_LOOKS_SECONDS = 0.5


def restore_bump(
    service: Annotated[str, typer.Argument(help="The service whose database was restored")],
    wait_seconds: Annotated[
        float, typer.Option("--wait", help="How long others may take to agree, in seconds")
    ] = 600,
    as_json: output.AsJson = False,
) -> None:
    """Lift a restored service's versions, tell all its records again, and bring others in line.

    Others hold what was said after the backup: newer versions, and records that are no more. Facts
    this service had handled after the backup are handled again. Ends with 0 when nothing differs.
    """
    ops = output.ops()
    if service not in ops.services:
        raise typer.BadParameter(f"{service!r} is none of {', '.join(ops.services)}")
    until = time.monotonic() + wait_seconds
    with output.following(service) as reached:
        lifted = ops.follow(service, "/internal/restore-bump", reached=reached)
        _until_told(ops, service, lifted["records"], until=until, reached=reached)
        refilled = ops.follow(service, "/internal/resync", reached=reached)
        _until_reconciled(ops, service, until=until, reached=reached)
        again = ops.follow(service, "/internal/restore-bump-again", reached=reached)
        _until_told(ops, service, again["records"], until=until, reached=reached)
        if service == "gateway":
            ops.follow(service, "/internal/view/rebuild", reached=reached)
        removed, wrong = _until_agreed(ops, until=until, reached=reached)
    answer = {
        **lifted,
        **refilled,
        "made_anew": again["records"],
        "ghosts_elsewhere": removed,
        "differences": wrong,
    }
    output.show(answer, as_json=as_json, text=output.counts(answer))
    if wrong:
        raise typer.Exit(1)


def _until_told(ops: Ops, service: str, records: int, *, until: float, reached: Reached) -> None:
    """Wait until the service's relay has sent all there is now; writes go on. Raises ClientError."""
    begun = str(ops.status(service)["now"])
    while (found := ops.status(service))["outbox_depth"]:
        if str(found["outbox_oldest_at"]) > begun:  # both in UTC, to the microsecond
            return
        unsent = int(found["outbox_depth"])
        reached("to be told", max(records - unsent, 0), records)
        if time.monotonic() > until:
            raise ClientError(f"{unsent} facts wait to be sent: does a relay of {service} run?")
        time.sleep(_BETWEEN_LOOKS_SECONDS)


def _until_reconciled(ops: Ops, service: str, *, until: float, reached: Reached) -> None:
    """Have the service handle what it handled after the backup; its `work` may yet be starting.

    Raises NotReachable.
    """
    while True:
        try:
            reconciled(ops, service, until=until, reached=reached)
            return
        except NotReachable:
            if time.monotonic() > until:
                raise
            time.sleep(_BETWEEN_LOOKS_SECONDS)


def _until_agreed(ops: Ops, *, until: float, reached: Reached) -> tuple[int, int]:
    """Have everybody forget what is no more, until nothing differs; return (forgotten, differing).

    Again and again, because messages of before the restoration may still be on their way.
    """
    removed = 0
    while True:
        for name, path in _keepers(ops):
            removed += int(ops.post(name, f"/internal/{path}ghosts")["ghosts_removed"])
        found = [_verified(ops, name, path) for name, path in _keepers(ops)]
        wrong = sum(each["differences"] for each in found)
        reached("differences elsewhere", 0, wrong)
        if not wrong or time.monotonic() > until:
            return removed, wrong


def _keepers(ops: Ops) -> list[tuple[str, str]]:
    """Return whose copies are compared: every service's, and the view."""
    view = [("gateway", "view/")] if "gateway" in ops.services else []
    return [*((name, "") for name in ops.services), *view]


def _verified(ops: Ops, name: str, path: str) -> dict[str, Any]:
    return dict(ops.get(name, f"/internal/{path}verify"))
