"""Where the fields of predicates stand: in the copy of contacts, and beside it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    column,
    exists,
    false,
    func,
    null,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_chassis.auth import Principal
from crm_chassis.rights import visible
from crm_fields import Kind, Node, conditions
from crm_fields.sql import Place, WordsPlace, compiled, json_place, json_words
from crm_fields.types import PREFIX

CONTACT = table(
    "contact_copy",
    column("id", Uuid),
    column("version", Integer),
    column("merged_into", Uuid),
    column("archived_at", DateTime(timezone=True)),
    column("owner_id", Uuid),
    column("team_id", Uuid),
    column("visibility", Text),
    column("account_id", Uuid),
    column("opted_out", Boolean),
    column("created_at", DateTime(timezone=True)),
    column("tags", JSONB),
    column("custom", JSONB),
    column("birthday", Text),
    column("preferences", JSONB),
    *(
        column(name, Text)
        for name in ("name", "first_name", "last_name", "email", "deliverability")
    ),
    *(column(name, Text) for name in ("lifecycle", "language", "job_title", "source")),
)
_DEAL = table(
    "deal_copy",
    column("primary_contact_id", Uuid),
    column("status", Text),
    column("archived_at", DateTime(timezone=True)),
)
_TICKET = table(
    "ticket_copy",
    column("requester_id", Uuid),
    column("status", Text),
    column("archived_at", DateTime(timezone=True)),
)
Column = ColumnElement[Any]
Bool = ColumnElement[bool]


def condition(node: Node, *, now: datetime) -> Bool:
    """What is true of exactly the contacts a predicate means, placeholders and absorbed ones never.

    Archived contacts are meant only by a predicate that names the field.
    """
    known = and_(CONTACT.c.version > 0, CONTACT.c.merged_into.is_(None))
    names_archived = any(each.field == "archived" for each in conditions(node))
    live = true() if names_archived else CONTACT.c.archived_at.is_(None)
    return and_(known, live, compiled(node, _place, now=now))


def _place(name: str, kind: Kind) -> Place | WordsPlace:
    if name.startswith(PREFIX):
        return json_place(CONTACT.c.custom, name, kind)
    if kind is Kind.WORDS:
        return json_words(CONTACT.c[name])
    return Place(column=_DERIVED[name]() if name in _DERIVED else CONTACT.c[name])


def _archived() -> Column:
    return func.coalesce(CONTACT.c.archived_at.is_not(None), false())


def _has_open_deal() -> Column:
    return exists().where(*_deals("open"))


def _won_deals() -> Column:
    counted = select(func.count()).select_from(_DEAL).where(*_deals("won"))
    return counted.scalar_subquery()


def _open_tickets() -> Column:
    counted = (
        select(func.count())
        .select_from(_TICKET)
        .where(
            _TICKET.c.requester_id == CONTACT.c.id,
            _TICKET.c.archived_at.is_(None),
            _TICKET.c.status.not_in(("resolved", "closed")),
        )
    )
    return counted.scalar_subquery()


def _deals(status: str) -> tuple[Bool, ...]:
    return (
        _DEAL.c.primary_contact_id == CONTACT.c.id,
        _DEAL.c.status == status,
        _DEAL.c.archived_at.is_(None),
    )


_DERIVED: Mapping[str, Callable[[], Column]] = {
    "archived": _archived,
    "has_open_deal": _has_open_deal,
    "won_deals": _won_deals,
    "open_tickets": _open_tickets,
}


def seen_by(who: Principal) -> Select[Any]:
    """Ids of the contacts that somebody may see; who was only named yet tells nothing."""
    names = ("version", "owner_id", "team_id", "visibility")
    nobody = cast(null(), Uuid).label("assignee_id")
    seen = select(CONTACT.c.id, *(CONTACT.c[name] for name in names), nobody).subquery("seen")
    return select(seen.c.id).where(or_(seen.c.version == 0, visible(who, "contact", seen)))
