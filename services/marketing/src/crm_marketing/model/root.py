"""What every mapped class of marketing starts from."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Enum
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from crm_chassis import db
from crm_marketing.model.errors import RecordArchived
from crm_marketing.model.values import (
    CampaignStatus,
    MessageStatus,
    SegmentType,
    SuppressReason,
)


def words(kind: type[StrEnum]) -> Enum:
    """A text column that holds the values (not the names) of `kind`."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False):
    """Mapped, keyword-only dataclasses; identity is the row's, so equality is Python's own."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: db.Utc,
        dict[str, Any]: JSONB,
        CampaignStatus: words(CampaignStatus),
        MessageStatus: words(MessageStatus),
        SegmentType: words(SegmentType),
        SuppressReason: words(SuppressReason),
    }


def refuse_archived(aggregate: db.Aggregate) -> None:
    """Raise RecordArchived for a record that was put away."""
    if aggregate.archived_at is not None:
        raise RecordArchived(aggregate.id)
