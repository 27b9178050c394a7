"""What becomes of single values, whatever is merged."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

Choices = Mapping[str, UUID]
R = TypeVar("R")
_OWN = "custom."


def survivor_first(survivor: R, absorbed: Sequence[R]) -> list[R]:
    """The survivor, then who was changed last."""
    return [survivor, *sorted(absorbed, key=_last_changed, reverse=True)]


def chosen(name: str, everyone: Sequence[Any], choices: Choices) -> Any:
    """The record whose value was chosen, None where nothing was."""
    wanted = choices.get(name)
    return next((each for each in everyone if each.id == wanted), None) if wanted else None


def kept(name: str, everyone: Sequence[Any], choices: Choices) -> Any:
    """The value chosen, else the first that there is."""
    record = chosen(name, everyone, choices)
    if record is not None:
        return getattr(record, name)
    return next((value for each in everyone if (value := getattr(each, name))), None)


def kept_own(own: str, everyone: Sequence[Any], choices: Choices) -> dict[str, Any]:
    """The values of the company's fields, key by key; `own` is `custom` or `secret`."""
    found: dict[str, Any] = {}
    for each in reversed(everyone):
        held: dict[str, Any] = getattr(each, own)
        found |= {key: value for key, value in held.items() if value not in (None, "", [])}
    for name in choices:
        if name.startswith(_OWN):
            key = name.removeprefix(_OWN)
            found[key] = getattr(chosen(name, everyone, choices), own).get(key)
    return {key: value for key, value in found.items() if value is not None}


def united(every: Sequence[Sequence[str]]) -> list[str]:
    """All of them, each once, in order."""
    return list(dict.fromkeys(each for some in every for each in some))


def given_back(
    names: Sequence[str],
    now: Mapping[str, Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    """Return what a merge changed as it was before, and the names that were changed since."""
    differing = [name for name in names if before[name] != after[name]]
    conflicts = [name for name in differing if now[name] != after[name]]
    return {name: before[name] for name in differing if name not in conflicts}, conflicts


def own_given_back(
    now: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The same of the company's fields; returns all of them as they are from now on."""
    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    lost = sorted(f"{_OWN}{key}" for key in differing if now.get(key) != after.get(key))
    back = {key: before.get(key) for key in differing if f"{_OWN}{key}" not in lost}
    found = {**now, **back}
    return {key: value for key, value in found.items() if value is not None}, lost


def without_gained(now: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    """A set without what a merge added to it."""
    gained = set(after) - set(before)
    return [each for each in now if each not in gained]


def _last_changed(record: Any) -> tuple[Any, UUID]:
    return record.updated_at, record.id
