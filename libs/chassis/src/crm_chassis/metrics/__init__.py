"""What is measured, and the ops port that shows it."""

from crm_chassis.metrics.instruments import (
    SYSTEM,
    consumed,
    critical_time,
    divergence_found,
    http_seconds,
    inbox_duplicates,
    outbox_depth,
    outbox_oldest_seconds,
    parked_total,
    process_seconds,
    publish_seconds,
    relay_leader,
    sent,
)
from crm_chassis.metrics.ops import Check, Ops, Route, answer
from crm_chassis.metrics.standing import Standing

__all__ = [
    "SYSTEM",
    "Check",
    "Ops",
    "Route",
    "Standing",
    "answer",
    "consumed",
    "critical_time",
    "divergence_found",
    "http_seconds",
    "inbox_duplicates",
    "outbox_depth",
    "outbox_oldest_seconds",
    "parked_total",
    "process_seconds",
    "publish_seconds",
    "relay_leader",
    "sent",
]
