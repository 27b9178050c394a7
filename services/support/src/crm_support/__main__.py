"""`python -m crm_support serve|relay|project|work|migrate|check`."""

from __future__ import annotations

import sys

from crm_chassis import roles

if __name__ == "__main__":
    sys.exit(roles.main("support"))
