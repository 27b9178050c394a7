"""Rows of a form (field, operation, value) as a predicate over contacts, and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crm_gateway.console import finding, formats

FIELDS: Mapping[str, tuple[str, str]] = {
    "lifecycle": ("Stage", "text"), "tags": ("Tags", "words"), "source": ("Source", "text"),
    "owner_id": ("Owner", "person"), "account_id": ("Account", "account"),
    "job_title": ("Job title", "text"), "language": ("Language", "text"),
    "created_at": ("Created", "moment"), "birthday": ("Birthday", "day"),
    "has_open_deal": ("Has an open deal", "flag"), "won_deals": ("Number of won deals", "number"),
    "open_tickets": ("Number of open tickets", "number"), "name": ("Name", "text"),
    "first_name": ("First name", "text"), "last_name": ("Last name", "text"),
    "email": ("E-mail address", "text"), "deliverability": ("E-mail arrives", "text"),
    "opted_out": ("Opted out of mails", "flag"), "archived": ("Put away", "flag"),
}  # fmt: skip
OPS = {
    "eq": "is", "ne": "is not", "in": "is one of (parted by commas)",
    "nin": "is none of (parted by commas)", "contains": "contains", "starts": "begins with",
    "ends": "ends with", "gt": "is more than, or after", "gte": "is at least, or from",
    "lt": "is less than, or before", "lte": "is at most, or until",
    "in_last": "was within the last … days", "in_next": "is within the next … days",
    "anniversary_in_next": "comes round within … days", "not_empty": "is filled in",
    "empty": "is empty",
}  # fmt: skip
_OWN_KINDS = {
    "number": "number", "money": "number", "bool": "flag", "date": "day", "datetime": "moment",
    "multi_enum": "words",
}  # fmt: skip
_SPANS, _LISTS = frozenset({"in_last", "in_next", "anniversary_in_next"}), frozenset({"in", "nin"})
_WITHOUT_VALUE = frozenset({"empty", "not_empty"})
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it is typed."""

    field: str = ""
    op: str = "eq"
    value: str = ""


class Untold(ValueError):
    """What was typed is no condition; says why."""


def fields_of(own: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return label and kind of what may be asked, by name; `own`: the company's fields."""
    made = {
        f"custom.{each['key']}": (each["label"], _OWN_KINDS.get(each["type"], "text"))
        for each in own
        if not each["sensitive"]
    }
    return {**FIELDS, **made}


def rows_typed(given: Mapping[str, str]) -> list[Row]:
    """Return the rows of a form that name a field."""
    rows = (
        Row(*(given.get(f"row.{number}.{part}", "").strip() for part in ("field", "op", "value")))
        for number in range(_MOST_ROWS)
    )
    return [row for row in rows if row.field]


def predicate_of(
    rows: Sequence[Row], group: str, fields: Mapping[str, tuple[str, str]],
    people: Sequence[tuple[str, str]],
) -> dict[str, Any]:  # fmt: skip
    """Return what rows mean; `people`: id and name of who may own contacts. Raises Untold."""
    if not rows:
        raise Untold("Say at least once who belongs in it.")
    parts = []
    for number, row in enumerate(rows, 1):
        try:
            parts.append(_condition(row, fields, people))
        except Untold as error:
            raise Untold(f"Condition {number}: {error}") from error
    return {"any" if group == "any" else "all": parts}


def rows_of(
    predicate: Mapping[str, Any] | None, fields: Mapping[str, tuple[str, str]],
    names: Mapping[str, str],
) -> tuple[str, list[Row]] | None:  # fmt: skip
    """Return `all` or `any` and the rows a predicate is; None where rows cannot say it.

    `names`: what people and accounts are called, by id.
    """
    given = predicate or {"all": []}
    group, parts = next(iter(given.items())) if len(given) == 1 else ("all", [given])
    if group not in {"all", "any"} or not isinstance(parts, list) or len(parts) > _MOST_ROWS:
        return None
    rows = [_row(part, fields, names) for part in parts]
    return None if None in rows else (group, [row for row in rows if row is not None])


def named_in(predicate: object) -> set[str]:
    """Return the accounts that a predicate names."""
    if isinstance(predicate, list):
        return set().union(*map(named_in, predicate))
    if not isinstance(predicate, Mapping):
        return set()
    value = predicate.get("value")
    if predicate.get("field") == "account_id":
        return {value} if isinstance(value, str) else set()
    return named_in(list(predicate.values()))


def said(predicate: Mapping[str, Any], *, deep: bool = False) -> str:
    """Return a predicate as JSON; `deep` over several lines."""
    option = orjson.OPT_INDENT_2 if deep else 0
    return orjson.dumps(predicate, option=option).decode()


def _condition(
    row: Row, fields: Mapping[str, tuple[str, str]], people: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    if row.field not in fields or row.op not in OPS:
        raise Untold("choose a field and what it is compared by.")
    if row.op in _WITHOUT_VALUE:
        return {"field": row.field, "op": row.op}
    if not row.value:
        raise Untold("type the value.")
    kind = fields[row.field][1]
    if row.op in _SPANS:
        if not row.value.isdecimal():
            raise Untold("type a number of days.")
        return {"field": row.field, "op": row.op, "value": {"days": int(row.value)}}
    if row.op in _LISTS:
        each = filter(None, (one.strip() for one in row.value.split(",")))
        value: Any = [_value(one, kind, people) for one in each]
    else:
        value = _value(row.value, kind, people)
    return {"field": row.field, "op": row.op, "value": value}


def _value(typed: str, kind: str, people: Sequence[tuple[str, str]]) -> Any:
    if kind == "flag":
        if typed.casefold() not in _FLAGS:
            raise Untold("type yes or no.")
        return _FLAGS[typed.casefold()]
    if kind == "moment":
        try:
            return formats.start_of_day(typed)
        except ValueError as error:
            raise Untold("type a day, like 2026-11-30.") from error
    if kind == "person":
        return _person(typed, people)
    if kind == "account":
        try:
            return finding.account_named(typed)["id"]
        except finding.Unclear as unclear:
            raise Untold(f"{unclear.reason}.") from unclear
    return typed


def _person(typed: str, people: Sequence[tuple[str, str]]) -> str:
    found = [id_ for id_, name in people if name.casefold() == typed.casefold()]
    if len(found) != 1:
        raise Untold(f"{'several people are' if found else 'nobody is'} called {typed}.")
    return found[0]


def _row(
    part: object, fields: Mapping[str, tuple[str, str]], names: Mapping[str, str]
) -> Row | None:
    if not isinstance(part, Mapping) or part.get("field") not in fields:
        return None
    field, op, value = str(part["field"]), str(part.get("op")), part.get("value")
    text = _typed(value, op, fields[field][1], names)
    return Row(field, op, text) if op in OPS and text is not None else None


def _typed(value: Any, op: str, kind: str, names: Mapping[str, str]) -> str | None:
    """Return a value as it is typed; None where that is not possible."""
    if op in _WITHOUT_VALUE:
        return ""
    if op in _SPANS:
        is_days = isinstance(value, Mapping) and set(value) == {"days"}
        return str(value["days"]) if is_days else None
    if op in _LISTS:
        each = [_typed_one(one, kind, names) for one in value]
        return ", ".join(map(str, each)) if all(one and "," not in one for one in each) else None
    return _typed_one(value, kind, names)


def _typed_one(value: Any, kind: str, names: Mapping[str, str]) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float):
        return None
    if kind in {"person", "account"}:
        return names.get(str(value))
    return formats.local_input(str(value))[0] if kind == "moment" else str(value)
