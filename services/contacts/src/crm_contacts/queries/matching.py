"""Looking for contacts that may be one person."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model import recognition
from crm_contacts.model.contact import Contact
from crm_contacts.model.duplicate import Duplicate, DuplicatePolicy, DuplicateRule
from crm_contacts.model.point import ContactPoint
from crm_contacts.model.values import PointKind
from crm_matching import Person
from crm_matching.glance import Outline
from crm_matching.keys import LARGEST_BLOCK
from crm_matching.rules import Surroundings


def policy(session: Session) -> DuplicatePolicy:
    """The deployment's rule for contacts, the usual one if it has none."""
    found = session.info.get("duplicate_policy")
    if found is None:
        row = db.cursor(session).execute(_POLICY).fetchone()
        found = _policy(*row) if row else DuplicatePolicy()
        session.info["duplicate_policy"] = found  # one transaction, one policy
    return cast("DuplicatePolicy", found)


def _policy(rule: str, same: float, review: float, weights: Mapping[str, float]) -> DuplicatePolicy:
    return DuplicatePolicy(rule=DuplicateRule(rule), same=same, review=review, weights=weights)


def has_newcomers(session: Session, *, work: str) -> bool:
    """Whether contacts came in since the last scan was asked for, and none is under way."""
    return bool(db.cursor(session).execute(_NEWCOMERS, {"work": work}).fetchone())


def sharing_a_key(
    session: Session, keys: Collection[str], *, but: Collection[UUID]
) -> tuple[Mapping[UUID, Person], Surroundings]:
    """Live contacts that share a key which few have, without `but`, and what is around them."""
    if not keys:
        return {}, Surroundings(names={}, phones={})
    values = {"keys": sorted(keys), "but": list(but), "most": LARGEST_BLOCK + 1}
    rows = db.cursor(session).execute(_SHARING, values).fetchall()
    found = {row[0]: _person(row) for row in rows}
    return found, _around(session, found, {row[0]: row[9] for row in rows})


def people(session: Session, contact_ids: Iterable[UUID]) -> Mapping[UUID, Person]:
    """These contacts as they are recognised; those that are gone are left out."""
    rows = db.cursor(session).execute(_PEOPLE, {"ids": list(contact_ids)})
    return {row[0]: _person(row) for row in rows}


def _person(row: Sequence[Any]) -> Person:
    return recognition.person(
        first_name=row[1],
        last_name=row[2],
        birthday=row[3],
        addresses=row[4],
        emails=row[5] or (),
        phones=row[6] or (),
        account_ids=row[7] or (),
        channels=row[8] or (),
    )


def outlines(session: Session, contact_ids: Iterable[UUID]) -> Mapping[UUID, Outline]:
    """These contacts at a glance; those that are gone are left out.

    Namesakes are counted among these alone: there are at least so many.
    """
    rows = db.cursor(session).execute(_OUTLINES, {"ids": list(contact_ids)}).fetchall()
    namesakes = Counter(row[6] for row in rows)
    return {
        row[0]: Outline.of(
            given=row[1], surname=row[2], birthday=row[3], keys=row[4], has_address=row[5],
            namesakes=namesakes[row[6]],
        )
        for row in rows
    }  # fmt: skip


def surroundings(session: Session, found: Mapping[UUID, Person]) -> Surroundings:
    """How many live contacts have the names and telephone numbers of these."""
    rows = db.cursor(session).execute(_NAMESAKES, {"ids": list(found)}).fetchall()
    return _around(session, found, dict(rows))


def _around(
    session: Session, found: Mapping[UUID, Person], namesakes: Mapping[UUID, int]
) -> Surroundings:
    names = {found[contact_id].name_key: number for contact_id, number in namesakes.items()}
    numbers = {number for person in found.values() for number in person.phones}
    return Surroundings(names=names, phones=_sharing_phones(session, numbers))


