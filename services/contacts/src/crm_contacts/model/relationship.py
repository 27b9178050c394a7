"""What people and organisations are to one another, in words of the deployment's own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.errors import RelationshipNotAllowed
from crm_contacts.model.root import Base
from crm_contacts.model.values import Subject

ANY = "any"
KINDS = ("contact", "account", ANY)
# What most deployments want: the name, its inverse, which kinds it leads from and to.
USUAL = (
    ("supplier of", "supplied by", "account", "account"),
    ("partner of", "partner of", "account", "account"),
    ("household with", "household with", "contact", "contact"),
    ("reports to", "manager of", "contact", "contact"),
    ("adviser of", "advised by", "contact", ANY),
)


class RelationshipType(Aggregate, Base):
    """A relationship there may be: `name` from one end, `inverse_name` from the other."""

    __tablename__ = "relationship_type"

    name: Mapped[str]
    inverse_name: Mapped[str]
    from_kind: Mapped[str] = mapped_column(default=ANY)
    to_kind: Mapped[str] = mapped_column(default=ANY)

    @property
    def is_mutual(self) -> bool:
        """Whether both ends are the same to each other."""
        return self.name == self.inverse_name and self.from_kind == self.to_kind

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)

    def ordered(self, one: Subject, other: Subject) -> tuple[Subject, Subject]:
        """The ends as they are kept: mutual ones in order. Raises RelationshipNotAllowed."""
        if one == other:
            raise RelationshipNotAllowed(errors={"to": ["the same as from"]})
        for field, end, kind in (("from", one, self.from_kind), ("to", other, self.to_kind)):
            if end.type not in KINDS[:2] or kind not in {ANY, end.type}:
                raise RelationshipNotAllowed(errors={field: [f"has to be: {kind}"]})
        if self.is_mutual and (other.type, other.id) < (one.type, one.id):
            return other, one
        return one, other


class Relationship(Aggregate, Base):
    """What one is to another."""

    __tablename__ = "relationship"

    type_id: Mapped[UUID]
    name: Mapped[str]
    inverse_name: Mapped[str]
    from_type: Mapped[str]
    from_id: Mapped[UUID]
    to_type: Mapped[str]
    to_id: Mapped[UUID]
    comment: Mapped[str | None] = mapped_column(default=None)
