"""What a change tells: facts, published records, history and audit, written with the change itself.

`add` names the fact while the command runs; at commit the versions are final, the facts are
built, and everything told in the transaction goes out in one statement over sets.
"""

from crm_chassis.outbox.adding import (
    Factory,
    add,
    is_made,
    is_new,
    kind_of,
    published,
    record_fields,
    restore,
    settle,
    touched,
)
from crm_chassis.outbox.telling import LARGEST_BODY, Announcement, Beside, tell

__all__ = [
    "LARGEST_BODY",
    "Announcement",
    "Beside",
    "Factory",
    "add",
    "is_made",
    "is_new",
    "kind_of",
    "published",
    "record_fields",
    "restore",
    "settle",
    "tell",
    "touched",
]
