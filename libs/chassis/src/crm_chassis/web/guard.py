"""Before and after every operation: may they, on this record, with these fields; what is shown.

404 for what one may not read, 403 for what one may read but not change. An operation without a
declared right is an administrator's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

import orjson
from flask import Response, current_app, g, request
from sqlalchemy.orm import Session

from crm_chassis import db, outbox, rights
from crm_chassis.auth import Principal
from crm_chassis.problems import Forbidden, NotFound, Refusal
from crm_chassis.rights import ANYBODY, Range, Right, Subject
from crm_chassis.web.operations import Operation
from crm_contracts import objects

_ACTIONS = {"create": "create", "archive": "archive", "restore": "archive"}
_WARNINGS = "X-CRM-Warnings"


def check_right() -> None:
    """Refuse an operation that the caller has no right to, or a record that is not for them."""
    who = _limited()
    if who is None:
        return
    right = current()
    if right is None:
        raise Forbidden(detail="only an administrator may")
    if right.special is not None and right.special not in who.rights.special:
        raise Forbidden(detail=f"needs the right {right.special}")
    if right.kind is None or right.action == ANYBODY:
        return
    if right.subject is not None:
        _check_record(who, right.subject.kind, _subject_id(right.subject), right.action)
        if right.subject.kind == right.kind:
            return
    elif _answers_itself(right):
        return
    if who.rights.range_of(right.kind, right.action) is Range.NONE:
        raise Forbidden(detail=f"needs the right to {right.action} {_named(right)}")


def check_fields() -> None:
    """Refuse a change of what may not be changed, and a question by what is hidden."""
    who, right = _limited(), current()
    if who is None or right is None or right.kind is None:
        return
    if request.method == "GET":
        sought = objects.sought_in(objects.object_of(right.kind))
        hidden = who.rights.hidden(right.kind)
        rights.refuse_asked(request.args.to_dict(), hidden, sought=sought)
    elif fixed := who.rights.fixed(right.kind):
        body = request.get_json() if request.is_json else None
        rights.refuse_changed([*rights.changed_names(body), *right.changes], fixed)


def filtered(response: Response) -> Response:
    """Leave hidden fields out of an answer, whatever operation gave it."""
    who = _limited()
    if who is None or response.status_code == HTTPStatus.FORBIDDEN:  # that names what was asked
        return response
    right = current()
    kind = g.get("shown_kind") or (right.kind if right else None)
    hidden = who.rights.hidden(kind) if kind else frozenset[str]()
    if not hidden or response.is_streamed or "json" not in (response.mimetype or ""):
        return response
    if response.status_code != HTTPStatus.NOT_MODIFIED and (data := response.get_data()):
        response.set_data(orjson.dumps(rights.whole(orjson.loads(data), hidden)))
    if notes := response.headers.get(_WARNINGS):
        told = [note for note in orjson.loads(notes) if note.get("field") not in hidden]
        response.headers[_WARNINGS] = orjson.dumps(told).decode()
    return response


def mark(kind: str, version: int) -> str:
    """Return the entity tag of a record as it is shown to the caller."""
    g.shown_kind = kind
    who = _limited()
    if who is None or not who.rights.hidden(kind):
        return str(version)
    return f"{version}-{who.rights.fingerprint}"


def require(kind: str, ids: Sequence[UUID], action: str) -> None:
    """Refuse an action on any of these records. Raises NotFound, Forbidden."""
    who = _limited()
    for each in ids if who else ():
        _check_record(cast("Principal", who), kind, each, action)


def require_any(kind: str, action: str) -> None:
    """Refuse who may do this on no record of a kind: what is asked ends there. Raises Forbidden."""
    who = _limited()
    if who is not None and who.rights.range_of(kind, action) is Range.NONE:
        raise Forbidden(detail=f"needs the right to {action} {objects.object_of(kind)}")


def refuse_made(session: Session, aggregate: db.Aggregate, *, is_new: bool) -> None:
    """Refuse what was made, or found and changed, outside the caller's range. Raises Forbidden."""
    who, right = _limited(), current()
    if who is None or right is None or right.action not in {"create", "bulk"}:
        return
    kind, action = outbox.kind_of(aggregate), "create" if is_new else "update"
    range_ = who.rights.range_of(kind, action)
    if not _is_within(session, who, range_, aggregate):
        raise Forbidden(detail=f"your right to {action} {kind} reaches {range_.value} only")


