"""`crm status`: what waits, how late it is, what differs, and which role is not ready."""

from typing import Any

import typer
from rich.console import Group

from crm_client.cli import output
from crm_client.errors import ClientError
from crm_client.operations import Ops


def status(as_json: output.AsJson = False) -> None:
    """Show each service (facts unsent, messages parked, lag, differences) and each role."""
    ops = output.ops()
    services = {name: asked(ops, name) for name in ops.services}
    roles = {role: ops.readiness(role) for role in ops.settings.peers}
    answer = {**services, "roles": roles}
    output.show(answer, as_json=as_json, text=Group(_services(services), "", _roles(roles)))
    is_well = all(each["ready"] for each in roles.values())
    if not is_well or any("fault" in each for each in services.values()):
        raise typer.Exit(1)


def asked(ops: Ops, service: str) -> dict[str, Any]:
    """Return a service's status, or what is wrong: one that is down must not hide the others."""
    try:
        return ops.status(service)
    except ClientError as error:
        return {"fault": str(error)}


def _services(services: dict[str, Any]) -> Any:
    rows = [
        (
            name,
            each.get("outbox_depth", each.get("fault", "?")),
            _seconds(each.get("outbox_oldest_seconds")),
            sum(one["messages"] for one in each.get("parked", ())),
            sum(each.get("mails", {}).values()),
            _lag(each.get("lag_seconds", {})),
            _differences(each.get("verified", {})),
        )
        for name, each in services.items()
    ]
    return output.table(
        "service", "unsent", "oldest", "parked", "mails failed", "lag", "differences", rows=rows
    )


def _roles(roles: dict[str, Any]) -> Any:
    rows = [(_named(role), *_standing(found)) for role, found in roles.items()]
    return output.table("role", "ready", "waits for", rows=rows)


def _named(role: str) -> str:
    return role if "." in role else f"{role}.serve"


def _standing(found: dict[str, Any]) -> tuple[str, str]:
    wrong = [f"{name}: {said}" for name, said in found.get("checks", {}).items() if said != "ok"]
    return "yes" if found["ready"] else "no", "; ".join(wrong)


def _lag(lag: dict[str, float]) -> str:
    if not lag:
        return "-"
    latest = max(lag, key=lambda name: lag[name])
    return f"{_seconds(lag[latest])} ({latest})"


def _differences(verified: dict[str, Any]) -> str:
    found = [f"{what} {each['differences']}" for what, each in verified.items()]
    return ", ".join(found) or "not compared yet"


def _seconds(seconds: float | None) -> str:
    return f"{seconds:.1f} s" if seconds else "-"
