"""That support followed a merge of contacts."""

from __future__ import annotations

from crm_chassis.project import RepointingRow
from crm_support.model.root import Base


class Repointing(RepointingRow, Base):
    """What moved when a version of a contact was followed; never changed."""

    __tablename__ = "repointing"
