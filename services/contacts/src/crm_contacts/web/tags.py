"""Routes of tags."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response

from crm_chassis import web
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import tags as commands
from crm_contacts.queries import tags
from crm_contacts.schemas.duplicates import JobRecordOut
from crm_contacts.schemas.tags import RenamingIn, TagsIn, TagsOut
from crm_contacts.web.jobs import accepted

blueprint = Blueprint("tags", __name__, url_prefix="/v1/tags", kind="contact")
Fields = Mapping[str, Any]


@blueprint.get("")
@blueprint.arguments(TagsIn, location="query")
@blueprint.response(200, TagsOut)
def list_tags(args: Fields) -> Response:
    """List the tags of contacts, or of accounts, with how many have them."""
    with web.sessions()() as session:
        found = tags.counted(
            session, web.principal(), kind=args["object"], begin=args["q"], after=args["cursor"],
            limit=args["limit"] + 1,
        )  # fmt: skip
    shown = found[: args["limit"]]
    after = shown[-1]["name"] if len(found) > len(shown) else None
    return Response(orjson.dumps({"items": shown, "next": after}), mimetype="application/json")


@blueprint.post("/renaming")
@blueprint.arguments(RenamingIn)
@blueprint.response(202, JobRecordOut)
@web.needs(special="mass_update")
def rename_tags(fields: Fields) -> Response:
    """Rename tags, make several one, or take them away, on all records, in the background."""
    command = commands.RenameTags(
        kind=fields["object"], old=fields["old"], new=fields["new"],
        owner_id=web.principal().user_id,
    )  # fmt: skip
    return accepted(web.write(commands.rename_tags, command, status=202))
