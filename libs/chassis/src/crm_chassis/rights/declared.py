"""What right each operation needs, declared where its route is, told in the OpenAPI document."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from crm_contracts import objects

F = TypeVar("F", bound=Callable[..., Any])
ANYBODY = "anybody"  # who signs in; or what the operation sees to itself
_SUBJECT = re.compile(r"^/<uuid:(\w+)>")
_BATCH, _RESTORATION = "/batch", "/restoration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The path parameter that names the record an operation is about, and the record's kind."""

    parameter: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What an operation needs: an action on a kind of record, or a special right, or nothing.

    `subject`: whose record is looked at before the operation; None where it makes one, lists, or
    its answer itself is the record. `changes`: fields it sets that its body does not name.
    """

    kind: str | None = None
    action: str = ANYBODY
    special: str | None = None
    subject: Subject | None = None
    changes: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return what the OpenAPI document says."""
        members = {
            "object": objects.object_of(self.kind) if self.kind else None,
            "action": self.action if self.special is None else None,
            "special": self.special,
        }
        return {name: value for name, value in members.items() if value is not None}


def needs(
    action: str = ANYBODY,
    *,
    kind: str | None = None,
    special: str | None = None,
    subject: str | tuple[str, str] | tuple[()] | None = None,
    changes: Iterable[str] = (),
) -> Callable[[F], F]:
    """Decorate a view with another right than the usual one of its method.

    `kind`: the blueprint's where it is not given. `subject`: the path parameter, or that and the
    kind of record it names; `()`: the operation itself looks whose record it is.
    """

    def mark(view: F) -> F:
        view.crm_needs = {  # type: ignore[attr-defined]
            "action": action, "kind": kind, "special": special, "subject": subject,
            "changes": tuple(changes),
        }  # fmt: skip
        return view

    return mark


def right_of(view: Any) -> Right | None:
    """Return the right a view was registered with."""
    return getattr(view, "crm_right", None)


def usual(kind: str | None, rule: str, method: str, given: dict[str, Any] | None) -> Right | None:
    """Return the right of a rule of a blueprint of `kind`; None: nobody has said."""
    asked = dict(given or {})
    of = asked.get("kind") or kind
    if given is None and of is None:
        return None
    special, changes = asked.get("special"), asked.get("changes", ())
    action = asked.get("action") if given is not None else _action(rule, method)
    if special is not None or action == ANYBODY:
        return Right(kind=of if action != ANYBODY else None, action=str(action), special=special)
    subject = _subject(rule, method, asked.get("subject"), str(of))
    return Right(kind=of, action=str(action), subject=subject, changes=changes)


def _action(rule: str, method: str) -> str:
    if method == "GET":
        return "read"
    if rule.endswith(_BATCH):
        return "bulk"
    if method == "POST" and _SUBJECT.match(rule) is None:
        return "create"
    is_one = (found := _SUBJECT.match(rule)) is not None and found.end() == len(rule)
    if rule.endswith(_RESTORATION) or (method == "DELETE" and is_one):
        return "archive"
    return "update"


def _subject(rule: str, method: str, given: Any, kind: str) -> Subject | None:
    if isinstance(given, tuple):
        return Subject(parameter=given[0], kind=given[1]) if given else None
    if given is not None:
        return Subject(parameter=str(given), kind=kind)
    found = _SUBJECT.match(rule)
    if found is None or (method == "GET" and found.end() == len(rule)):
        return None
    return Subject(parameter=found.group(1), kind=kind)
