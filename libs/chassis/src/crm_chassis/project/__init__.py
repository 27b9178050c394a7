"""Copies of others' records, folded by version, in batches; any order, any repetition."""

from crm_chassis.project.copies import Copy, CopyFolder
from crm_chassis.project.items import Folder, Item, NotYetMigrated, Origin, Source, item_of
from crm_chassis.project.merges import Follower, RepointingRow
from crm_chassis.project.projector import Projector
from crm_chassis.project.refer import refer, refer_all
from crm_chassis.project.references import References
from crm_chassis.project.repointing import ListReference, Reference, move, put_back

__all__ = [
    "Copy",
    "CopyFolder",
    "Folder",
    "Follower",
    "Item",
    "ListReference",
    "NotYetMigrated",
    "Origin",
    "Projector",
    "Reference",
    "References",
    "RepointingRow",
    "Source",
    "item_of",
    "move",
    "put_back",
    "refer",
    "refer_all",
]
