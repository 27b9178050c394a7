"""Reading our copies of deals."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

DEAL_COPY = sa.table(
    "deal_copy",
    sa.column("id", sa.Uuid),
    sa.column("status", sa.Text),
    sa.column("owner_id", sa.Uuid),
    sa.column("account_id", sa.Uuid),
    sa.column("primary_contact_id", sa.Uuid),
    sa.column("archived_at"),
)


def newest_open_deal(
    session: Session, *, contact_id: UUID | None, account_id: UUID | None
) -> tuple[UUID, UUID] | None:
    """Id and owner of the newest owned open deal with the contact, else with the account."""
    deal = DEAL_COPY.c
    of_contact = sa.func.coalesce(deal.primary_contact_id == contact_id, sa.false())
    statement = (
        sa.select(deal.id, deal.owner_id)
        .where(
            deal.status == "open",
            deal.archived_at.is_(None),
            deal.owner_id.is_not(None),
            sa.or_(deal.primary_contact_id == contact_id, deal.account_id == account_id),
        )
        .order_by(of_contact.desc(), deal.id.desc())  # UUIDv7: by time of creation
        .limit(1)
    )
    row = session.execute(statement).first()
    return (row.id, row.owner_id) if row else None
