"""The words and limits of sales."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class StageCategory(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DealStatus(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class ProbabilitySource(StrEnum):
    STAGE = "stage"
    MANUAL = "manual"


class LeadStatus(StrEnum):
    NEW = "new"
    WORKING = "working"
    NURTURING = "nurturing"
    QUALIFIED = "qualified"
    CONVERTING = "converting"
    CONVERTED = "converted"
    DISQUALIFIED = "disqualified"
    JUNK = "junk"


class LeadRating(StrEnum):
    COLD = "cold"
    WARM = "warm"
    HOT = "hot"


class Visibility(StrEnum):
    ALL = "all"
    TEAM = "team"
    PRIVATE = "private"


CERTAIN = Decimal(1)
IMPOSSIBLE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRole:
    """What a contact is in a deal: decision maker, evaluator, influencer …"""

    contact_id: UUID
    role: str
