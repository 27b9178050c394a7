"""That marketing followed a merge of contacts."""

from crm_chassis.project import RepointingRow
from crm_marketing.model.root import Base


class Repointing(RepointingRow, Base):
    """What moved when a version of a contact was followed; never changed."""

    __tablename__ = "repointing"
