"""The lists of every kind, alike; and records whose numbers are of what the caller sees."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from sqlalchemy import Select

from crm_chassis import web
from crm_marketing.queries import lists


def listing(kind: str, wanted: dict[str, Any], statement: Select[Any] | None = None) -> Response:
    """Answer with one page of a kind's live records, newest first."""
    model: Any = lists.KINDS[kind]
    return web.listing(
        lists.found(kind, wanted, web.principal()) if statement is None else statement,
        kind=kind,
        id_column=model.id,
        sorts=lists.sorts(kind),
        args=wanted,
    )


def shown_with(kind: str, record_id: UUID, values: Mapping[str, Any]) -> Response:
    """Answer with a record in which these values stand; they have no version, so nor has it."""
    response = web.read(kind, record_id, conditional=False)
    response.headers.pop("ETag", None)
    response.set_data(orjson.dumps({**orjson.loads(response.get_data()), **values}))
    return response
