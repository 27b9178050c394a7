"""Where people of several departments see their tasks side by side."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_contacts.model.errors import BoardOwnerless, ColumnUnknown
from crm_contacts.model.root import Base
from crm_contacts.model.values import MemberRole, TaskStatus

_MOVES = frozenset({MemberRole.OWNER, MemberRole.EDITOR})


class Board(Aggregate, Base):
    """Columns with tasks, and who may do what with them.

    `columns` are `{"id", "name", "status"}`, `members` `{"user_id", "role"}`.
    """

    __tablename__ = "board"

    name: Mapped[str]
    department: Mapped[str | None] = mapped_column(default=None)
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)
    members: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named. Raises BoardOwnerless."""
        for name, value in changes.items():
            if value != getattr(self, name):
                setattr(self, name, value)
        if not any(each["role"] == MemberRole.OWNER for each in self.members):
            raise BoardOwnerless(self.id)

    def role_of(self, user_id: UUID | None) -> MemberRole | None:
        """What a person is here; None: no member."""
        found = (each["role"] for each in self.members if each["user_id"] == str(user_id))
        return next(map(MemberRole, found), None)

    def is_moved_by(self, user_id: UUID | None) -> bool:
        """Whether a person may put tasks into its columns."""
        return self.role_of(user_id) in _MOVES

    def is_changed_by(self, user_id: UUID | None) -> bool:
        """Whether a person may change its columns and members."""
        return self.role_of(user_id) is MemberRole.OWNER

    def column_status(self, column_id: UUID) -> TaskStatus | None:
        """The status that a task takes in a column, if any. Raises ColumnUnknown."""
        column = next((each for each in self.columns if each["id"] == str(column_id)), None)
        if column is None:
            raise ColumnUnknown(column_id)
        return TaskStatus(column["status"]) if column["status"] else None

    def columns_left_out(self, wanted: Sequence[Mapping[str, Any]]) -> list[UUID]:
        """Ids of columns that are not among those wanted."""
        kept = {each["id"] for each in wanted}
        return [UUID(each["id"]) for each in self.columns if each["id"] not in kept]
