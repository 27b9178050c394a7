"""Print docs/metrics.md."""

import sys

from crm_chassis.metrics.catalogue import page

sys.stdout.write(page())
