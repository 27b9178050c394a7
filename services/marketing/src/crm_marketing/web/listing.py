"""The lists of every kind, alike."""

from typing import Any

from flask import Response
from sqlalchemy import Select

from crm_chassis import web
from crm_marketing.queries import lists


def listing(kind: str, wanted: dict[str, Any], statement: Select[Any] | None = None) -> Response:
    """Answer with one page of a kind's live records, newest first."""
    model: Any = lists.KINDS[kind]
    return web.listing(
        lists.found(kind, wanted) if statement is None else statement,
        kind=kind,
        id_column=model.id,
        sorts=lists.sorts(kind),
        args=wanted,
    )
