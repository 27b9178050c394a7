"""A ticket: what a customer asks of us, until it is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_support.model.errors import (
    RecordArchived,
    StatusNotReachable,
    TicketClosed,
    TicketIsSpam,
    TicketNotResolved,
)
from crm_support.model.root import Base
from crm_support.model.values import (
    REOPEN_WITHIN,
    Channel,
    Priority,
    TicketKind,
    TicketStatus,
)

IN_WORK = frozenset(
    {
        TicketStatus.OPEN,
        TicketStatus.PENDING_CUSTOMER,
        TicketStatus.PENDING_INTERNAL,
        TicketStatus.ON_HOLD,
    }
)
UNRESOLVED = IN_WORK | {TicketStatus.NEW}
ENDED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
REACHABLE = {
    **dict.fromkeys(UNRESOLVED, IN_WORK | ENDED | {TicketStatus.SPAM}),
    TicketStatus.RESOLVED: frozenset({TicketStatus.OPEN, TicketStatus.CLOSED}),
    TicketStatus.CLOSED: frozenset({TicketStatus.OPEN}),
    TicketStatus.SPAM: frozenset[TicketStatus](),
}


class Ticket(Aggregate, Base):
    """new -> open, pending, on hold -> resolved -> closed; spam is the end."""

    __tablename__ = "ticket"

    subject: Mapped[str]
    requester_id: Mapped[UUID | None] = mapped_column(default=None)
    account_id: Mapped[UUID | None] = mapped_column(default=None)
    deal_id: Mapped[UUID | None] = mapped_column(default=None)
    channel: Mapped[Channel] = mapped_column(default=Channel.WEB)
    kind: Mapped[TicketKind] = mapped_column(default=TicketKind.QUESTION)
    status: Mapped[TicketStatus] = mapped_column(default=TicketStatus.NEW)
    priority: Mapped[Priority] = mapped_column(default=Priority.NORMAL)
    assignee_id: Mapped[UUID | None] = mapped_column(default=None)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String), default_factory=list)
    first_response_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    reopen_count: Mapped[int] = mapped_column(default=0)
    origin: Mapped[str | None] = mapped_column(default=None)
    custom: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    secret: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)

    @property
    def is_ended(self) -> bool:
        return self.status in ENDED

    def revise(self, changes: Mapping[str, Any]) -> bool:
        """Take over the named fields; say whether anything changed. Raises RecordArchived."""
        self.refuse_archived()
        different = {key: value for key, value in changes.items() if getattr(self, key) != value}
        for key, value in different.items():
            setattr(self, key, value)
        return bool(different)

    def assign(self, assignee_id: UUID | None, team_id: UUID | None) -> None:
        """Give to a person, a team, both or nobody. Raises TicketClosed, TicketIsSpam."""
        self.refuse_finished()
        self.assignee_id, self.team_id = assignee_id, team_id

    def prioritise(self, priority: Priority) -> None:
        """Set the priority. Raises TicketClosed, TicketIsSpam."""
        self.refuse_finished()
        self.priority = priority

    def move(self, status: TicketStatus, *, at: datetime) -> None:
        """Take another status. Raises StatusNotReachable, TicketClosed, RecordArchived."""
        self.refuse_archived()
        if status not in REACHABLE[self.status]:
            raise StatusNotReachable(
                self.id, detail=f"A {self.status.value} ticket does not become {status.value}."
            )
        if self.is_ended and status is TicketStatus.OPEN:
            self.reopen(at=at)
            return
        if status in ENDED:
            self.resolved_at = self.resolved_at or at
        if status is TicketStatus.CLOSED:
            self.closed_at = at
        self.status = status

    def reopen(self, *, at: datetime) -> None:
        """Work on it again, while it is not too long closed.

        Raises TicketNotResolved, TicketClosed, RecordArchived.
        """
        self.refuse_archived()
        if not self.is_ended:
            raise TicketNotResolved(self.id)
        if self.closed_at is not None and at - self.closed_at > REOPEN_WITHIN:
            raise TicketClosed(self.id)
        self.status, self.resolved_at, self.closed_at = TicketStatus.OPEN, None, None
        self.reopen_count += 1

    def hear(self, *, at: datetime) -> None:
        """The customer wrote: open, reopened when it was ended. Raises TicketClosed, TicketIsSpam."""
        self.refuse_archived()
        if self.status is TicketStatus.SPAM:
            raise TicketIsSpam(self.id)
        if self.is_ended:
            self.reopen(at=at)
        elif self.status is not TicketStatus.NEW:
            self.status = TicketStatus.OPEN

    def answer(self, *, at: datetime) -> None:
        """We wrote to the customer, whose turn it is now. Raises TicketClosed, TicketIsSpam."""
        self.refuse_finished()
        self.first_response_at = self.first_response_at or at
        if self.status in UNRESOLVED:
            self.status = TicketStatus.PENDING_CUSTOMER

    def refuse_archived(self) -> None:
        if self.archived_at is not None:
            raise RecordArchived(self.id)

    def refuse_finished(self) -> None:
        self.refuse_archived()
        if self.status is TicketStatus.CLOSED:
            raise TicketClosed(self.id)
        if self.status is TicketStatus.SPAM:
            raise TicketIsSpam(self.id)
