"""What contacts tells of relationships."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.relationship import Relationship, RelationshipType
from crm_contracts import SubjectRef
from crm_contracts.contacts import relationships as contracts


def relationship_type_created(kind: RelationshipType) -> Announcement:
    return Announcement(contracts.RelationshipTypeCreated, relationship_type_record(kind))


def relationship_type_updated(kind: RelationshipType) -> Announcement:
    return Announcement(contracts.RelationshipTypeUpdated, relationship_type_record(kind))


def relationship_type_archived(kind: RelationshipType) -> Announcement:
    return Announcement(contracts.RelationshipTypeArchived, relationship_type_record(kind))


def relationship_type_restored(kind: RelationshipType) -> Announcement:
    return Announcement(contracts.RelationshipTypeRestored, relationship_type_record(kind))


def relationship_created(relationship: Relationship) -> Announcement:
    return Announcement(contracts.RelationshipCreated, relationship_record(relationship))


def relationship_updated(relationship: Relationship) -> Announcement:
    return Announcement(contracts.RelationshipUpdated, relationship_record(relationship))


def relationship_archived(relationship: Relationship) -> Announcement:
    return Announcement(contracts.RelationshipArchived, relationship_record(relationship))


def relationship_restored(relationship: Relationship) -> Announcement:
    return Announcement(contracts.RelationshipRestored, relationship_record(relationship))


def relationship_type_record(kind: RelationshipType) -> contracts.RelationshipType:
    """The published shape of a type."""
    return contracts.RelationshipType(
        **record_fields(kind),
        name=kind.name,
        inverse_name=kind.inverse_name,
        from_kind=kind.from_kind,
        to_kind=kind.to_kind,
    )


def relationship_record(relationship: Relationship) -> contracts.Relationship:
    """The published shape of a relationship."""
    return contracts.Relationship(
        **record_fields(relationship),
        type_id=relationship.type_id,
        name=relationship.name,
        inverse_name=relationship.inverse_name,
        from_=SubjectRef(type=relationship.from_type, id=relationship.from_id),
        to=SubjectRef(type=relationship.to_type, id=relationship.to_id),
        comment=relationship.comment,
    )
