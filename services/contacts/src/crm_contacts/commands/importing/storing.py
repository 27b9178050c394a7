"""Writing newcomers as a set: each table by one COPY, their facts by one statement."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_contacts import events
from crm_contacts.model.contact import Contact
from crm_contacts.model.newcomer import Newcomer
from crm_contacts.queries import imports


def store(session: Session, newcomers: Sequence[Newcomer], *, now: datetime) -> None:
    """Write contacts that nobody has seen yet, and tell them.

    An address that somebody took meanwhile fails the whole set (UniqueViolation); plan it anew.
    """
    if not newcomers:
        return
    numbers = imports.next_numbers(session, "contact", len(newcomers))
    for newcomer, number in zip(newcomers, numbers, strict=True):
        newcomer.public_no = number
    _copy(session, "contact", _CONTACT, map(_contact, newcomers))
    _copy(session, "contact_point", _POINT, (row for each in newcomers for row in _points(each)))
    _copy(session, "account_contact", _LINK, (row for each in newcomers for row in _links(each)))
    told = [(events.contact_created(cast("Contact", each)), now) for each in newcomers]
    outbox.tell(session, told)


def _copy(session: Session, table: str, names: str, rows: Iterable[Sequence[Any]]) -> None:
    with db.cursor(session).copy(f"copy {table} ({names}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _contact(each: Newcomer) -> Sequence[Any]:
    return (
        each.id, each.public_no, each.version, each.created_at, each.updated_at, each.created_by,
        each.updated_by, each.owner_id, each.team_id, each.visibility, each.first_name,
        each.last_name, each.job_title, each.department, each.language, each.time_zone,
        each.birthday, str(each.lifecycle), each.source, each.tags, each.do_not_call,
        _json(each.addresses), _json(each.custom), _json(each.secret), each.sort_name,
        each.search_text, each.match_keys,
    )  # fmt: skip


def _points(each: Newcomer) -> Iterable[Sequence[Any]]:
    for point in each.points:
        yield (
            each.id, str(point.kind), point.value, point.label, point.position, point.is_primary,
            True, point.deliverability, point.opted_out, str(point.quality), point.judged_why,
        )  # fmt: skip


def _links(each: Newcomer) -> Iterable[Sequence[Any]]:
    for link in each.links:
        yield each.id, link.account_id, link.role, link.position, link.is_primary, link.is_active


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def note_origins(
    session: Session, import_id: UUID, source: str, origins: Sequence[tuple[str, UUID]]
) -> None:
    """Remember which contact each record of another system is now."""
    once = dict(origins)
    values = {
        "import_id": import_id, "source": source, "keys": list(once), "ids": list(once.values()),
    }  # fmt: skip
    db.cursor(session).execute(_ORIGINS, values)


_CONTACT = """
id, public_no, version, created_at, updated_at, created_by, updated_by, owner_id, team_id,
visibility, first_name, last_name, job_title, department, language, time_zone, birthday, lifecycle,
source, tags, do_not_call, addresses, custom, secret, sort_name, search_text, match_keys
"""
_POINT = """
contact_id, kind, value, label, position, is_primary, is_live, deliverability, opted_out,
quality, judged_why
"""
_LINK = "contact_id, account_id, role, position, is_primary, is_active"
_ORIGINS = """
insert into contact_origin (source, external_id, contact_id, import_id)
select %(source)s, key, contact_id, %(import_id)s
from unnest(%(keys)s::text[], %(ids)s::uuid[]) as t(key, contact_id)
on conflict (source, external_id) do update
set contact_id = excluded.contact_id, import_id = excluded.import_id
where contact_origin.contact_id <> excluded.contact_id
"""
