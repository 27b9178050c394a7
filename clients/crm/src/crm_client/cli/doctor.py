"""`crm doctor`: what is wrong, and what to do about each."""

import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from crm_client import doctor as rules
from crm_client import settings
from crm_client.cli import output, topology
from crm_client.cli.status import asked
from crm_client.errors import ClientError, NotReachable, SettingMissing
from crm_client.operations import Ops


def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Compare all copies and the view too")
    ] = False,
    as_json: output.AsJson = False,
) -> None:
    """Look for what is wrong: settings, roles, clocks, relays, copies, databases, broker, disk.

    Ends with 1 when there is an error; a warning alone does not count.
    """
    ops = output.ops()
    if deep:
        _compare(ops)
    found = rules.findings(_examined(ops))
    rows = [(each.level, each.where, each.what, each.advice) for each in found]
    shown = output.table("", "where", "what", "what to do", rows=rows)
    answer = {"findings": [asdict(each) for each in found]}
    output.show(answer, as_json=as_json, text=shown if found else "nothing is wrong")
    if any(each.level == "error" for each in found):
        raise typer.Exit(1)


def _examined(ops: Ops) -> rules.Case:
    services, asked_at, configurations = {}, {}, {}
    for name in ops.services:
        began = datetime.now(UTC)
        services[name] = asked(ops, name)
        asked_at[name] = began + (datetime.now(UTC) - began) / 2
        if "fault" not in services[name]:
            configurations[name] = ops.get(name, "/internal/configuration")
    if services and all("fault" in each for each in services.values()):
        raise NotReachable(next(iter(services.values()))["fault"])
    return rules.Case(
        services=services,
        roles={role: ops.readiness(role) for role in ops.settings.peers},
        configurations=configurations,
        asked_at=asked_at,
        broker=_broker(),
        disk_free=_disk_free(),
    )


def _compare(ops: Ops) -> None:
    """Have every service compare now; what it finds is in its status afterwards."""
    for name in ops.services:
        ops.get(name, "/internal/verify")
    ops.get("gateway", "/internal/view/verify")


def _broker() -> dict[str, Any] | None:
    try:
        return topology.examined(settings.broker())
    except SettingMissing:
        return None
    except ClientError as error:
        return {"fault": str(error)}


def _disk_free() -> float | None:
    home = settings.home()
    if home is None:
        return None
    usage = shutil.disk_usage(home)
    return usage.free / usage.total
