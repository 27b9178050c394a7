"""What every kind of record answers besides, in a service that keeps copies of fields and rules."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from crm_chassis import clock, db, web
from crm_chassis.web.blueprints import Blueprint
from crm_fields.holding import asking, past, trials
from crm_fields.holding.errors import TrialTooLarge
from crm_fields.holding.schemas import (
    BreachesIn,
    BreachesOut,
    CheckIn,
    HistoryIn,
    HistoryOut,
    SensitiveOut,
    TrialOut,
)
from crm_fields.holding.writing import Keeper
from crm_fields.objects import Held

LARGEST_MATCHED = 200_000  # texts that are held against a pattern while somebody waits
Filters = Mapping[str, Any]


def add(blueprint: Blueprint, held: Held, keeper: Keeper) -> None:
    """Add the routes to the blueprint of a kind of record."""

    @blueprint.post("/dry-run")
    @blueprint.arguments(CheckIn)
    @blueprint.response(200, TrialOut)
    @web.needs("bulk")
    def try_rule(fields: Filters) -> Response:
        """Count what breaks a validation rule, kept or not, of what one sees; nothing is written."""
        return _tried(held, keeper, fields)

    @blueprint.get("/rule-breaches")
    @blueprint.arguments(BreachesIn, location="query")
    @blueprint.response(200, BreachesOut)
    @web.needs(special="manage_rules")
    def list_breaches(filters: Filters) -> Response:
        """List which rules records break since they were last written; for admins."""
        return past.broken_rules({**filters, "object": held.value})

    @blueprint.get("/<uuid:record_id>/history")
    @blueprint.arguments(HistoryIn, location="query")
    @blueprint.response(200, HistoryOut)
    def read_history(args: Filters, record_id: UUID) -> Response:
        """What changed, when, by whom and where from, newest first."""
        return past.history_of(held.value, record_id, args)

    @blueprint.get("/<uuid:record_id>/sensitive")
    @blueprint.response(200, SensitiveOut)
    def read_sensitive(record_id: UUID) -> Response:
        """Read what the sensitive fields hold; for the owner and admins."""
        return past.sensitive(held, record_id)


def asked(held: Held, keeper: Keeper, filters: Filters) -> tuple[dict[str, Any], list[Any]]:
    """Return a list's filters without those of own fields, and what these ask for.

    Only who asks for the company's own fields, or searches, has to know them. Raises Invalid.
    """
    if not any(filters.get(name) for name in ("where", "custom", "q")):
        return dict(filters), []
    with web.sessions()() as session:
        part = keeper.books.now(session)[held]
    records = keeper.records[held]
    rest, found = asking.asked(part, records, filters, now=clock.now())
    if part.searched and (text := rest.pop("q", None)):
        found.append(asking.known_by(part, records, text))
    return rest, found


def _tried(held: Held, keeper: Keeper, fields: Filters) -> Response:
    with web.sessions()() as session:
        part, records = keeper.books.now(session)[held], keeper.records[held]
        rule = trials.readable(part, fields)
        if rule.check == "match":
            limit = LARGEST_MATCHED + 1
            if trials.size(session, records, up_to=limit) >= limit:
                raise TrialTooLarge(errors={"match": [f"over {LARGEST_MATCHED} records"]})
        db.cursor(session).execute("set local statement_timeout = '25s'")
        found = trials.tried(session, part, records, rule, web.principal(), now=clock.now())
    return Response(orjson.dumps(found.told), mimetype="application/json")
