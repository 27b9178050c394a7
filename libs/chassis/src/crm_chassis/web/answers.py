"""The one way to write and the ways to read; routes parse, call one of these, and answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from flask import Response, current_app, g, request
from sqlalchemy import ColumnElement, Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

import crm_contracts as contracts
from crm_chassis import audit, clock, crashpoints, db, outbox, paging, rights, tracing
from crm_chassis.auth import Principal
from crm_chassis.problems import Forbidden, Invalid, NotFound, Refusal, StaleVersion, problem
from crm_chassis.web import guard, sparse
from crm_chassis.web.idempotency import Idempotency
from crm_chassis.web.operations import Command, Operation

ADDRESS = "X-CRM-Address"  # set by the edge on every call it passes on, never passed through
_JSON = "application/json"
_LONGEST_WARNINGS = 4000
# An answer, what it is about, and whether it was kept for its Idempotency-Key: None, not yet.
Done = tuple[Response, UUID | None, bool | None]
_SOURCES = frozenset({"ui", "api", "import"})


def sessions() -> sessionmaker[Session]:
    """Return the application's session maker."""
    return cast("sessionmaker[Session]", current_app.extensions["crm"].sessions)


def principal() -> Principal:
    """Return who calls."""
    return cast("Principal", g.principal)


def context() -> db.Context:
    """Return the context of a write in this request; an import's facts go out in bulk."""
    who = principal()
    source = request.headers.get("X-CRM-Source", "api")
    return db.Context(
        actor=who.actor,
        on_behalf_of=who.on_behalf_of,
        correlation_id=g.correlation_id,
        traceparent=tracing.current() or request.headers.get("traceparent"),
        source=source if source in _SOURCES else "api",
        bulk=source == "import",
        origin=origin(),
    )


def origin() -> db.Origin:
    """Return where this request is from; behind the edge, as the edge says."""
    is_edge = current_app.extensions["crm"].is_edge
    who = g.get("principal")
    return db.Origin(
        credential=who.credential if who else None,
        address=request.remote_addr if is_edge else request.headers.get(ADDRESS),
        agent=audit.shortened(request.headers.get("User-Agent")),
        request_id=g.get("request_id"),
    )


def if_match() -> int | None:
    """Return the version in If-Match, None without the header. Raises Invalid."""
    given = request.headers.get("If-Match")
    if given is None:
        return None
    text = given.strip().removeprefix("W/").strip('"').partition("-")[0]  # see `guard.mark`
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid({"If-Match": ["the record's version in quotes"]})
    return int(text)


def write(
    function: Command, command: Any, *, status: int = 200, found: int | None = None
) -> Response:
    """Run one command in one transaction and answer with the published record it returns.

    `found`, if given, is the status where that record was there before.
    """

    def work(session: Session, key: Idempotency | None, now: datetime) -> Done:
        aggregate = function(session, command, now=clock.now())
        made = list[Response]()

        def kept(record: contracts.Record) -> outbox.Beside | None:
            if key is None or record.id != aggregate.id:
                return None
            code = status if found is None or record.version == 1 else found
            made.append(_written(session, aggregate, contracts.record_body(record), code))
            return key.kept(made[0], aggregate.id, now=now)

        guard.refuse_made(session, aggregate, is_new=outbox.is_made(session, aggregate))
        was_kept = outbox.settle(session, beside=kept)
        if was_kept is None:
            body = outbox.published(session, aggregate)
            code = status if found is None or outbox.is_new(session, aggregate) else found
            made = [_written(session, aggregate, body, code)]
        return made[0], aggregate.id, was_kept

    return _once(work)


def write_batch(operations: Sequence[Operation]) -> Response:
    """Run up to 500 commands in one transaction, each in its savepoint; answer 207."""

    def work(session: Session, _key: Idempotency | None, _now: datetime) -> Done:
        items: dict[int, dict[str, Any]] = {}
        _run(session, list(enumerate(guard.allowed(operations))), items)
        outbox.settle(session)
        body = orjson.dumps({"items": [items[index] for index in range(len(operations))]})
        return Response(body, status=207, mimetype=_JSON), None, None

    return _once(work)


def read(kind: str, record_id: UUID, *, conditional: bool = True) -> Response:
    """Answer with one published record: 200 with ETag, 304, or 404. Archived ones are shown.

    Not `conditional`: never 304; the caller decides.
    """
    sparse.ask(kind)
    row = _shown(kind, record_id)
    if row is None:
        raise NotFound(f"{kind} {record_id}")
    response = Response(row[1], mimetype=_JSON)
    response.set_etag(guard.mark(kind, row[0]))
    return cast("Response", response.make_conditional(request)) if conditional else response


def _shown(kind: str, record_id: UUID) -> Sequence[Any] | None:
    """Return version and body of a record, if it is shown to the caller."""
    who = principal()
    if not (who.is_admin or who.rights.is_open(kind)):
        return next(iter(db.rows(sessions(), rights.bodies(who, kind, record_id))), None)
    with db.reading(sessions()) as cursor:
        row = cursor.execute(_READ, (kind, record_id)).fetchone()
    is_shown = row is not None and row[1] is not None and who.may_see(*row[2:6])
    return row if is_shown else None


