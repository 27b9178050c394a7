"""What the lists select: filters and sort keys per resource; paging is the chassis's."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm_chassis.auth import Principal
from crm_chassis.db import Aggregate
from crm_marketing.model.campaign import Campaign, Enrollment
from crm_marketing.model.message import Message
from crm_marketing.model.segment import Segment, SegmentMembership
from crm_marketing.model.template import Template
from crm_marketing.queries.predicates import seen_by

Sorts = Mapping[str, InstrumentedAttribute[Any]]
KINDS: Mapping[str, type[Aggregate]] = {
    "segment": Segment,
    "segment_membership": SegmentMembership,
    "template": Template,
    "campaign": Campaign,
    "enrollment": Enrollment,
    "message": Message,
}
_NAMED = {"segment": Segment.name, "template": Template.name, "campaign": Campaign.name}
_OF_CONTACTS = frozenset({"enrollment", "message"})
_FILTERS: Mapping[str, Collection[str]] = {
    "segment": ("owner_id", "type"),
    "template": ("owner_id",),
    "campaign": ("owner_id", "status", "segment_id", "origin_key"),
    "enrollment": ("campaign_id", "contact_id"),
    "message": ("campaign_id", "contact_id", "status"),
}


def found(kind: str, wanted: Mapping[str, Any], who: Principal) -> Select[Any]:
    """Live records of a kind; `wanted` may name columns to equal, and `q`, a part of the name.

    Places in campaigns and mails are those of contacts that `who` may see.
    """
    model = KINDS[kind]
    equal = {name: wanted[name] for name in _FILTERS[kind] if wanted.get(name) is not None}
    statement = select(model).where(model.archived_at.is_(None)).filter_by(**equal)
    if wanted.get("q") and kind in _NAMED:
        statement = statement.where(_NAMED[kind].icontains(wanted["q"], autoescape=True))
    return statement if kind not in _OF_CONTACTS else _seen(statement, model, who)


def members(segment_id: UUID, who: Principal) -> Select[Any]:
    """The stays in a segment that last, of contacts that `who` may see."""
    statement = select(SegmentMembership).where(
        SegmentMembership.segment_id == segment_id,
        SegmentMembership.left_at.is_(None),
        SegmentMembership.archived_at.is_(None),
    )
    return _seen(statement, SegmentMembership, who)


def snapshots(segment_id: UUID) -> Select[Any]:
    """The live snapshots of a segment."""
    return select(Segment).where(
        Segment.snapshot_of_id == segment_id, Segment.archived_at.is_(None)
    )


def sorts(kind: str) -> Sorts:
    """The sort keys of a kind's list."""
    model: Any = KINDS[kind]
    keys = {"created_at": model.created_at, "updated_at": model.updated_at}
    keys["public_no"] = model.public_no
    if kind in _NAMED:
        keys["name"] = _NAMED[kind]
    if kind == "segment_membership":
        keys["entered_at"] = SegmentMembership.entered_at
    if kind == "message":
        keys["queued_at"] = Message.queued_at
    return keys


def segment_exists(session: Session, segment_id: UUID) -> bool:
    """Whether there is such a segment, archived ones included."""
    return bool(session.scalar(select(exists().where(Segment.id == segment_id))))


def _seen(statement: Select[Any], model: Any, who: Principal) -> Select[Any]:
    return statement if who.is_admin else statement.where(model.contact_id.in_(seen_by(who)))
