"""After everything the other flows did: every copy and every page equals its sources."""

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def test_nothing_differs_in_the_end(platform: Platform) -> None:
    wait_until(platform.is_quiet, timeout=120, what="everything told and taken")
    wait_until(lambda: platform.differences() == 0, timeout=60, what="0 differences")
