"""Roles: what those who hold them may do."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis import db
from crm_chassis.rights import Grants, of_role
from crm_gateway.model.errors import SystemRole
from crm_gateway.model.identity import Base


class Role(db.Aggregate, Base):
    """Ranges by object and action, limited fields, special rights; a system role has a key."""

    __tablename__ = "role"

    name: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text, default=None)
    grants: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB, default_factory=dict)
    fields: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB, default_factory=dict)
    special: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list)

    @property
    def rights(self) -> Grants:
        """What the role grants."""
        return of_role(self.grants, self.fields, self.special)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named. Raises SystemRole."""
        self.refuse_if_of_system()
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)

    def refuse_if_of_system(self) -> None:
        """Raise SystemRole where the role is as it is: nobody weakens the administrator."""
        if self.key is not None:
            raise SystemRole(self.key)
