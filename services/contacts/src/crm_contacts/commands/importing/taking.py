"""Taking rows over, a set a transaction: plan them again, write them, note what became of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db, ids
from crm_contacts.commands.importing import accounts, changing, storing
from crm_contacts.commands.importing.planned import Planned, acting
from crm_contacts.commands.importing.planning import plan
from crm_contacts.model.contact import Contact
from crm_contacts.model.interchange import Import, RowStatus
from crm_contacts.model.newcomer import Newcomer
from crm_contacts.queries import imports, records
from crm_contacts.queries.imports import Row
from crm_fields.holding.writing import note
from crm_fields.objects import Held

SET = 1_000  # rows a transaction


@dataclass(slots=True, kw_only=True)
class _Outcome:
    """What became of rows, by number."""

    status: dict[int, RowStatus] = field(default_factory=dict)
    contact_id: dict[int, UUID | None] = field(default_factory=dict)
    version: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, Sequence[str]] = field(default_factory=dict)
    before: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    def note(self, row: Row, status: RowStatus, contact_id: UUID | None = None) -> None:
        """Say what became of a row."""
        self.status[row.number], self.contact_id[row.number] = status, contact_id


def waiting(session: Session, file: Import, *, after: int) -> list[Row]:
    """Return the next rows that nothing became of yet."""
    return imports.waiting(session, file.id, after=after, limit=SET)


def foresee(session: Session, file: Import, rows: Sequence[Row]) -> None:
    """Note what rows would become, and which keys the newcomers among them would take."""
    keys = {key for row in rows for key in row.keys}
    planned = plan(session, file, rows, claimed=imports.claimed(session, file.id, keys))
    outcome = _Outcome()
    taken: set[str] = set()
    for each in planned:
        outcome.note(each.row, each.action, each.contact_id)
        outcome.reasons[each.row.number] = each.reasons
        if each.action in {RowStatus.CREATE, RowStatus.UPDATE}:
            taken.update(each.row.keys)
    _keep(session, file, outcome)
    db.cursor(session).execute(_CLAIM, (file.id, sorted(taken)))


def take(session: Session, file: Import, rows: Sequence[Row], *, now: datetime) -> None:
    """Make contacts of rows, or more of those there are."""
    planned = plan(session, file, rows)
    acted = [p for p in planned if p.action in {RowStatus.CREATE, RowStatus.UPDATE}]
    company = accounts.settle(session, file, acted, now=now)
    outcome = _Outcome()
    _create(session, file, planned, company, outcome, now=now)
    _update(session, planned, company, outcome, now=now)
    for each in planned:
        if each.action in {RowStatus.DUPLICATE, RowStatus.REFUSED}:
            contact_id = each.newcomer.contact_id if each.newcomer else each.contact_id
            outcome.note(each.row, each.action, contact_id)
            outcome.reasons[each.row.number] = each.reasons
    _keep(session, file, outcome)
    _note_origins(session, file, planned, outcome)
    _note_findings(session, planned, now=now)


def _note_findings(session: Session, planned: Iterable[Planned], *, now: datetime) -> None:
    for action, are_new in ((RowStatus.CREATE, True), (RowStatus.UPDATE, False)):
        found = {
            each.contact_id: each.findings
            for each in planned
            if each.action is action and each.contact_id and not each.newcomer
        }
        if any(found.values()) or (found and not are_new):
            note(session, Held.CONTACT, found, now=now, are_new=are_new)


def _create(
    session: Session,
    file: Import,
    planned: Sequence[Planned],
    company: Mapping[str, UUID],
    outcome: _Outcome,
    *,
    now: datetime,
) -> None:
    who = acting(file.acting)
    new = [each for each in planned if each.action is RowStatus.CREATE]
    for each in planned:
        if each.newcomer and each.action is RowStatus.UPDATE:
            _grow(each.newcomer.fields, each.fields)
    newcomers = []
    for each in new:
        each.contact_id = ids.new()
        account_id = company.get(each.row.body.get("company", ""))
        newcomers.append(
            Newcomer.of(
                each.fields, contact_id=each.contact_id, owner_id=who.user_id,
                account_id=account_id, actor=who.actor, at=now,
            )
        )  # fmt: skip
        outcome.note(each.row, RowStatus.CREATED, each.contact_id)
        outcome.version[each.row.number] = 1
    storing.store(session, newcomers, now=now)


def _grow(fields: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add a later row of the file to the fields of a newcomer of the same set."""
    for name, value in more.items():
        held = fields.get(name)
        if name in {"emails", "phones"} and held:
            known = {each["value"] for each in held}
            extra = [{**each, "primary": False} for each in value if each["value"] not in known]
            fields[name] = [*held, *extra]
        elif isinstance(value, list) and held:
            fields[name] = [*held, *(each for each in value if each not in held)]
        elif isinstance(value, dict) and held:
            fields[name] = {**held, **value}
        else:
            fields[name] = value


