"""The operators' routes of one service, for its ops port."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_chassis import audit as trail
from crm_chassis.metrics import Route, answer
from crm_chassis.operations import audit, copies
from crm_chassis.operations.configuration import configuration
from crm_chassis.operations.jobs import Job, Progress
from crm_chassis.operations.parked import parked
from crm_chassis.operations.restore import bump_again, restore_bump
from crm_chassis.operations.status import status
from crm_chassis.records import Peers
from crm_chassis.records.server import connect
from crm_chassis.settings import Deployment


def routes(
    deployment: Deployment,
    folders: Sequence[Any],
    *,
    restored: Callable[[Any], None] = lambda _: None,
    mails: str | None = None,
) -> dict[str, Route]:
    """Return the operators' routes; `folders` are the service's copies, `restored` see restore."""
    url, service = deployment.database_url, deployment.service
    peers = Peers(deployment.peers, ops_token=deployment.ops_token)
    jobs = {
        "resync": lambda progress, _: copies.resync(folders, peers, url, progress=progress),
        "ghosts": lambda _, __: {"ghosts_removed": copies.drop_ghosts(folders, peers, url)},
        "audit/verify": lambda progress, _: _verified(url, progress),
        "restore-bump": lambda progress, actor: restore_bump(
            url, service, actor=actor, progress=progress, first=restored
        ),
        "restore-bump-again": lambda progress, actor: bump_again(
            url, service, actor=actor, progress=progress
        ),
    }
    made = {f"/internal/{name}": Job(name, work) for name, work in jobs.items()}
    return (
        made
        | trail.routes(url)
        | {
            "/internal/parked": lambda request: parked(url, request),
            "/internal/verify": lambda _: answer(copies.verify(folders, peers, url)),
            "/internal/status": lambda _: answer(status(url, mails=mails)),
            "/internal/configuration": lambda _: answer(configuration(deployment)),
            "/internal/operations": lambda request: answer({"items": _operations(url, request)}),
        }
    )


def _verified(database_url: str, progress: Progress) -> dict[str, Any]:
    with connect(database_url) as connection:
        return trail.verify(connection, reached=progress.reach)


def _operations(database_url: str, request: Any) -> list[dict[str, Any]]:
    with connect(database_url) as connection:
        return audit.operations(connection, limit=int(request.args.get("limit", audit.MOST_SHOWN)))
