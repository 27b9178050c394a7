"""Writing people to a file, a page a transaction; no more than a page is ever held."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts.commands import files
from crm_contacts.commands.importing.planned import acting
from crm_contacts.events import interchange as events
from crm_contacts.model.interchange import Export
from crm_contacts.model.job import Progress
from crm_contacts.model.values import ContactLifecycle
from crm_contacts.queries import exports, records
from crm_interchange import CARDS
from crm_interchange.writing import Person, card, header, row

WORK = "export"
PAGE = 1_000
_MOST_CUSTOM = 200
_MARK = "\ufeff"  # spreadsheets take a file for UTF-8 by this


def begin(session: Session, progress: Progress) -> None:
    """Write the first line, and count who is to be written."""
    export = records.for_update(session, Export, UUID(progress.state["export_id"]))
    progress.total = exports.count(session, filters(export), who=acting(export.acting))
    state = {**progress.state, "after": None, "rows": 0, "size": 0, "custom": []}
    if export.format != CARDS:
        state["custom"] = exports.custom_keys(session, limit=_MOST_CUSTOM)
        first = (_MARK + header(state["custom"])).encode()
        state["size"] = files.append(session, export.id, first, size=0)
    progress.state = state


def carry_on(session: Session, progress: Progress, *, now: datetime) -> None:
    """Write the next page; after the last, have a result."""
    state = progress.state
    export = records.for_update(session, Export, UUID(state["export_id"]))
    after = UUID(state["after"]) if state["after"] else None
    who = acting(export.acting)
    page = exports.bodies(session, filters(export), who=who, after=after, limit=PAGE)
    if not page:
        export.complete(rows=state["rows"], size=state["size"])
        outbox.add(session, events.export_completed, export, at=now)
        progress.result = {"rows": state["rows"], "size": state["size"]}
        return
    content = _written(session, export, [body for _, body in page], state["custom"])
    size = files.append(session, export.id, content, size=state["size"])
    rows = state["rows"] + len(page)
    progress.state = {**state, "after": str(page[-1][0]), "rows": rows, "size": size}
    progress.done = rows


def give_up(session: Session, progress: Progress, message: str, *, now: datetime) -> None:
    """Note that an export came to an end that is not; what was written is worth nothing."""
    export = records.for_update(session, Export, UUID(progress.state["export_id"]))
    files.forget(session, export.id)
    export.fail(message)
    outbox.add(session, events.export_failed, export, at=now)


def filters(export: Export) -> dict[str, Any]:
    """Return the filters of the list of contacts, in the types it takes."""
    found: dict[str, Any] = dict(export.filter)
    for name in found.keys() & {"owner_id", "team_id", "account_id"}:
        found[name] = UUID(found[name])
    for name in found.keys() & {"created_since", "created_before"}:
        found[name] = datetime.fromisoformat(found[name])
    if "ids" in found:
        found["ids"] = [UUID(each) for each in found["ids"].split(",")]
    if "lifecycle" in found:
        found["lifecycle"] = ContactLifecycle(found["lifecycle"])
    found["archived"] = found.get("archived") == "true"
    return found


def _without(record: dict[str, Any], hidden: frozenset[str]) -> Mapping[str, Any]:
    """The record, what is hidden from whoever exports left empty."""
    for name in hidden & record.keys():
        record[name] = type(record[name])() if isinstance(record[name], list | dict) else None
    custom = {k: v for k, v in record["custom"].items() if f"custom.{k}" not in hidden}
    return record | {"custom": custom}


def _written(
    session: Session, export: Export, bodies: Sequence[str], custom: Sequence[str]
) -> bytes:
    hidden = acting(export.acting).rights.hidden("contact")
    found = [_without(orjson.loads(body), hidden) for body in bodies]
    accounts = {UUID(each["account_id"]) for each in found if each["account_id"]}
    names = exports.account_names(session, list(accounts))
    people = [
        Person(
            record=each, company=names.get(UUID(each["account_id"])) if each["account_id"] else None
        )
        for each in found
    ]
    if export.format == CARDS:
        return "".join(map(card, people)).encode()
    return "".join(row(each, custom) for each in people).encode()
