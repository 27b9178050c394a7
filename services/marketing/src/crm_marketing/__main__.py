"""`python -m crm_marketing serve|relay|project|work|migrate|check`."""

import sys
from typing import Any

from crm_chassis import roles


def main() -> int:
    """Run a role."""
    return roles.main("marketing", restored=_restored, mails=_UNSENT)


def _restored(sessions: Any) -> None:
    from crm_marketing.commands import sending

    sending.doubt_what_was_due(sessions)


_UNSENT = """
select status, count(*) from message
where status in ('failed', 'unsure') and updated_at > now() - interval '1 day' group by 1
"""

if __name__ == "__main__":
    sys.exit(main())
