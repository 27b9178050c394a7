"""What was: a record's history; and what only a few may see of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from crm_chassis import web
from crm_chassis.problems import Forbidden
from crm_contacts.model.field import Held
from crm_contacts.queries import history, own_values


def history_of(kind: str, record_id: UUID, args: Mapping[str, Any]) -> Response:
    """Answer with a page of changes; the company's own fields one by one, sensitive ones masked."""
    web.read(kind, record_id)
    with web.sessions()() as session:
        found = history.changes_of(
            session, kind, record_id, before=args["cursor"], limit=args["limit"] + 1
        )
    shown = found[: args["limit"]]
    after = str(shown[-1]["version"]) if len(found) > len(shown) else None
    return Response(orjson.dumps({"items": shown, "next": after}), mimetype="application/json")


def sensitive(held: Held, record_id: UUID) -> Response:
    """Answer with what is kept apart. Raises NotFound, Forbidden."""
    record = orjson.loads(web.read(held.value, record_id, conditional=False).get_data())
    who = web.principal()
    if not (who.is_admin or (who.user_id and record["owner_id"] == str(who.user_id))):
        raise Forbidden(detail="only the owner and admins see sensitive fields")
    with web.sessions()() as session:
        found = own_values.secret_of(session, held, record_id)
    answer = Response(orjson.dumps({"custom": found}), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
