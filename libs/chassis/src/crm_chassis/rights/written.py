"""The condition of `sight` for statements written by hand.

`SEEN` is of one kind of record, over columns of `@r`, its values are `seen`'s. `seen_by_kind` is of
many kinds in a table of published records, its values are `seen_of_all`'s; there a part is seen as
its whole is, and a timeline's entry as its subject.
"""

from typing import Any

import orjson

from crm_chassis.rights.sight import Viewer
from crm_contracts import RECORDS, objects

_OURS = "@r.team_id = any(%(teams)s::uuid[])"
_OPEN = f"""(@r.visibility not in ('team', 'private') or @mine
     or (@r.visibility = 'team' and {_OURS}))"""
_WITHIN = """(@range = 'all' or (@range in ('own', 'team') and @mine)
     or (@range = 'team' and (@ours or @r.owner_id in (
         select id from user_copy where team_id = any(%(teams)s::uuid[])))))""".replace(
    "@ours", _OURS
)
_OWNED = "@r.owner_id = %(user)s"
_OWNED_OR_ASSIGNED = f"({_OWNED} or @r.assignee_id = %(user)s)"
SEEN = f"(%(admin)s or ({_OPEN} and {_WITHIN}))".replace("@mine", _OWNED).replace(
    "@range", "%(range)s"
)
_RANGE = "coalesce(%(ranges)s::jsonb ->> @r.kind, 'none')"
_ROW = f"({_OPEN} and {_WITHIN})".replace("@mine", _OWNED_OR_ASSIGNED).replace("@range", _RANGE)
_BY_KIND = """(%(admin)s or (%(open)s and @open) or (not %(open)s and case
    when @r.kind = 'timeline' then exists (
        select from @table w where w.kind = @r.body::json ->> 'subject_kind'
          and w.id = (@r.body::json ->> 'subject_id')::uuid and @whole)
    when @range in ('own', 'team') and %(parts)s::jsonb -> @r.kind is not null then exists (
        select from @table w where w.kind = %(parts)s::jsonb -> @r.kind ->> 0
          and w.id = (@r.body::json ->> (%(parts)s::jsonb -> @r.kind ->> 1))::uuid and @whole)
    else @row end))"""
_PARTS = orjson.dumps(objects.PARTS).decode()
_KINDS = tuple(sorted({kind for _, kind in RECORDS if kind != objects.TIMELINE}))


def seen(who: Viewer, kind: str, action: str = "read") -> dict[str, Any]:
    """Return the values of `SEEN` for records of a kind."""
    return _whose(who) | {"range": str(who.rights.range_of(kind, action))}


def seen_of_all(who: Viewer) -> dict[str, Any]:
    """Return the values of `seen_by_kind`."""
    held = who.rights
    ranges = {kind: str(held.range_of(kind, "read")) for kind in _KINDS}
    return _whose(who) | {
        "open": all(each == "all" for each in ranges.values()),
        "ranges": orjson.dumps(ranges).decode(),
        "parts": _PARTS,
    }


def seen_by_kind(table: str, alias: str = "r") -> str:
    """Return the condition under which a row of `table` is shown, whatever its kind."""
    parts = {
        "@open": _OPEN.replace("@mine", _OWNED_OR_ASSIGNED),
        "@whole": _ROW.replace("@r.", "w."),
        "@range": _RANGE,
        "@row": _ROW,
        "@table": table,
    }
    statement = _BY_KIND
    for name, part in parts.items():
        statement = statement.replace(name, part)
    return statement.replace("@r.", f"{alias}.")


def _whose(who: Viewer) -> dict[str, Any]:
    return {"admin": who.is_admin, "user": who.user_id, "teams": list(who.team_ids)}
