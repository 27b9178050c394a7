"""What roles grant, and what several roles grant together."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, cached_property
from typing import Any

import orjson

from crm_contracts import objects

ACTIONS = ("read", "create", "update", "archive", "export", "merge", "bulk", "erase")
SPECIAL = ("audit", "data_privacy", "manage_rules", "manage_users", "mass_update")
EDIT, READ, HIDDEN = "edit", "read", "hidden"
_NOT_FOR_MEMBERS = frozenset({"export", "erase"})
_FREEDOM = (HIDDEN, READ, EDIT)


class Range(StrEnum):
    """Which records an action is allowed on; `team`: of one's own teams and those below them."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    ALL = "all"


_WIDTH = {each: width for width, each in enumerate(Range)}
Ranges = Mapping[str, Mapping[str, Range]]


@dataclass(frozen=True)
class Grants:
    """Ranges by object and action, limits of fields by object, and special rights.

    What is not named is not granted. `fields` holds limits only: `read` or `hidden`.
    """

    ranges: Ranges
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    special: frozenset[str] = frozenset()

    def range_of(self, kind: str, action: str) -> Range:
        """Return on which records of a kind an action is allowed."""
        return self.ranges.get(objects.object_of(kind), {}).get(action, Range.NONE)

    def hidden(self, kind: str) -> frozenset[str]:
        """Return the fields of a kind that are not shown."""
        return self._limited.get(objects.object_of(kind), _NO_FIELDS)[0]

    def fixed(self, kind: str) -> frozenset[str]:
        """Return the fields of a kind that may not be changed: hidden ones and those only read."""
        return self._limited.get(objects.object_of(kind), _NO_FIELDS)[1]

    def covers(self, other: "Grants") -> bool:
        """Say whether all that `other` lets somebody do and see is let here too."""
        is_wide = all(
            _WIDTH[self.ranges.get(name, {}).get(action, Range.NONE)] >= _WIDTH[width]
            for name, actions in other.ranges.items()
            for action, width in actions.items()
        )
        is_free = all(
            _FREEDOM.index(other.fields.get(name, {}).get(each, EDIT)) <= _FREEDOM.index(limit)
            for name, limits in self.fields.items()
            if other.grants_any(name)
            for each, limit in limits.items()
        )
        return is_wide and is_free and self.special >= other.special

    def grants_any(self, name: str) -> bool:
        """Say whether anything is granted on an object."""
        return any(width is not Range.NONE for width in self.ranges.get(name, {}).values())

    def kept(self) -> dict[str, Any]:
        """Return all of it as JSON can keep it, for work that is done later (`Grants.of`)."""
        return {"grants": self.ranges, "fields": self.fields, "special": sorted(self.special)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Grants":
        """Return what was kept."""
        return of_role(kept["grants"], kept["fields"], kept["special"])

    def is_open(self, kind: str) -> bool:
        """Say whether every record of a kind is read whole, but for its visibility."""
        return self.range_of(kind, "read") is Range.ALL and not self.hidden(kind)

    @cached_property
    def is_open_to_all(self) -> bool:
        """Whether every record of every kind is read whole, but for its visibility."""
        return all(self.is_open(each) for each in objects.objects())

    @cached_property
    def fingerprint(self) -> str:
        """Tell apart what different grants show."""
        told = orjson.dumps(
            [self.ranges, self.fields, sorted(self.special)], option=orjson.OPT_SORT_KEYS
        )
        return hashlib.sha256(told).hexdigest()[:12]

    @cached_property
    def _limited(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        return {
            name: (
                frozenset(n for n, limit in limits.items() if limit == HIDDEN),
                frozenset(limits),
            )
            for name, limits in self.fields.items()
        }

    @cached_property
    def reader(self) -> "Grants":
        """The same without everything that changes or takes away."""
        ranges = {
            name: {action: width for action, width in actions.items() if action == "read"}
            for name, actions in self.ranges.items()
        }
        return replace(self, ranges=ranges, special=frozenset())


_NO_FIELDS: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


def of_role(
    grants: Mapping[str, Mapping[str, str]],
    fields: Mapping[str, Mapping[str, str]],
    special: Iterable[str],
) -> Grants:
    """Return what a role kept as data grants; a word of a later release grants nothing."""
    ranges = {
        name: {action: Range(width) for action, width in actions.items() if width in _WIDTH}
        for name, actions in grants.items()
    }
    limits = {
        name: {each: limit for each, limit in of.items() if limit != EDIT}
        for name, of in fields.items()
    }
    return _with_common(Grants(ranges, limits, frozenset(special)))


def together(several: Iterable[Grants]) -> Grants:
    """Return what several roles grant: of each the widest; a limit only where all that read have it."""
    every = list(several)
    if len(every) == 1:
        return every[0]
    names = {name for each in every for name in each.ranges}
    return Grants(
        {name: _widest(each.ranges.get(name, {}) for each in every) for name in names},
        {name: limits for name in names if (limits := _weakest(every, name))},
        frozenset().union(*(each.special for each in every)),
    )


@cache
def granted(roles: frozenset[str]) -> Grants:
    """Return what system roles grant; another role grants nothing here."""
    return together(SYSTEM[role] for role in sorted(roles & SYSTEM.keys()))


def _with_common(grants: Grants) -> Grants:
    common = {
        name: {action: Range(width) for action, width in actions.items()}
        for name, actions in objects.COMMON.items()
    }
    names = {*grants.ranges, *common}
    return replace(
        grants,
        ranges={n: _widest([grants.ranges.get(n, {}), common.get(n, {})]) for n in names},
    )


def _widest(several: Iterable[Mapping[str, Range]]) -> dict[str, Range]:
    widest: dict[str, Range] = {}
    for actions in several:
        for action, width in actions.items():
            known = widest.get(action, Range.NONE)
            widest[action] = max(known, width, key=_WIDTH.__getitem__)
    return widest


def _weakest(every: Iterable[Grants], name: str) -> dict[str, str]:
    """Return the limits that all roles that open an object have, each as the weakest has it."""
    opening = [each.fields.get(name, {}) for each in every if each.grants_any(name)]
    shared = set(opening[0]).intersection(*opening[1:]) if opening else set()
    return {each: max((limits[each] for limits in opening), key=_FREEDOM.index) for each in shared}


def _everywhere(actions: Iterable[str]) -> dict[str, dict[str, Any]]:
    wanted = tuple(actions)
    return {name: dict.fromkeys(wanted, Range.ALL) for name in objects.objects()}


ADMIN = Grants(_everywhere(ACTIONS), special=frozenset(SPECIAL))
MEMBER = Grants(
    _everywhere(action for action in ACTIONS if action not in _NOT_FOR_MEMBERS),
    special=frozenset({"mass_update"}),
)
READ_ONLY = Grants(_everywhere(("read",)))
SYSTEM: Mapping[str, Grants] = {"admin": ADMIN, "member": MEMBER, "read-only": READ_ONLY}
