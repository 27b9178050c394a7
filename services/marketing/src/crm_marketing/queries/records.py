"""Reading aggregates to change them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.problems import NotFound
from crm_marketing.model.campaign import Campaign, Enrollment
from crm_marketing.model.errors import CampaignUnknown, SegmentUnknown, TemplateUnknown
from crm_marketing.model.message import Addressee, Message
from crm_marketing.model.rendering import Content
from crm_marketing.model.segment import Segment, SegmentMembership
from crm_marketing.model.template import Template
from crm_marketing.model.wishes import Wishes
from crm_marketing.queries.predicates import CONTACT

A = TypeVar("A", bound=db.Aggregate)


def for_update(session: Session, kind: type[A], record_id: UUID) -> A:
    """The aggregate, locked. Raises NotFound."""
    found = session.get(kind, record_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(f"{kind.__name__.lower()} {record_id}")
    return found


def free_for_update(session: Session, kind: type[A], record_id: UUID) -> A | None:
    """The aggregate, locked; None while somebody else has it locked."""
    return session.get(
        kind, record_id, with_for_update={"skip_locked": True}, populate_existing=True
    )


def require_segment(session: Session, segment_id: UUID | None) -> None:
    """Raise SegmentUnknown unless there is such a live segment, or none is named."""
    if segment_id is not None and not _is_live(session, Segment, segment_id):
        raise SegmentUnknown(segment_id, errors={"segment_id": ["There is no such segment."]})


def require_template(session: Session, template_id: UUID | None) -> None:
    """Raise TemplateUnknown unless there is such a live template, or none is named."""
    if template_id is not None and not _is_live(session, Template, template_id):
        raise TemplateUnknown(template_id, errors={"template_id": ["There is no such template."]})


def segment(session: Session, segment_id: UUID) -> Segment:
    """The segment. Raises SegmentUnknown."""
    found = session.get(Segment, segment_id)
    if found is None:
        raise SegmentUnknown(segment_id, errors={"segment_id": ["There is no such segment."]})
    return found


def campaign(session: Session, campaign_id: UUID) -> Campaign:
    """The campaign; read once per transaction. Raises CampaignUnknown."""
    found = session.get(Campaign, campaign_id)
    if found is None:
        raise CampaignUnknown(campaign_id, errors={"campaign_id": ["There is no such campaign."]})
    return found


def campaign_of_origin(session: Session, origin_key: str) -> Campaign | None:
    """The campaign that serves an origin, after all others who might make it are through."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(origin_key, 0))))
    return session.scalar(select(Campaign).where(Campaign.origin_key == origin_key))


def content_of(session: Session, campaign: Campaign) -> Content | None:
    """What a campaign says, in its own words or its template's."""
    if campaign.own_content is not None or campaign.template_id is None:
        return campaign.own_content
    template = session.get(Template, campaign.template_id)
    return template.content if template else None


def memberships_for_update(
    session: Session, segment_id: UUID, contact_ids: Collection[UUID]
) -> Mapping[UUID, SegmentMembership]:
    """The stays of some contacts in a segment, past ones included, locked, by contact."""
    rows = session.scalars(
        select(SegmentMembership)
        .where(
            SegmentMembership.segment_id == segment_id,
            SegmentMembership.contact_id.in_(contact_ids),
        )
        .order_by(SegmentMembership.id)
        .with_for_update()
    )
    return {row.contact_id: row for row in rows}


def enrolled_among(
    session: Session, campaign_id: UUID, contact_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Those of the contacts that are enrolled already."""
    rows = session.scalars(
        select(Enrollment.contact_id).where(
            Enrollment.campaign_id == campaign_id, Enrollment.contact_id.in_(contact_ids)
        )
    )
    return frozenset(rows)


def is_enrolled(session: Session, enrollment_id: UUID) -> bool:
    """Whether there is such an enrollment."""
    return bool(session.scalar(select(exists().where(Enrollment.id == enrollment_id))))


def addressees(session: Session, contact_ids: Collection[UUID]) -> Mapping[UUID, Addressee]:
    """What we know of some contacts, by id; of each something, if only that it is not known."""
    columns = CONTACT.c
    rows = session.execute(select(CONTACT).where(columns.id.in_(contact_ids))).mappings()
    found = {
        row["id"]: Addressee(
            contact_id=row["id"],
            is_known=row["version"] > 0 and row["merged_into"] is None,
            is_archived=row["archived_at"] is not None,
            email=row["email"],
            deliverability=row["deliverability"],
            opted_out=bool(row["opted_out"]),
            name=row["name"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            job_title=row["job_title"],
            language=row["language"],
            wishes=Wishes.of(row["preferences"]),
        )
        for row in rows
    }
    return {each: found.get(each) or Addressee(contact_id=each) for each in contact_ids}


def message(session: Session, message_id: UUID) -> Message:
    """The message. Raises NotFound."""
    found = session.get(Message, message_id)
    if found is None:
        raise NotFound(f"message {message_id}")
    return found


def messages_for_update(session: Session, message_ids: Collection[UUID]) -> Sequence[Message]:
    """Some messages, locked in order of id; unknown ids are left out."""
    return session.scalars(
        select(Message)
        .where(Message.id.in_(message_ids))
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _is_live(session: Session, kind: type[db.Aggregate], record_id: UUID) -> bool:
    wanted = exists().where(kind.id == record_id, kind.archived_at.is_(None))
    return bool(session.scalar(select(wanted)))
