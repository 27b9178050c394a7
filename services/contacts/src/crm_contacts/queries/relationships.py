"""Reading relationships and their types."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from crm_contacts.model.relationship import Relationship, RelationshipType
from crm_contacts.model.values import Subject

TYPE_SORTS = {
    "created_at": RelationshipType.created_at,
    "name": RelationshipType.name.collate("C"),
}
RELATIONSHIP_SORTS = {"created_at": Relationship.created_at}


def types(filters: Mapping[str, Any]) -> Select[Any]:
    """Types, live or archived."""
    return select(RelationshipType).where(_shelf(RelationshipType, filters))


def relationships(filters: Mapping[str, Any]) -> Select[Any]:
    """Relationships of this type, or with this subject at either end."""
    wanted: list[ColumnElement[bool]] = [_shelf(Relationship, filters)]
    if type_id := filters.get("type_id"):
        wanted.append(Relationship.type_id == type_id)
    if subject_id := filters.get("subject_id"):
        wanted.append(or_(Relationship.from_id == subject_id, Relationship.to_id == subject_id))
    return select(Relationship).where(*wanted)


def same_type(session: Session, kind: RelationshipType) -> RelationshipType | None:
    """The live type of the same names and kinds."""
    names = ("name", "inverse_name", "from_kind", "to_kind")
    same = [getattr(RelationshipType, name) == getattr(kind, name) for name in names]
    statement = select(RelationshipType).where(*same, RelationshipType.archived_at.is_(None))
    return session.scalar(statement.order_by(RelationshipType.id).limit(1))


def same_relationship(
    session: Session, type_id: UUID, one: Subject, other: Subject
) -> Relationship | None:
    """The live relationship of this type between these two."""
    statement = select(Relationship).where(
        Relationship.type_id == type_id,
        Relationship.from_id == one.id,
        Relationship.to_id == other.id,
        Relationship.archived_at.is_(None),
    )
    return session.scalar(statement.order_by(Relationship.id).limit(1))


def misnamed(session: Session, *, limit: int) -> Sequence[tuple[Relationship, RelationshipType]]:
    """Relationships, locked, that are called other than their type is now."""
    differ = or_(
        Relationship.name != RelationshipType.name,
        Relationship.inverse_name != RelationshipType.inverse_name,
    )
    statement = (
        select(Relationship, RelationshipType)
        .join(RelationshipType, RelationshipType.id == Relationship.type_id)
        .where(differ)
        .order_by(Relationship.id)
        .limit(limit)
        .with_for_update(of=Relationship, skip_locked=True)
    )
    return [(found, kind) for found, kind in session.execute(statement)]


def _shelf(kind: Any, filters: Mapping[str, Any]) -> ColumnElement[bool]:
    archived: ColumnElement[bool] = kind.archived_at.is_not(None)
    return archived if filters["archived"] else ~archived