def _update(
    session: Session,
    planned: Sequence[Planned],
    company: Mapping[str, UUID],
    outcome: _Outcome,
    *,
    now: datetime,
) -> None:
    changed = [each for each in planned if each.action is RowStatus.UPDATE]
    wanted = {each.contact_id for each in changed if each.contact_id and not each.newcomer}
    locked = {c.id: c for c in records.contacts_for_update(session, sorted(wanted))}
    for each in changed:
        if each.newcomer:
            outcome.note(each.row, RowStatus.UPDATED, each.newcomer.contact_id)
            outcome.version[each.row.number] = 1
        elif (contact := locked.get(each.contact_id)) is None:  # type: ignore[arg-type]
            outcome.note(each.row, RowStatus.REFUSED)
            outcome.reasons[each.row.number] = ["the contact was archived meanwhile"]
        else:
            _change(session, each, contact, company, outcome, now=now)


def _change(
    session: Session,
    each: Planned,
    contact: Contact,
    company: Mapping[str, UUID],
    outcome: _Outcome,
    *,
    now: datetime,
) -> None:
    account_id = company.get(each.row.body.get("company", ""))
    before = changing.change(session, contact, each.fields, account_id, now=now)
    status = RowStatus.UNCHANGED if before is None else RowStatus.UPDATED
    outcome.note(each.row, status, contact.id)
    if before is not None:
        outcome.before[each.row.number] = before
        outcome.version[each.row.number] = contact.version


def _keep(session: Session, file: Import, outcome: _Outcome) -> None:
    """Write what became of rows: one statement over the set."""
    numbers = list(outcome.status)
    earlier = (outcome.before.get(number) for number in numbers)
    values = {
        "id": file.id,
        "number": numbers,
        "status": [str(outcome.status[number]) for number in numbers],
        "contact_id": [outcome.contact_id[number] for number in numbers],
        "version": [outcome.version.get(number) for number in numbers],
        "reasons": [orjson.dumps(outcome.reasons.get(number, [])).decode() for number in numbers],
        "before": [None if each is None else orjson.dumps(each).decode() for each in earlier],
    }
    db.cursor(session).execute(_KEEP, values)


def _note_origins(
    session: Session, file: Import, planned: Iterable[Planned], outcome: _Outcome
) -> None:
    found = [
        (key, contact_id)
        for each in planned
        if (contact_id := outcome.contact_id.get(each.row.number))
        for key in each.row.keys
        if key[:2] in {"x:", "r:"}
    ]
    storing.note_origins(session, file.id, file.source, found)


_KEEP = """
update import_row set status = t.status, contact_id = t.contact_id, version = t.version,
    reasons = array(select jsonb_array_elements_text(t.reasons::jsonb)), before = t.before::jsonb
from unnest(%(number)s::bigint[], %(status)b::text[], %(contact_id)s::uuid[], %(version)s::bigint[],
    %(reasons)b::text[], %(before)b::text[]) as t(number, status, contact_id, version, reasons, before)
where import_id = %(id)s and import_row.number = t.number
"""
_CLAIM = """
insert into import_key (import_id, key) select %s, unnest(%s::text[]) on conflict do nothing
"""
