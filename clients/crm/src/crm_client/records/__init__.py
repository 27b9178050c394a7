"""The shapes of records; written by `python -m crm_client.records.generate`, do not edit."""

from crm_client.records.contacts import Account, Contact, Interaction, Invoice, Note, Order, Task
from crm_client.records.gateway import Team, User, Webhook
from crm_client.records.marketing import Campaign, Segment, Template
from crm_client.records.sales import Deal, Lead, Pipeline
from crm_client.records.support import Ticket

__all__ = [
    "Account",
    "Campaign",
    "Contact",
    "Deal",
    "Interaction",
    "Invoice",
    "Lead",
    "Note",
    "Order",
    "Pipeline",
    "Segment",
    "Task",
    "Team",
    "Template",
    "Ticket",
    "User",
    "Webhook",
]
