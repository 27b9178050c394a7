"""What was: a record's history; what only a few may see of it; and which rules records break."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import Response
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from crm_chassis import db, rights, web
from crm_chassis.problems import Forbidden, Invalid
from crm_fields.holding import values
from crm_fields.objects import Held
from crm_fields.rulebook import is_mask

_MASKED = "•••"
_HISTORY = sa.table(
    "history",
    *(sa.column(name) for name in ("kind", "record_id", "version", "fact_id", "at")),
    *(sa.column(name) for name in ("actor", "on_behalf_of", "source")),
    sa.column("fields", ARRAY(sa.Text)),
)
_VALUE = sa.table(
    "history_value", sa.column("fact_id"), sa.column("old", JSONB), sa.column("new", JSONB)
)


def history_of(kind: str, record_id: UUID, args: Mapping[str, Any]) -> Response:
    """Answer with a page of changes; the company's own fields one by one, sensitive ones masked."""
    web.read(kind, record_id)
    with web.sessions()() as session:
        found = changes_of(session, kind, record_id, before=args["cursor"], limit=args["limit"] + 1)
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
        found = values.secret_of(session, held, record_id)
    web.note(f"{held.value}.sensitive_read", record_id, fields=sorted(found or ()))
    answer = Response(orjson.dumps({"custom": found}), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def broken_rules(filters: Mapping[str, Any]) -> Response:
    """Answer with a page of which rules the records one sees break since they were last written."""
    with web.sessions()() as session:
        found = _breaches(
            session, filters, after=_after(filters["cursor"]), limit=filters["limit"] + 1
        )
    shown = found[: filters["limit"]]
    last = shown[-1] if len(found) > len(shown) else None
    after = f"{last['record_id']}|{last['rule_id']}|{last['field']}" if last else None
    body = orjson.dumps({"items": shown, "next": after}, option=orjson.OPT_UTC_Z)
    return Response(body, mimetype="application/json")


def changes_of(
    session: Session, kind: str, record_id: UUID, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` changes of a record, newest first, of versions below `before`."""
    past = _HISTORY.c
    statement = (
        sa.select(past.version, past.at, past.actor, past.on_behalf_of, past.source, past.fields)
        .add_columns(_VALUE.c.old, _VALUE.c.new)
        .select_from(_HISTORY.outerjoin(_VALUE, _VALUE.c.fact_id == past.fact_id))
        .where(past.kind == kind, past.record_id == record_id)
        .order_by(past.version.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(past.version < before)
    return [_change(row._asdict()) for row in session.execute(statement)]


def _change(row: dict[str, Any]) -> dict[str, Any]:
    at: datetime = row["at"]
    fields = row.pop("fields")
    old, new = row.pop("old") or {}, row.pop("new") or {}
    changes = [
        {"field": name, "old": was, "new": becomes}
        for field in fields
        for name, was, becomes in _one_by_one(field, old.get(field), new.get(field))
    ]
    return row | {"at": at.isoformat().replace("+00:00", "Z"), "changes": changes}


def _one_by_one(field: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """A change of `custom` as one change of each field in it."""
    if field != "custom":
        yield field, old, new
        return
    was, becomes = old or {}, new or {}
    for key in sorted({*was, *becomes}):
        if was.get(key) != becomes.get(key):
            yield f"custom.{key}", _shown(was.get(key)), _shown(becomes.get(key))


def _shown(value: Any) -> Any:
    return _MASKED if is_mask(value) else value


def _breaches(
    session: Session, filters: Mapping[str, Any], *, after: list[str] | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` rules that records break since they were last written, behind `after`."""
    given = {name: filters.get(name) for name in ("object", "rule_id", "record_id")}
    given |= dict(zip(("a", "b", "c"), after or (None, None, None), strict=True))
    given |= rights.seen_of_all(web.principal())
    cursor = db.cursor(session).execute(_BREACHES, {**given, "limit": limit})
    names = [each.name for each in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _after(cursor: str | None) -> list[str] | None:
    if cursor is None:
        return None
    parts = cursor.split("|", 2)
    try:
        return [str(UUID(parts[0])), str(UUID(parts[1])), parts[2]]
    except (ValueError, IndexError) as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error


_BREACHES = """
select b.object, b.record_id, b.rule_id, b.field, b.message, b.severity, b.suggestion, b.noted_at
from rule_breach b join record r on r.kind = b.object and r.id = b.record_id
where @seen and (%(object)s::text is null or b.object = %(object)s)
  and (%(rule_id)s::uuid is null or rule_id = %(rule_id)s)
  and (%(record_id)s::uuid is null or record_id = %(record_id)s)
  and (%(a)s::uuid is null
       or (record_id, rule_id, field) > (%(a)s::uuid, %(b)s::uuid, %(c)s::text))
order by b.record_id, b.rule_id, b.field limit %(limit)s
""".replace("@seen", rights.seen_by_kind("record"))
