"""`python -m crm_marketing serve|relay|project|work|migrate|check`."""

import sys

from crm_chassis import roles

if __name__ == "__main__":
    sys.exit(roles.main("marketing"))
