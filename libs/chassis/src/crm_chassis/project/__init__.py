"""Copies of others' records, folded by version, in batches; any order, any repetition."""

from crm_chassis.project.copies import Copy, CopyFolder
from crm_chassis.project.items import Folder, Item, NotYetMigrated, Origin, Source, item_of
from crm_chassis.project.projector import Projector
from crm_chassis.project.refer import refer, refer_all
from crm_chassis.project.references import References

__all__ = [
    "Copy",
    "CopyFolder",
    "Folder",
    "Item",
    "NotYetMigrated",
    "Origin",
    "Projector",
    "References",
    "Source",
    "item_of",
    "refer",
    "refer_all",
]
