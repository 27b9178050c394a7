"""Keeping what customers bought, owe and subscribe to, as other systems tell it.

Each delivery says all of a purchase. What is there already with the same `(source, external_id)` is
changed, or left alone where the delivery says what was true before.
"""

from crm_contacts.commands.purchases.keeping import (
    ArchivePurchase,
    RestorePurchase,
    archive_purchase,
    restore_purchase,
)
from crm_contacts.commands.purchases.recording import (
    RecordInvoice,
    RecordOrder,
    RecordSubscription,
    record_invoice,
    record_order,
    record_subscription,
)
from crm_contacts.commands.purchases.together import together

__all__ = [
    "ArchivePurchase",
    "RecordInvoice",
    "RecordOrder",
    "RecordSubscription",
    "RestorePurchase",
    "archive_purchase",
    "record_invoice",
    "record_order",
    "record_subscription",
    "restore_purchase",
    "together",
]
