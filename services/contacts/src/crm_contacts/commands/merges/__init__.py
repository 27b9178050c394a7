"""Merging contacts or accounts, everywhere, and undoing it."""

from crm_contacts.commands.merges.following import Acknowledge, acknowledge
from crm_contacts.commands.merges.merging import (
    MergeAccounts,
    MergeContacts,
    merge_accounts,
    merge_contacts,
    preview,
)
from crm_contacts.commands.merges.undoing import UndoMerge, undo_merge

__all__ = [
    "Acknowledge",
    "MergeAccounts",
    "MergeContacts",
    "UndoMerge",
    "acknowledge",
    "merge_accounts",
    "merge_contacts",
    "preview",
    "undo_merge",
]
