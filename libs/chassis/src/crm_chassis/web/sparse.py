"""`?fields=name,emails`: an answer with only those fields of each record, and its id."""

from dataclasses import fields
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, current_app, g, request

import crm_contracts as contracts
from crm_chassis.problems import Invalid

PARAMETER = "fields"
_ALWAYS = frozenset({"id"})


def ask(kind: str) -> None:
    """Note which fields of a kind of record the request wants. Raises Invalid for no such field."""
    given = request.args.get(PARAMETER)
    if given is None:
        return
    wanted = frozenset(name.strip() for name in given.split(","))
    unknown = sorted(wanted - _fields_of(current_app.extensions["crm"].service, kind))
    if unknown:
        raise Invalid({PARAMETER: [f"no field of {kind}: {', '.join(unknown) or 'none given'}"]})
    g.wanted_fields = wanted | _ALWAYS


def narrowed(response: Response) -> Response:
    """Leave out what was not asked for, of one record or of each on a page."""
    wanted: frozenset[str] | None = g.get("wanted_fields")
    if wanted is None or response.status_code != HTTPStatus.OK:
        return response
    found = orjson.loads(response.get_data())
    if "items" in found and "id" not in found:
        found["items"] = [_part(each, wanted) for each in found["items"]]
    else:
        found = _part(found, wanted)
    response.set_data(orjson.dumps(found))
    return response


def _part(record: dict[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in wanted}


@cache
def _fields_of(service: str, kind: str) -> frozenset[str]:
    record = contracts.RECORDS[service, kind]
    return frozenset(record.renames.get(each.name, each.name) for each in fields(record))