def allowed(operations: Sequence[Operation]) -> list[Operation]:
    """Return the operations of a batch, those the caller may not do with their refusal instead."""
    who, right = _limited(), current()
    if who is None or right is None or right.kind is None:
        return list(operations)
    found = {
        action: _standing(who, right.kind, ids, action) for action, ids in _subjects(operations)
    }
    return [_judged(who, right, each, found) for each in operations]


def refused_fields(item: Any) -> Refusal | None:
    """Return the refusal of an item of a batch that sets what may not be changed."""
    who, right = _limited(), current()
    if who is None or right is None or right.kind is None:
        return None
    try:
        rights.refuse_changed(rights.changed_names(item["body"]), who.rights.fixed(right.kind))
    except Forbidden as refusal:
        return refusal
    return None


def cleared(refusal: Refusal) -> Refusal:
    """Return a refusal that names no record the caller may not see."""
    who, named = _limited(), refusal.named()
    if who is not None and named is not None and named[1]:
        kind, ids = named
        refusal.leave_out(set(ids) - _standing(who, kind, ids, "read").keys())
    return refusal


def current() -> Right | None:
    """Return the right the operation of this request was declared with."""
    return rights.right_of(current_app.view_functions.get(request.endpoint or ""))


def _limited() -> Principal | None:
    """Return the caller, if there is one and not everything is allowed."""
    who: Principal | None = g.get("principal")
    return None if who is None or who.is_admin else who


def _answers_itself(right: Right) -> bool:
    """Whether the answer is one record, which `read` looks for as the caller sees it."""
    return right.action == "read" and bool(request.view_args)


def _subject_id(subject: Subject) -> UUID:
    found: UUID = (request.view_args or {})[subject.parameter]
    return found


def _named(right: Right) -> str:
    return str(right.told().get("object"))


def _check_record(who: Principal, kind: str, record_id: UUID, action: str) -> None:
    found = _standing(who, kind, [record_id], action)
    if record_id not in found:
        raise NotFound(f"{kind} {record_id}")
    if not found[record_id]:
        raise Forbidden(detail=f"you may not {action} this {kind}")


def _standing(who: Principal, kind: str, ids: Sequence[UUID], action: str) -> dict[UUID, bool]:
    statement = rights.standing(who, kind, ids, action)
    return dict(cast("list[tuple[UUID, bool]]", db.rows(_sessions(), statement)))


def _sessions() -> Any:
    return current_app.extensions["crm"].sessions


def _subjects(operations: Sequence[Operation]) -> Iterator[tuple[str, list[UUID]]]:
    """Yield each action with the records it is asked for."""
    wanted: dict[str, list[UUID]] = {}
    for each in operations:
        if each.subject is not None and each.function is not None:
            wanted.setdefault(_action(each), []).append(each.subject)
    yield from wanted.items()


def _action(operation: Operation) -> str:
    return _ACTIONS.get(operation.op or "", "update")


def _judged(
    who: Principal, right: Right, operation: Operation, found: dict[str, dict[UUID, bool]]
) -> Operation:
    if operation.function is None:
        return operation
    action, kind = _action(operation), str(right.kind)
    if operation.subject is None:
        is_granted = who.rights.range_of(kind, action) is not Range.NONE
        refusal: Refusal = Forbidden(detail=f"needs the right to {action} {_named(right)}")
    else:
        standing = found[action].get(operation.subject)
        is_granted = bool(standing)
        refusal = Forbidden(detail=f"you may not {action} this {kind}")
        if standing is None:
            refusal = NotFound(f"{kind} {operation.subject}")
    return operation if is_granted else replace(operation, function=None, refusal=refusal)


def _is_within(session: Session, who: Principal, range_: Range, made: db.Aggregate) -> bool:
    if range_ in {Range.ALL, Range.NONE}:
        return range_ is Range.ALL
    if who.user_id is not None and who.user_id in {
        made.owner_id, getattr(made, "assignee_id", None)
    }:  # fmt: skip
        return True
    if range_ is Range.OWN:
        return False
    if made.team_id in who.team_ids:
        return True
    owner_id = made.owner_id
    return owner_id is not None and (
        session.execute(rights.people_of(who.team_ids, owner_id)).first() is not None
    )
