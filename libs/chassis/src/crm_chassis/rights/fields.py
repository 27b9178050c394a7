"""Fields somebody may not see or change: left out of what is told, refused in what is asked."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import orjson

from crm_chassis.problems import Forbidden

_CUSTOM = "custom"
_RECORD_SIGNS = ("id", "version")


def whole(value: Any, hidden: Collection[str]) -> Any:
    """Return a JSON answer without hidden fields: of a record, of each item, of its changes."""
    if isinstance(value, list):
        return [whole(each, hidden) for each in value]
    if not isinstance(value, dict):
        return value
    if "items" in value:
        return {**value, "items": whole(value["items"], hidden)}
    shown = {name: each for name, each in value.items() if name not in hidden}
    if isinstance(custom := shown.get(_CUSTOM), dict):
        shown[_CUSTOM] = {k: v for k, v in custom.items() if f"{_CUSTOM}.{k}" not in hidden}
    if isinstance(changes := shown.get("changes"), list):
        shown["changes"] = [each for each in changes if not _is_of(each, hidden)]
    for name in ("survivor", "errors"):
        if isinstance(inner := shown.get(name), dict):
            shown[name] = whole(inner, hidden)
    return shown


def changed_names(body: object) -> Iterator[str]:
    """Yield the fields a body sets, those of the company one by one."""
    if not isinstance(body, Mapping):
        return
    for name, value in body.items():
        if name == _CUSTOM and isinstance(value, Mapping):
            yield from (f"{_CUSTOM}.{key}" for key in value)
        else:
            yield str(name)


def refuse_changed(names: Iterable[str], kept: Collection[str]) -> None:
    """Raise Forbidden, naming the fields, where a change sets what may not be changed."""
    wanted = set(names)
    broken = {name for name in wanted if name in kept}
    if _CUSTOM in kept:
        broken |= {name for name in wanted if name.startswith(f"{_CUSTOM}.")}
    if broken:
        raise Forbidden(
            detail=f"you may not change {', '.join(sorted(broken))}",
            errors={name: ["you may not change it"] for name in sorted(broken)},
        )


def refuse_asked(
    query: Mapping[str, str], hidden: Collection[str], *, sought: Collection[str] = ()
) -> None:
    """Raise Forbidden where a list is filtered or sorted by what is hidden: its order would tell.

    `sought`: the fields that `q` looks through.
    """
    named = {*query, query.get("sort", "").lstrip("-")}
    for name in ("where", _CUSTOM):
        named.update(_named(query.get(name)))
    asked = sorted(name for name in named if _tells(name, hidden))
    if query.get("q") and any(each in sought or each.startswith(_CUSTOM) for each in hidden):
        asked.append("q")
    if asked:
        raise Forbidden(
            detail=f"you may not ask by {', '.join(asked)}",
            errors={name: ["is hidden from you"] for name in asked},
        )


def _tells(name: str, hidden: Collection[str]) -> bool:
    """Say whether a filter is of a hidden field: `email` of `emails`, `due_at_before` of `due_at`."""
    if name in hidden or (_CUSTOM in hidden and name.startswith(f"{_CUSTOM}.")):
        return True
    first = name.partition(".")[0]
    return any(
        each in {first, f"{first}s"} or first.startswith((f"{each}_", f"{each[:-1]}_"))
        for each in hidden
        if "." not in each
    )


def _named(text: str | None) -> Iterator[str]:
    """Yield every field a JSON predicate names, and every key of an object of own fields."""
    if not text:
        return
    try:
        yield from _fields_in(orjson.loads(text))
    except ValueError:  # the list itself says what is wrong with it
        return


def _fields_in(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _fields_in(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "field" and isinstance(each, str):
                yield each
            yield f"{_CUSTOM}.{name}"
            yield from _fields_in(each)


def _is_of(change: object, hidden: Collection[str]) -> bool:
    if not isinstance(change, Mapping):
        return False
    field = str(change.get("field"))
    return field in hidden or (_CUSTOM in hidden and field.startswith(f"{_CUSTOM}."))
