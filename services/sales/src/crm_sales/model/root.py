"""What every mapped class of sales starts from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Enum
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from crm_chassis import db
from crm_sales.model.values import (
    DealStatus,
    LeadRating,
    LeadStatus,
    ProbabilitySource,
    StageCategory,
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
        DealStatus: words(DealStatus),
        LeadRating: words(LeadRating),
        LeadStatus: words(LeadStatus),
        ProbabilitySource: words(ProbabilitySource),
        StageCategory: words(StageCategory),
    }
