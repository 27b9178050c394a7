"""The words and limits of marketing."""

from enum import StrEnum


class SegmentType(StrEnum):
    DYNAMIC = "dynamic"
    STATIC = "static"


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    DONE = "done"


class MessageStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class SuppressReason(StrEnum):
    NO_EMAIL = "no_email"
    OPTED_OUT = "opted_out"
    INVALID = "invalid"
    ARCHIVED = "archived"
    MERGED = "merged"
    PAUSED = "paused"
    CAPPED = "capped"


class Visibility(StrEnum):
    ALL = "all"
    TEAM = "team"
    PRIVATE = "private"


ONBOARDING = "onboarding"
MOST_ATTEMPTS = 3
