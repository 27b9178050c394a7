"""Rebuilding and verifying the view, on the ops port."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_chassis import clock, crashpoints, metrics, records
from crm_chassis.operations import Job, Progress, remember
from crm_chassis.records.server import connect
from crm_chassis.settings import Deployment
from crm_gateway.queries import checks
from crm_gateway.view.documents import documents_of, recompose
from crm_gateway.view.folder import ViewFolder
from crm_gateway.view.shapes import all_sources

_MAY_WAIT = timedelta(seconds=10)  # a busy customer, until its composer has come to it


def internal_routes(settings: Any) -> dict[str, metrics.Route]:
    """Return the view's internal routes."""
    deployment: Deployment = settings.deployment
    return {
        "/internal/view/rebuild": Job(
            "view rebuild", lambda progress, _: rebuild(deployment, progress=progress)
        ),
        "/internal/view/ghosts": Job("view ghosts", lambda *_: _drop_ghosts(deployment)),
        "/internal/view/verify": lambda _: metrics.answer(verify(deployment)),
    }


def rebuild(deployment: Deployment, *, progress: Progress | None = None) -> dict[str, int]:
    """Read every record of every service anew, remove ghosts, recompose all; reads go on."""
    url, peers = deployment.database_url, _peers(deployment)
    folder, progress = ViewFolder(all_sources()), progress or Progress()
    with connect(url) as connection:
        known = checks.number_of_customers(connection)
    progress.expect(records.count(folder, peers) + known)
    read = records.resync(folder, peers, url, progress=progress.reach)
    crashpoints.reach("rebuild.after_records")
    ghosts = records.drop_ghosts(folder, peers, url)
    crashpoints.reach("rebuild.after_ghosts")
    customers = 0
    with connect(url) as connection:
        for page in checks.pages_of_customers(connection):
            with connection.transaction():
                recompose(connection, page, anew=True)
            crashpoints.reach("rebuild.after_page")
            customers += len(page)
            progress.reach("customers", read + customers)
    return {"records": read, "ghosts_removed": ghosts, "customers": customers}


def _drop_ghosts(deployment: Deployment) -> dict[str, int]:
    url, peers = deployment.database_url, _peers(deployment)
    return {"ghosts_removed": records.drop_ghosts(ViewFolder(all_sources()), peers, url)}


def verify(deployment: Deployment) -> dict[str, Any]:
    """Compare every record with its owner's, every document with its records."""
    url = deployment.database_url
    found = records.verify(ViewFolder(all_sources()), _peers(deployment), url)
    with connect(url) as connection:
        stale = [
            id_
            for page in checks.pages_of_customers(connection)
            for id_ in _stale(connection, page)
        ]
        stale = [id_ for id_ in stale if _stale(connection, [id_])]
        remember(connection, "view", len(found) + len(stale))
    return {
        "differences": len(found) + len(stale),
        "items": [asdict(difference) for difference in found[:100]],
        "stale_documents": stale[:100],
    }


def _peers(deployment: Deployment) -> records.Peers:
    return records.Peers(deployment.peers, ops_token=deployment.ops_token)


def _stale(connection: Any, customers: Sequence[UUID]) -> list[UUID]:
    """Return those whose stored document is not what composing gives, in one snapshot."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        kept = checks.etags(connection, customers)
        made = documents_of(connection, customers)
        waiting = checks.put_off(connection, customers, clock.now() - _MAY_WAIT)
    stale = [each.customer_id for each in made if kept.get(each.customer_id) != each.etag]
    return [customer for customer in stale if customer not in waiting]
