"""Editing a record by a form: what was typed, what was there before, what others changed since.

A form carries the record as it was shown (`was`). Only what differs from that is sent; where
somebody else was faster, what was not touched here follows, and what was typed stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from flask import request

from crm_gateway.console import asking
from crm_gateway.console.finding import Unclear

Image = dict[str, Any]
_STALE = HTTPStatus.PRECONDITION_FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """A kind of record with its form: `image` of a record, and of what was typed, by field.

    `typed` also says which name in the form could not be understood, if any.
    """

    kind: str
    plural: str
    image: Callable[[Mapping[str, Any]], Image]
    typed: Callable[[], tuple[Image, Unclear | None]]
    blank: Mapping[str, Any]
    service: str = "contacts"

    def path(self, record_id: object) -> str:
        """Return the path of a record in the API."""
        return f"/v1/{self.plural}/{record_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the form shows; `meanwhile`: fields that somebody else changed, as they are now."""

    values: Image
    was: Image
    version: int | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    outcome: asking.Outcome | None = None
    reason: str = ""
    found: tuple[Mapping[str, Any], ...] = ()
    meanwhile: Mapping[str, Any] = field(default_factory=dict)
    candidates: tuple[Mapping[str, Any], ...] = ()

    @property
    def status(self) -> int:
        """The status of the page: why the form is shown again, if it is."""
        if self.outcome is not None:
            return self.outcome.status
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.reason else HTTPStatus.OK

    @property
    def errors(self) -> Mapping[str, Any]:
        """Reasons by field, as the service gave them."""
        return (self.outcome.body.get("errors") or {}) if self.outcome else {}

    def is_wrong(self, name: str) -> bool:
        """Whether the service had something against a field."""
        return any(each == name or each.startswith(f"{name}.") for each in self.errors)


def opened(editor: Editor, record: Mapping[str, Any]) -> Shown:
    """Return the form of a record as it is."""
    image = editor.image(record)
    return Shown(values=image, was=image, version=record["version"], record=record)


def saved(editor: Editor, record_id: object) -> asking.Outcome | Shown:
    """Send what was changed; return what came of it, or the form again with the reason."""
    was, version = _was(editor), request.form.get("version", type=int)
    typed, unclear = editor.typed()
    if unclear is not None:
        return _unclear(unclear, was, typed, version)
    changes = _changes(was, typed)
    if not changes:
        return asking.Outcome(status=HTTPStatus.OK, body={}, service=editor.service)
    outcome = asking.write(
        editor.service, "PATCH", editor.path(record_id), changes, version=str(version)
    )
    if outcome.is_good:
        return outcome
    shown = Shown(values={**was, **typed}, was=was, version=version, outcome=outcome)
    return _together(editor, record_id, shown) if outcome.status == _STALE else shown


def created(editor: Editor, *, is_sure: bool) -> asking.Outcome | Shown:
    """Create what was typed; return what came of it, or the form again with the reason."""
    typed, unclear = editor.typed()
    if unclear is not None:
        return _unclear(unclear, dict(editor.blank), typed, None)
    body = {name: value for name, value in typed.items() if value != editor.blank.get(name)}
    path = f"/v1/{editor.plural}" + ("?allow_duplicate=true" if is_sure else "")
    outcome = asking.write(editor.service, "POST", path, body)
    if outcome.is_good:
        return outcome
    return Shown(
        values=typed, was=dict(editor.blank), outcome=outcome, candidates=_candidates(outcome.body)
    )


def filled_in(editor: Editor, record: Mapping[str, Any]) -> Shown:
    """Return the form of a record with what was typed into another one, where it had nothing."""
    shown = opened(editor, record)
    typed, _ = editor.typed()
    values = {name: _united(value, typed.get(name)) for name, value in shown.values.items()}
    return Shown(values=values, was=shown.was, version=shown.version, record=record)


def _united(old: Any, new: Any) -> Any:
    if not isinstance(old, list):
        return old or new
    known = {_key(each) for each in old}
    return [*old, *(_second(each) for each in new or () if _key(each) not in known)]


def _key(part: Any) -> Any:
    if isinstance(part, Mapping):
        return part.get("value") or part.get("account_id") or orjson.dumps(part)
    return part


def _second(part: Any) -> Any:
    """What joins others is not the first of them."""
    if not isinstance(part, Mapping):
        return part
    return {**part, **{name: False for name in ("primary", "is_primary") if name in part}}


def _together(editor: Editor, record_id: object, mine: Shown) -> Shown:
    """Return the form with what was typed here and what others changed meanwhile."""
    record = asking.read(editor.service, editor.path(record_id))
    if not record.is_good:
        return mine
    now = editor.image(record.body)
    meanwhile = {name: value for name, value in now.items() if value != mine.was.get(name)}
    values = {
        name: mine.values.get(name) if mine.values.get(name) != mine.was.get(name) else value
        for name, value in now.items()
    }
    return Shown(
        values=values, was=now, version=record.body["version"], record=record.body,
        outcome=mine.outcome, meanwhile=meanwhile,
    )  # fmt: skip


def _unclear(unclear: Unclear, was: Image, typed: Image, version: int | None) -> Shown:
    return Shown(
        values={**was, **typed}, was=was, version=version, reason=unclear.reason,
        found=tuple(unclear.found),
    )  # fmt: skip


def shown_before() -> Image:
    """Return the record as the form that was sent had shown it; empty for a form of a new one."""
    try:
        found = orjson.loads(request.form.get("was", ""))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _was(editor: Editor) -> Image:
    return shown_before() or dict(editor.blank)


def _changes(was: Image, typed: Image) -> Image:
    """Return what differs, of own fields only those that do: a merge patch."""
    changes = {name: value for name, value in typed.items() if value != was.get(name)}
    if "custom" in changes:
        old = was.get("custom") or {}
        changes["custom"] = {k: v for k, v in changes["custom"].items() if v != old.get(k)}
    return changes


def _candidates(problem: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return who it may be already: those named by the duplicate check, or who has the address."""
    if problem.get("contact_id"):
        return ({"contact_id": problem["contact_id"], "evidence": [], "score": None},)
    return tuple(problem.get("candidates") or ())
