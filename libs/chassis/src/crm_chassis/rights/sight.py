"""Which records somebody sees, or may do something with: one condition.

A record is seen within the range of the right, by who owns it or is assigned to it, or by a team;
its visibility (`team`, `private`) narrows that further. A part is seen as its whole is. An
administrator sees everything.
"""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
    true,
)

from crm_chassis.rights.grants import Grants, Range
from crm_contracts import objects

# Any other visibility (a message's `public` or `internal`) is no limit inside the house.
RESTRICTED = ("team", "private")
RECORD = table(
    "record",
    column("kind", Text),
    column("id", Uuid),
    column("body", Text),
    column("version", BigInteger),
    *(column(name, Uuid) for name in ("owner_id", "team_id", "assignee_id")),
    column("visibility", Text),
)
_PEOPLE = table("user_copy", column("id", Uuid), column("team_id", Uuid))


class Viewer(Protocol):
    """Somebody with rights, as far as these conditions know them."""

    @property
    def user_id(self) -> UUID | None:
        """Whose own records are theirs."""

    @property
    def team_ids(self) -> Sequence[UUID]:
        """The teams they are in, and all below these."""

    @property
    def is_admin(self) -> bool:
        """Whether everything is allowed."""

    @property
    def rights(self) -> Grants:
        """What their roles grant together."""


def visible(who: Viewer, kind: str, record: FromClause = RECORD) -> ColumnElement[bool]:
    """Return the condition under which a row of `record` of this kind is shown to `who`."""
    if who.is_admin:
        return true()
    range_ = who.rights.range_of(kind, "read")
    if range_ is Range.NONE:
        return false()
    if range_ is not Range.ALL and kind in objects.PARTS:
        return _by_its_whole(who, kind, record)
    return and_(_is_open_to(who, record), within(who, range_, record))


def within(who: Viewer, range_: Range, record: FromClause = RECORD) -> ColumnElement[bool]:
    """Return the condition under which a row is in the range of `who`, be it shown or not."""
    if range_ is Range.ALL or who.is_admin:
        return true()
    if range_ is Range.NONE:
        return false()
    mine = _is_mine(who, record)
    if range_ is Range.OWN:
        return mine
    teams = _teams(who)
    mates = select(_PEOPLE.c.id).where(_PEOPLE.c.team_id == any_(teams))
    return or_(mine, record.c.team_id == any_(teams), record.c.owner_id.in_(mates))


def may(who: Viewer, kind: str, action: str, record: FromClause = RECORD) -> ColumnElement[bool]:
    """Return the condition under which `who` may do something with a row that is shown."""
    return within(who, who.rights.range_of(kind, action), record)


def _is_open_to(who: Viewer, record: FromClause) -> ColumnElement[bool]:
    ours = and_(record.c.visibility == "team", record.c.team_id == any_(_teams(who)))
    open_to_all = and_(*(record.c.visibility != each for each in RESTRICTED))
    return or_(open_to_all, _is_mine(who, record), ours)


def _is_mine(who: Viewer, record: FromClause) -> ColumnElement[bool]:
    return or_(record.c.owner_id == who.user_id, record.c.assignee_id == who.user_id)


def _by_its_whole(who: Viewer, kind: str, record: FromClause) -> ColumnElement[bool]:
    whole_kind, field = objects.PARTS[kind]
    whole = RECORD.alias("whole")
    named = cast(cast(record.c.body, JSON)[field].as_string(), Uuid)
    return exists(
        select(literal(1))
        .select_from(whole)
        .where(whole.c.kind == whole_kind, whole.c.id == named, visible(who, whole_kind, whole))
        .correlate(record)
    )


def _teams(who: Viewer) -> ColumnElement[Any]:
    return literal(list(who.team_ids), ARRAY(Uuid))


def standing(who: Viewer, kind: str, ids: Sequence[UUID], action: str) -> Select[Any]:
    """Return the statement of (id, whether the action is allowed) of those records that are shown."""
    # Nobody assigned is null, and null or false is null.
    return select(RECORD.c.id, func.coalesce(may(who, kind, action), false())).where(
        RECORD.c.kind == literal(kind, Text),
        RECORD.c.id == any_(literal(list(ids), ARRAY(Uuid))),
        RECORD.c.body.is_not(None),
        visible(who, kind),
    )


def bodies(who: Viewer, kind: str, record_id: UUID) -> Select[Any]:
    """Return the statement of (version, body) of one record, if it is shown."""
    return select(RECORD.c.version, RECORD.c.body).where(
        RECORD.c.kind == literal(kind, Text),
        RECORD.c.id == literal(record_id, Uuid),
        RECORD.c.body.is_not(None),
        visible(who, kind),
    )


def people_of(team_ids: Sequence[UUID], user_id: UUID) -> Select[Any]:
    """Return the statement of a person, if they are in one of these teams."""
    teams = literal(list(team_ids), ARRAY(Uuid))
    return select(_PEOPLE.c.id).where(
        _PEOPLE.c.id == literal(user_id, Uuid), _PEOPLE.c.team_id == any_(teams)
    )