def listing(
    statement: Select[Any],
    *,
    kind: str,
    id_column: Any,
    sorts: Mapping[str, ColumnElement[Any] | Any],
    args: Mapping[str, Any],
    default: str = "-created_at",
) -> Response:
    """Answer with one keyset page of published records."""
    g.shown_kind = kind
    sparse.ask(kind)
    page = paging.page(
        sessions(),
        statement,
        kind=kind,
        id_column=id_column,
        sorts=sorts,
        default=default,
        args=args,
        principal=principal(),
    )
    return Response(page.json(), mimetype=_JSON)


def _once(work: Callable[[Session, Idempotency | None, datetime], Done]) -> Response:
    who, now = principal(), clock.now()
    if who.reads_only or not who.roles - {"read-only"}:
        raise Forbidden(detail="the role read-only does not write")
    key = Idempotency.of_request(who.actor)
    try:
        with db.transaction(sessions(), context()) as session:
            if key and (answer := key.stored(session, now=now)):
                return answer
            response, subject, was_kept = work(session, key, now)
            crashpoints.reach("write.after_effect")
            if key and was_kept is None:
                key.store(session, response, subject, now=now)
            elif key:
                key.check(was_kept=bool(was_kept))
            crashpoints.reach("write.before_commit")
    except IntegrityError as error:
        raise _conflict(error) from error
    except StaleDataError as error:
        raise StaleVersion(detail="another write was faster; read it again") from error
    crashpoints.reach("write.after_commit")
    return response


def _written(session: Session, aggregate: db.Aggregate, body: bytes, status: int) -> Response:
    kind = outbox.kind_of(aggregate)
    response = Response(body, status=status, mimetype=_JSON)
    response.set_etag(guard.mark(kind, aggregate.version))
    response.headers["X-CRM-Version"] = f"{kind}/{aggregate.id}@{aggregate.version}"
    if notes := db.told_beside(session, aggregate.id):
        response.headers["X-CRM-Warnings"] = _header(notes)
    if status == 201:
        service = current_app.extensions["crm"].service
        plural = contracts.RECORDS[service, kind].plural
        response.headers["Location"] = f"/v1/{plural}/{aggregate.id}"
    return response


def _header(notes: Sequence[Mapping[str, Any]]) -> str:
    """Notes as JSON in ASCII; as many of the first as a header may carry."""
    told = [json.dumps(note) for note in notes]
    while sum(map(len, told)) > _LONGEST_WARNINGS:
        told.pop()
    return f"[{', '.join(told)}]"


def _run(
    session: Session, operations: list[tuple[int, Operation]], items: dict[int, dict[str, Any]]
) -> None:
    """Try all in one savepoint; when one fails, halve until the culprit stands alone."""
    ready = [(index, each) for index, each in operations if each.function]
    items |= {index: _refused(each.refusal) for index, each in operations if each.refusal}
    if not ready:
        return
    before, savepoint = outbox.touched(session), session.begin_nested()
    try:
        done = [(index, each, _call(session, each)) for index, each in ready]
        outbox.settle(session)
        savepoint.commit()
    except (Refusal, IntegrityError) as error:
        savepoint.rollback()
        outbox.restore(session, before)
        if len(ready) == 1:
            refusal = error if isinstance(error, Refusal) else _conflict(error)
            items[ready[0][0]] = _refused(refusal)
            return
        middle = len(ready) // 2
        _run(session, ready[:middle], items)
        _run(session, ready[middle:], items)
        return
    made = {item.get("id") for item in items.values()}
    for index, each, aggregate in done:
        is_made = aggregate.id not in made and outbox.is_new(session, aggregate)
        status = each.status if each.found is None or is_made else each.found
        made.add(aggregate.id)
        items[index] = {"status": status, "id": aggregate.id, "version": aggregate.version}
        if notes := db.told_beside(session, aggregate.id):
            items[index]["warnings"] = notes


def _call(session: Session, operation: Operation) -> db.Aggregate:
    function = cast("Command", operation.function)
    aggregate = function(session, operation.command, now=clock.now())
    if operation.op == "create":
        guard.refuse_made(session, aggregate, is_new=outbox.is_made(session, aggregate))
    return aggregate


def _refused(refusal: Refusal | None) -> dict[str, Any]:
    refusal = guard.cleared(cast("Refusal", refusal))
    body = problem(refusal, instance=request.path, request_id=g.request_id)
    return {"status": int(refusal.status), "problem": body}


def _conflict(error: IntegrityError) -> Refusal:
    """Return the refusal the service names for a constraint; a constraint without one is a bug."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    refusal = current_app.extensions["crm"].conflicts.get(constraint)
    if refusal is None:
        raise error
    return cast("Refusal", refusal())


_READ = """
select version, body, visibility, owner_id, team_id, assignee_id from record
where kind = %s and id = %s
"""
