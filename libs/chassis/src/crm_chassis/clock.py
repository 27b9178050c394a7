"""The only place that reads the time."""

import os
from datetime import UTC, datetime, timedelta

# A fault drill moves a process's clock; nothing else sets it.
_OFFSET = timedelta(seconds=float(os.environ.get("CRM_CLOCK_OFFSET_SECONDS", "0")))


def now() -> datetime:
    """Return the present instant, aware, UTC, microseconds."""
    return datetime.now(UTC) + _OFFSET
