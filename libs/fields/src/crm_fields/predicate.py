"""The predicate language: {all|any|not: [...]} or {field, op, value}, parsed and checked.

A comparison with null is false, `ne` and `nin` with null are true; so every predicate is true or
false of every record, and `not` is its plain opposite. `not: [a, b]` holds when none of them does.
Texts are compared exactly, except by contains, starts, ends and matches (`*` and `?`), which do not
mind capitals. in_last, in_next and anniversary_in_next take {"days": n}, {"months": n}, …

`eq`, `ne`, `lt`, `lte`, `gt`, `gte` take {"field": name} to compare with another field of the same
kind. `changed` and `changed_to` are known where a change is judged; `event_count` takes
{"type", "op", "n", "window", "where"}.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from crm_fields.kinds import (
    AMONG,
    ANNIVERSARY,
    EQUAL,
    NOTHING,
    OPS,
    ORDER,
    PAST,
    RANGE,
    SPANS,
    Kind,
    Span,
    span_of,
    value_of,
)
from crm_fields.language import (
    All,
    Any_,
    Condition,
    Count,
    Language,
    Node,
    Not,
    Reference,
    conditions,
)

DEEPEST, MOST_CONDITIONS, MOST_VALUES, MOST_EVENTS = 10, 100, 1000, 1000
_GROUPS: Mapping[str, Callable[[tuple[Node, ...]], Node]] = {"all": All, "any": Any_, "not": Not}


class InvalidPredicate(ValueError):
    """The predicate cannot be understood; `path` says where (`predicate.1.0`), `reason` why."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep both."""
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def parse(given: object, language: Language, *, path: str = "predicate") -> Node:
    """Return the tree a JSON predicate means. Raises InvalidPredicate."""
    node = _node(given, language, path, 0)
    if sum(1 for _ in conditions(node)) > MOST_CONDITIONS:
        _refuse(path, f"at most {MOST_CONDITIONS} conditions")
    return node


def _node(given: object, language: Language, path: str, depth: int) -> Node:
    if depth > DEEPEST:
        _refuse(path, f"at most {DEEPEST} levels")
    if not isinstance(given, dict):
        _refuse(path, "an object: {all|any|not: [...]} or {field, op, value}")
    group = next((name for name in _GROUPS if name in given), None)
    if group is None:
        return _condition(given, language, path, depth)
    if len(given) > 1:
        _refuse(path, f"nothing beside {group}")
    parts = given[group]
    if group == "not" and isinstance(parts, dict):
        parts = [parts]
    if not isinstance(parts, list) or len(parts) > MOST_CONDITIONS:
        _refuse(path, f"{group} takes a list of at most {MOST_CONDITIONS}")
    inner = (_node(part, language, f"{path}.{n}", depth + 1) for n, part in enumerate(parts))
    return _GROUPS[group](tuple(inner))


def _condition(given: Mapping[str, Any], language: Language, path: str, depth: int) -> Condition:
    field, op, value = given.get("field"), given.get("op"), given.get("value")
    if given.keys() - {"field", "op", "value"}:
        _refuse(path, "field, op and value only")
    if not isinstance(field, str) or field not in language.fields:
        _refuse(path, f"field is one of {', '.join(sorted(language.fields))}")
    kind = language.fields[field]
    known = OPS[kind] | (PAST if language.has_past and kind is not Kind.EVENTS else frozenset())
    if not isinstance(op, str) or op not in known:
        _refuse(path, f"op of {field} is one of {', '.join(sorted(known))}")
    if op in NOTHING or op == "changed":
        if value is not None:
            _refuse(path, f"{op} takes no value")
        return Condition(field, op, None, kind)
    if kind is Kind.EVENTS:
        return Condition(field, op, _count(value, language, path, depth), kind)
    if isinstance(value, dict) and op in EQUAL | ORDER and kind is not Kind.WORDS:
        return Condition(field, op, _reference(value, kind, language, path), kind)
    return Condition(field, op, _operand(kind, op, value, path), kind)


def _operand(kind: Kind, op: str, value: object, path: str) -> Any:
    if op in SPANS | ANNIVERSARY:
        return _span(value, path)
    if op in AMONG | RANGE:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
            _refuse(path, f"{op} takes a list of 1 to {MOST_VALUES} values")
        if op in RANGE and len(value) != 2:
            _refuse(path, "between takes [lowest, highest]")
        return tuple(_value(kind, one, path) for one in value)
    if value is None and op in EQUAL | {"changed_to"}:
        return None
    return _value(kind, value, path)


def _reference(value: Mapping[str, Any], kind: Kind, language: Language, path: str) -> Reference:
    other = value.get("field")
    if len(value) > 1 or not isinstance(other, str) or language.fields.get(other) is not kind:
        _refuse(path, f'{{"field": name}} names another field of the kind {kind}')
    return Reference(other)


def _count(value: object, language: Language, path: str, depth: int) -> Count:
    if not isinstance(value, dict) or value.keys() - {"type", "op", "n", "window", "where"}:
        _refuse(path, 'event_count takes {"type", "op", "n", "window", "where"}')
    kind, op, n, where = value.get("type"), value.get("op", "gte"), value.get("n"), None
    if not isinstance(kind, str) or kind not in language.events:
        _refuse(path, f"type is one of {', '.join(sorted(language.events))}")
    if op not in EQUAL | ORDER or type(n) is not int or not 0 <= n <= MOST_EVENTS:
        _refuse(path, f"op compares the count with n, 0 to {MOST_EVENTS}")
    if value.get("where") is not None:
        inner = Language(fields=language.events[kind])
        where = _node(value["where"], inner, f"{path}.where", depth + 1)
    return Count(kind, op, n, _span(value.get("window"), path), where)


def _span(value: object, path: str) -> Span:
    try:
        return span_of(value)
    except ValueError:
        _refuse(path, 'takes a span like {"days": 30} or {"months": 6}')


def _value(kind: Kind, value: object, path: str) -> Any:
    try:
        return value_of(kind, value)
    except ValueError:
        _refuse(path, f"not a value of the kind {kind}")


def _refuse(path: str, reason: str) -> NoReturn:
    raise InvalidPredicate(path, reason)
