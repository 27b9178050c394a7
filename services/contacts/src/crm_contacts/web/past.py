"""What was: a record's history; and what only a few may see of it."""

from crm_fields.holding.past import history_of, sensitive

__all__ = ["history_of", "sensitive"]
