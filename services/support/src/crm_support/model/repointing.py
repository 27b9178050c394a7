"""That support followed a merge."""

from __future__ import annotations

from crm_chassis.project import RepointingRow
from crm_support.model.root import Base


class Repointing(RepointingRow, Base):
    """What moved when a version of a contact or account was followed; never changed."""

    __tablename__ = "repointing"
