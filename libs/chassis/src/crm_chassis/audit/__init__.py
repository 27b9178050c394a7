"""Who did what, when, from where: rows that are only added, sealed into a chain of hashes.

Changes of records are written by the outbox with the change itself; `note` is for what else is to
be accounted for, `Looks` for what was read. The relay seals; `verify` computes the chain anew.
"""

from crm_chassis.audit.asking import Filters, page, routes
from crm_chassis.audit.looking import Looks
from crm_chassis.audit.noting import Entry, forget, note, shortened, write
from crm_chassis.audit.sealing import Sealing, head
from crm_chassis.audit.verifying import verify

__all__ = [
    "Entry",
    "Filters",
    "Looks",
    "Sealing",
    "forget",
    "head",
    "note",
    "page",
    "routes",
    "shortened",
    "verify",
    "write",
]
