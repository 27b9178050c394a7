"""Each fact once per handler: inbox row, effect and outbox rows in one transaction; else parked."""

from crm_chassis.inbox.handler import Handler, Outcome, context
from crm_chassis.inbox.parking import (
    PUT_OFF,
    QUICK_TRIES,
    RETRY_AFTER,
    give_up,
    park,
    put_off_values,
)
from crm_chassis.inbox.receiving import (
    KEPT,
    MOST_HOPS,
    TooManyHops,
    handle,
    is_the_messages,
    missing,
    receive,
)
from crm_chassis.inbox.retrying import retry_due

__all__ = [
    "KEPT",
    "MOST_HOPS",
    "PUT_OFF",
    "QUICK_TRIES",
    "RETRY_AFTER",
    "Handler",
    "Outcome",
    "TooManyHops",
    "context",
    "give_up",
    "handle",
    "is_the_messages",
    "missing",
    "park",
    "put_off_values",
    "receive",
    "retry_due",
]
