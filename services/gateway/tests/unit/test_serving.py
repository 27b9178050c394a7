"""A serving process does not outlive the one it was started by, not even if that died at once."""

import os
import subprocess
import sys

WATCH = "from crm_gateway import wsgi; wsgi._leave_with({parent})"


def test_an_orphan_leaves_at_once():
    words = [sys.executable, "-c", WATCH.format(parent=1)]

    left = subprocess.run(words, timeout=60, check=False)

    assert left.returncode == 1


def test_one_that_has_its_parent_stays():
    words = [sys.executable, "-c", WATCH.format(parent=os.getpid())]

    with subprocess.Popen(words) as staying:
        try:
            staying.wait(timeout=3)
        except subprocess.TimeoutExpired:
            staying.kill()
        assert staying.wait() < 0
