"""Engine, transactions and the columns every aggregate has."""

from crm_chassis.db.columns import Aggregate, Money, Utc, money_columns
from crm_chassis.db.connecting import connect
from crm_chassis.db.locking import for_update
from crm_chassis.db.migrations import (
    aggregate_columns,
    check_head,
    copy_columns,
    migrate,
    repointing_columns,
    run_environment,
    spine_downgrade,
    spine_upgrade,
)
from crm_chassis.db.reader import Reader
from crm_chassis.db.sessions import (
    Context,
    context_of,
    cursor,
    engine,
    is_infrastructure,
    report,
    sessions,
    transaction,
    try_lock,
)

__all__ = [
    "Aggregate",
    "Context",
    "Money",
    "Reader",
    "Utc",
    "aggregate_columns",
    "check_head",
    "connect",
    "context_of",
    "copy_columns",
    "cursor",
    "engine",
    "for_update",
    "is_infrastructure",
    "migrate",
    "money_columns",
    "repointing_columns",
    "report",
    "run_environment",
    "sessions",
    "spine_downgrade",
    "spine_upgrade",
    "transaction",
    "try_lock",
]
