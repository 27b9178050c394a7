"""What contacts publishes of what customers are to one another."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record, SubjectRef, subjects_on_a_page


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipType(Record):
    """A relationship there may be: what one end is to the other, and the other to it."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "relationship_type"
    plural: ClassVar[str] = "relationship-types"

    name: str
    inverse_name: str
    from_kind: str
    to_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship(Record):
    """`from` is `name` to `to`; `to` is `inverse_name` to `from`."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "relationship"
    plural: ClassVar[str] = "relationships"
    renames: ClassVar[dict[str, str]] = {"from_": "from"}

    type_id: UUID
    name: str
    inverse_name: str
    from_: SubjectRef
    to: SubjectRef
    comment: str | None = None

    def customers(self) -> frozenset[UUID]:
        return frozenset(subjects_on_a_page((self.from_, self.to)))


class RelationshipTypeCreated(Fact[RelationshipType], type="contacts.relationship_type.created.v1"):
    """A type of relationship was defined."""


class RelationshipTypeUpdated(Fact[RelationshipType], type="contacts.relationship_type.updated.v1"):
    """A type of relationship is called otherwise."""


class RelationshipTypeArchived(
    Fact[RelationshipType], type="contacts.relationship_type.archived.v1"
):
    """A type of relationship is not offered any more."""


class RelationshipTypeRestored(
    Fact[RelationshipType], type="contacts.relationship_type.restored.v1"
):
    """An archived type of relationship was brought back."""


class RelationshipCreated(
    Fact[Relationship], type="contacts.relationship.created.v1", title="Related: {name}"
):
    """Two customers are something to one another from now on."""


class RelationshipUpdated(Fact[Relationship], type="contacts.relationship.updated.v1"):
    """A relationship's name, comment or one of its ends changed."""


class RelationshipArchived(
    Fact[Relationship], type="contacts.relationship.archived.v1", title="No longer: {name}"
):
    """Two customers are that no longer to one another."""


class RelationshipRestored(Fact[Relationship], type="contacts.relationship.restored.v1"):
    """An archived relationship was brought back."""
