"""Routes of the queue of duplicates and of the rule at the door."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from crm_chassis import clock, db, web
from crm_chassis.problems import NotFound
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import duplicates as commands
from crm_contacts.commands import policies, scanning
from crm_contacts.model.duplicate import Duplicate
from crm_contacts.queries import lists, matching, records
from crm_contacts.schemas.duplicates import (
    DuplicateOut,
    DuplicatesIn,
    DuplicatesOut,
    JobRecordOut,
    PolicyIn,
    PolicyOut,
)
from crm_contacts.web.jobs import accepted

blueprint = Blueprint("duplicates", __name__, url_prefix="/v1/duplicates", kind="duplicate")
Fields = Mapping[str, Any]


@blueprint.get("")
@blueprint.arguments(DuplicatesIn, location="query")
@blueprint.response(200, DuplicatesOut)
def list_duplicates(filters: Fields) -> Response:
    """List pairs of contacts that may be one person, by default the open ones, best first."""
    return web.listing(
        lists.duplicates(filters, web.principal()),
        kind="duplicate",
        id_column=Duplicate.id,
        sorts=lists.DUPLICATE_SORTS,
        args=filters,
        default="-score",
    )


@blueprint.get("/<uuid:duplicate_id>")
@blueprint.response(200, DuplicateOut)
def read_duplicate(duplicate_id: UUID) -> Response:
    """Read a pair of contacts that the caller may see."""
    _refuse_unseen(duplicate_id)
    return web.read("duplicate", duplicate_id)


@blueprint.put("/<uuid:duplicate_id>/dismissal")
@blueprint.response(200, DuplicateOut)
@web.needs("merge")
def dismiss_duplicate(duplicate_id: UUID) -> Response:
    """Say that two contacts are two people."""
    _refuse_unseen(duplicate_id)
    command = commands.DismissDuplicate(duplicate_id=duplicate_id, expected_version=web.if_match())
    return web.write(commands.dismiss_duplicate, command)


@blueprint.post("/scan")
@blueprint.response(202, JobRecordOut)
@web.needs("merge")
def scan_contacts() -> Response:
    """Compare all contacts with one another in the background."""
    command = scanning.ScanContacts(owner_id=web.principal().user_id)
    return accepted(web.write(scanning.scan_contacts, command, status=202))


@blueprint.get("/policy")
@blueprint.response(200, PolicyOut)
@web.needs("read", kind="validation_rule")
def read_policy() -> Response:
    """Read the rule at the door and the weights."""
    return _policy()


def _policy() -> Response:
    with web.sessions()() as session:
        policy = matching.policy(session)
    body = {
        "rule": policy.rule,
        "same": policy.same,
        "review": policy.review,
        "weights": policy.effective.of,
    }
    return Response(orjson.dumps(body), mimetype="application/json")


@blueprint.put("/policy")
@blueprint.arguments(PolicyIn)
@blueprint.response(200, PolicyOut)
@web.needs(special="manage_rules")
def set_policy(fields: Fields) -> Response:
    """Change the rule at the door and the weights; other weights have the base compared anew."""
    command = policies.SetPolicy(**fields, owner_id=web.principal().user_id)
    with db.transaction(web.sessions(), web.context()) as session:
        policies.set_policy(session, command, now=clock.now())
    return _policy()


def _refuse_unseen(duplicate_id: UUID) -> None:
    """A pair is there for who may see both contacts. Raises NotFound."""
    with web.sessions()() as session:
        pair = records.plainly(session, Duplicate, duplicate_id)
    try:
        web.require("contact", [pair.a_id, pair.b_id] if pair else [], "read")
    except NotFound as error:
        raise NotFound(f"duplicate {duplicate_id}") from error
