"""The words and limits of support."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class TicketStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING_CUSTOMER = "pending_customer"
    PENDING_INTERNAL = "pending_internal"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    SPAM = "spam"


class TicketKind(StrEnum):
    QUESTION = "question"
    INCIDENT = "incident"
    PROBLEM = "problem"
    REQUEST = "request"
    COMPLAINT = "complaint"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Channel(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    WEB = "web"
    INTERNAL = "internal"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class MessageVisibility(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"


class Visibility(StrEnum):
    ALL = "all"
    TEAM = "team"
    PRIVATE = "private"


class Metric(StrEnum):
    FIRST_RESPONSE = "first_response"


class ClockState(StrEnum):
    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


FIRST_RESPONSE_TARGETS = {
    Priority.URGENT: timedelta(hours=1),
    Priority.HIGH: timedelta(hours=4),
    Priority.NORMAL: timedelta(hours=8),
    Priority.LOW: timedelta(hours=24),
}
REOPEN_WITHIN = timedelta(days=7)
