"""Copies of others' records, folded by version, in batches; any order, any repetition."""

from crm_chassis.project.copies import Copy, CopyFolder
from crm_chassis.project.projector import Folder, Item, NotYetMigrated, Projector, Source
from crm_chassis.project.refer import refer, refer_all
from crm_chassis.project.references import References

__all__ = [
    "Copy",
    "CopyFolder",
    "Folder",
    "Item",
    "NotYetMigrated",
    "Projector",
    "References",
    "Source",
    "refer",
    "refer_all",
]