def _sharing_phones(session: Session, numbers: Collection[str]) -> dict[str, int]:
    if not numbers:
        return {}
    statement = (
        select(ContactPoint.value, sa.func.count())
        .where(
            ContactPoint.kind == PointKind.PHONE,
            ContactPoint.is_live,
            ContactPoint.value == sa.any_(sa.literal(sorted(numbers), sa.ARRAY(sa.Text))),
        )
        .group_by(ContactPoint.value)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def duplicates_of_pairs(
    session: Session, pairs: Iterable[tuple[UUID, UUID]]
) -> Mapping[tuple[UUID, UUID], Duplicate]:
    """What is known of pairs (smaller id first), locked in order."""
    wanted = sorted(pairs)
    if not wanted:
        return {}
    sides = (sa.literal(list(ids), sa.ARRAY(sa.Uuid)) for ids in zip(*wanted, strict=True))
    one, other = (sa.func.unnest(ids) for ids in sides)
    pair = select(one.label("one"), other.label("other")).subquery("pair")
    statement = (
        select(Duplicate)
        .join(pair, (Duplicate.a_id == pair.c.one) & (Duplicate.b_id == pair.c.other))
        .order_by(Duplicate.id)
        .with_for_update(of=Duplicate)
    )
    return {(each.a_id, each.b_id): each for each in session.scalars(statement)}


def blocks(
    session: Session, job_id: UUID, *, after: int, limit: int
) -> Sequence[tuple[int, list[UUID]]]:
    """Groups of contacts that share a key, as a scan has noted them, from `after` on."""
    values = {"job": job_id, "after": after, "limit": limit}
    rows: list[tuple[int, Any]] = db.cursor(session).execute(_BLOCKS, values).fetchall()
    return [(number, list(members)) for number, members in rows]


def live_contacts(session: Session, contact_ids: Iterable[UUID]) -> list[Contact]:
    """These contacts, live ones only."""
    statement = select(Contact).where(
        Contact.id.in_(list(contact_ids)), Contact.archived_at.is_(None)
    )
    return list(session.scalars(statement))


_NEWCOMERS = """
select 1 from contact
where created_at > coalesce(
    (select max(created_at) from job where work = %(work)s), '-infinity')
  and not exists (select 1 from job where work = %(work)s and status in ('queued', 'running'))
limit 1
"""
_POLICY = "select rule, same, review, weights from duplicate_policy where object = 'contact'"
_COLUMNS = """
select c.id, c.first_name, c.last_name, c.birthday, c.addresses,
       (select array_agg(value) from contact_point p where p.contact_id = c.id and kind = 'email'),
       (select array_agg(value) from contact_point p where p.contact_id = c.id and kind = 'phone'
           and quality <> 'incorrect'),
       (select array_agg(account_id) from account_contact l where l.contact_id = c.id),
       (select array_agg(kind || ':' || value) from contact_point p where p.contact_id = c.id
           and kind in ('whatsapp', 'chat', 'social'))
"""
_PEOPLE = _COLUMNS + "from contact c where c.id = any(%(ids)s::uuid[])"
_OUTLINES = """
select id, first_name, last_name, birthday, match_keys, addresses <> '[]', sort_name
from contact
where id = any(%(ids)s::uuid[]) and archived_at is null and merged_into_id is null
"""
_NUMBER = """
(select count(*) from (
    select 1 from contact other
    where c.sort_name <> '' and other.sort_name = c.sort_name and other.archived_at is null
    limit 21
) as few)
"""
_NAMESAKES = """
select c.id, @number from contact c where c.id = any(%(ids)s::uuid[]) and c.sort_name <> ''
""".replace("@number", _NUMBER)
# One statement where three would do: it stands in the way of everybody who comes in.
_SHARING = """
with near as materialized (
    select distinct found.id
    from unnest(%(keys)s::text[]) as wanted(key)
    cross join lateral (
        select array_agg(id) as ids from (
            select id from contact
            where match_keys @> array[wanted.key] and archived_at is null
              and merged_into_id is null
            limit %(most)s
        ) as few
    ) as block
    cross join lateral unnest(block.ids) as found(id)
    where cardinality(block.ids) < %(most)s and found.id <> all(%(but)s::uuid[])
)
@columns, @number from near join contact c using (id) order by c.id
""".replace("@columns", _COLUMNS).replace("@number", _NUMBER)
_BLOCKS = """
select number, contact_ids from scan_key
where job_id = %(job)s and number > %(after)s order by number limit %(limit)s
"""
