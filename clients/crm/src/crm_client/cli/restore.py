"""`crm restore-bump SERVICE`: what has to follow when a service's database came from a backup."""

import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import typer

from crm_client.cli import output
from crm_client.cli.operations import reconciled
from crm_client.errors import ClientError, NotReachable, Refused
from crm_client.operations import Ops

Reached = Callable[[str, int, int], None]
_BETWEEN_LOOKS_SECONDS = 0.5
_PEER_AWAY = ": PeerAway: "  # a service that could not ask another one
T = TypeVar("T")


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

        def followed(path: str) -> dict[str, Any]:
            return _patiently(lambda: ops.follow(service, path, reached=reached), until=until)

        lifted = followed("/internal/restore-bump")
        _until_told(ops, service, lifted["records"], until=until, reached=reached)
        refilled = followed("/internal/resync")
        _patiently(lambda: reconciled(ops, service, until=until, reached=reached), until=until)
        again = followed("/internal/restore-bump-again")
        _until_told(ops, service, again["records"], until=until, reached=reached)
        if service == "gateway":
            followed("/internal/view/rebuild")
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

    def status() -> dict[str, Any]:
        return _patiently(lambda: ops.status(service), until=until)

    begun = str(status()["now"])
    while (found := status())["outbox_depth"]:
        if str(found["outbox_oldest_at"]) > begun:  # both in UTC, to the microsecond
            return
        unsent = int(found["outbox_depth"])
        reached("to be told", max(records - unsent, 0), records)
        if time.monotonic() > until:
            raise ClientError(f"{unsent} facts wait to be sent: does a relay of {service} run?")
        time.sleep(_BETWEEN_LOOKS_SECONDS)


def _patiently(step: Callable[[], T], *, until: float) -> T:
    """Take a step that may be taken again; a role that is away for a while may yet be starting.

    Raises ClientError for what will not pass, and for what has not passed in time.
    """
    while True:
        try:
            return step()
        except ClientError as error:
            if not _passes(error) or time.monotonic() > until:
                raise
            time.sleep(_BETWEEN_LOOKS_SECONDS)


def _passes(error: ClientError) -> bool:
    if isinstance(error, Refused):
        return error.status == HTTPStatus.SERVICE_UNAVAILABLE
    return isinstance(error, NotReachable) or _PEER_AWAY in str(error)


def _until_agreed(ops: Ops, *, until: float, reached: Reached) -> tuple[int, int]:
    """Have everybody forget what is no more, until nothing differs; return (forgotten, differing).

    Again and again, because messages of before the restoration may still be on their way.
    """
    removed = 0
    while True:
        for name, path in _keepers(ops):
            removed += _patiently(partial(_forgotten, ops, name, path), until=until)
        wrong = sum(
            _patiently(partial(_differences, ops, name, path), until=until)
            for name, path in _keepers(ops)
        )
        reached("differences elsewhere", 0, wrong)
        if not wrong or time.monotonic() > until:
            return removed, wrong


def _keepers(ops: Ops) -> list[tuple[str, str]]:
    """Return whose copies are compared: every service's, and the view."""
    view = [("gateway", "view/")] if "gateway" in ops.services else []
    return [*((name, "") for name in ops.services), *view]


def _forgotten(ops: Ops, name: str, path: str) -> int:
    return int(ops.post(name, f"/internal/{path}ghosts")["ghosts_removed"])


def _differences(ops: Ops, name: str, path: str) -> int:
    return int(ops.get(name, f"/internal/{path}verify")["differences"])
