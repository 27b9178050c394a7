"""Reading what was typed into a form of a record, a field at a time."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from crm_gateway.console.editing import shown_before
from crm_gateway.console.own_fields import known, posted


def own(of: str) -> dict[str, Any]:
    """The company's own fields: what was typed, where that is not what the form showed."""
    was = shown_before().get("custom") or {}
    typed = posted(known(of))
    found = {
        key: was.get(key) if value == _written(was.get(key)) else value
        for key, value in typed.items()
    }
    return {**was, **{key: value for key, value in found.items() if key in was or value}}


def _written(value: Any) -> Any:
    """A kept value as its input shows it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return f"{value.get('amount')} {value.get('currency')}"
    return value if value is None or isinstance(value, list) else str(value)


def text(name: str) -> str | None:
    return request.form.get(name, "").strip() or None


def tags() -> list[str]:
    """Tags as they are typed: parted by commas, each once."""
    typed = request.form.get("tags", "").split(",")
    return list(dict.fromkeys(each.strip() for each in typed if each.strip()))


def pointer(name: str, find: Callable[[str], Mapping[str, Any]]) -> Any:
    """Return the id of the record that was named, as it was where its name was left alone.

    Raises Unclear.
    """
    typed = text(name)
    if typed is None:
        return None
    kept = text(f"{name}_id")
    if kept and typed == text(f"{name}_was"):
        return kept
    return find(typed)["id"]
