"""Engine, transactions and the columns every aggregate has."""

from crm_chassis.db.columns import Aggregate, Money, Utc, money_columns
from crm_chassis.db.connecting import connect
from crm_chassis.db.inserting import insert_new
from crm_chassis.db.locking import for_update
from crm_chassis.db.migrations import (
    aggregate_columns,
    check_head,
    copy_columns,
    migrate,
    repointing_columns,
    role_copy_columns,
    run_environment,
    spine_downgrade,
    spine_upgrade,
)
from crm_chassis.db.reader import Reader
from crm_chassis.db.reading import reading, rows
from crm_chassis.db.sessions import (
    NOWHERE,
    Context,
    Origin,
    context_of,
    cursor,
    engine,
    is_infrastructure,
    report,
    say_source,
    sessions,
    tell_beside,
    told_beside,
    transaction,
    try_lock,
)

__all__ = [
    "NOWHERE",
    "Aggregate",
    "Context",
    "Money",
    "Origin",
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
    "insert_new",
    "is_infrastructure",
    "migrate",
    "money_columns",
    "reading",
    "repointing_columns",
    "report",
    "role_copy_columns",
    "rows",
    "run_environment",
    "say_source",
    "sessions",
    "spine_downgrade",
    "spine_upgrade",
    "tell_beside",
    "told_beside",
    "transaction",
    "try_lock",
]
