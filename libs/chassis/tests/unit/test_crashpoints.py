"""Crash points: an order is read, a process dies at its passing, an unknown name is refused."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm_chassis import crashpoints

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[4]
PROGRAM = """
from crm_chassis import crashpoints
for subject in ("a", "b", "c"):
    print(subject, flush=True)
    crashpoints.reach("relay.after_publish", subject)
"""


def run(order: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "CRM_CRASHPOINT": order}
    words = [sys.executable, "-c", PROGRAM]
    return subprocess.run(words, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("order", "passed"),
    [
        ("relay.after_publish", ["a"]),
        ("relay.after_publish:2", ["a", "b"]),
        ("copy.after_fold,relay.after_publish@c", ["a", "b", "c"]),
    ],
)
def test_a_process_dies_at_the_passing_it_was_told(order, passed):
    done = run(order)

    assert -signal.SIGKILL == done.returncode
    assert passed == done.stdout.split()
    assert done.stderr.startswith("crash point relay.after_publish")


def test_without_an_order_nothing_happens():
    assert 0 == run("").returncode


def test_a_name_that_is_none_is_refused():
    with pytest.raises(ValueError, match="there is no relay"):
        crashpoints.armed("relay.after_lunch:3")


def test_every_name_is_passed_somewhere_and_every_passing_has_a_name():
    passed = [
        node.args[0].value
        for file in [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "reach"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and "." in str(node.args[0].value)
    ]

    assert crashpoints.NAMES == set(passed)
