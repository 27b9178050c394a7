"""`python -m crm_marketing serve|relay|project|work|migrate|check`."""

import sys
from typing import Any

from crm_chassis import roles


def main() -> int:
    """Run a role."""
    return roles.main("marketing", restored=_restored, mails=_unsent)


def _restored(sessions: Any) -> None:
    from crm_marketing.commands import sending

    sending.doubt_what_was_due(sessions)


def _unsent() -> str:
    from crm_marketing.queries import sending

    return sending.UNSENT


if __name__ == "__main__":
    sys.exit(main())
