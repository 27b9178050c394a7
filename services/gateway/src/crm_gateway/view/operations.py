"""Rebuilding and verifying the view, on the ops port."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Request, Response

from crm_chassis import metrics, records
from crm_chassis.records.server import connect
from crm_chassis.settings import Deployment
from crm_gateway.view.folder import ViewFolder, documents_of, recompose
from crm_gateway.view.shapes import all_sources

_CUSTOMERS_AT_ONCE = 500


def internal_routes(settings: Any) -> dict[str, metrics.Route]:
    """Return the view's internal routes."""
    deployment: Deployment = settings.deployment
    return {
        "/internal/view/rebuild": lambda request: _rebuild(deployment, request),
        "/internal/view/verify": lambda _: metrics.answer(verify(deployment)),
    }


def rebuild(deployment: Deployment) -> dict[str, int]:
    """Read every record of every service anew, remove ghosts, recompose all; reads go on."""
    url, peers = deployment.database_url, _peers(deployment)
    folder = ViewFolder(all_sources())
    read = records.resync(folder, peers, url)
    ghosts = records.drop_ghosts(folder, peers, url)
    customers = 0
    with connect(url) as connection:
        for page in _pages(connection):
            with connection.transaction():
                recompose(connection, page)
            customers += len(page)
    return {"records": read, "ghosts_removed": ghosts, "customers": customers}


def verify(deployment: Deployment) -> dict[str, Any]:
    """Compare every record with its owner's, every document with its records."""
    url = deployment.database_url
    found = records.verify(ViewFolder(all_sources()), _peers(deployment), url)
    with connect(url) as connection:
        stale = [id_ for page in _pages(connection) for id_ in _stale(connection, page)]
        stale = [id_ for id_ in stale if _stale(connection, [id_])]
    return {
        "differences": len(found) + len(stale),
        "items": [asdict(difference) for difference in found[:100]],
        "stale_documents": stale[:100],
    }


def _rebuild(deployment: Deployment, request: Request) -> Response:
    if request.method != "POST":
        return metrics.answer({"title": "POST to start it"}, 405)
    return metrics.answer(rebuild(deployment))


def _peers(deployment: Deployment) -> records.Peers:
    return records.Peers(deployment.peers, ops_token=deployment.ops_token)


def _pages(connection: Any) -> Any:
    after = UUID(int=0)
    while True:
        rows = connection.execute(_CUSTOMERS, (after, _CUSTOMERS_AT_ONCE)).fetchall()
        if not rows:
            return
        yield [row[0] for row in rows]
        after = rows[-1][0]


def _stale(connection: Any, customers: Sequence[UUID]) -> list[UUID]:
    """Return those whose stored document is not what composing gives, in one snapshot."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        kept = dict(connection.execute(_ETAGS, (list(customers),)).fetchall())
        made = documents_of(connection, customers)
    return [each.customer_id for each in made if kept.get(each.customer_id) != each.etag]


_CUSTOMERS = """
select distinct customer_id from view_link where customer_id > %s order by 1 limit %s
"""
_ETAGS = "select customer_id, etag from customer_view where customer_id = any(%s)"
