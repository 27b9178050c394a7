"""`python -m crm_marketing serve|relay|project|work|migrate|check`."""

import sys
from typing import Any

from crm_chassis import roles


def main() -> int:
    """Run a role."""
    return roles.main("marketing", restored=_restored)


def _restored(sessions: Any) -> None:
    from crm_marketing.commands import sending

    sending.doubt_what_was_due(sessions)


if __name__ == "__main__":
    sys.exit(main())
