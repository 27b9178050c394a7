"""Whoever dies while it parks, retries or takes dead letters has lost and doubled nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pika
import pytest
from libs.chassis.tests import factories as f

from crm_contracts import contacts, encode

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[4]
TASKS = "select title from task"
PARKED = "select state from parked"
INBOX = "select state from inbox"


@pytest.fixture(scope="module")
def host(vhost):
    return vhost()


@pytest.fixture
def meet(spine, host):
    """`meet("park", body, "park.after")` lets a process meet a fact; returns its exit code."""

    def run(what, body, crash_point=""):
        words = [sys.executable, "-m", "libs.chassis.tests.integration.dying"]
        env = {**os.environ, "CRM_CRASHPOINT": crash_point}
        given = [what, spine.url, host.url_of("contacts"), body.decode()]
        done = subprocess.run(
            [*words, *given], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert crash_point in done.stderr, done.stderr
        return done.returncode

    return run


@pytest.fixture
def body():
    return encode(f.a_fact(contacts.TaskUpdated, title="Call"))


@pytest.mark.parametrize("point", ["park.before", "park.after", "park.after_commit"])
def test_who_dies_parking_parks_once(spine, meet, body, point):
    assert -signal.SIGKILL == meet("park", body, point)

    assert 0 == meet("park", body)

    assert [("waiting",)] == f.rows(spine.url, PARKED)
    assert [("parked",)] == f.rows(spine.url, INBOX)


@pytest.mark.parametrize("point", ["retry.after_effect", "retry.after_commit"])
def test_who_dies_retrying_has_its_effect_once(spine, meet, body, point):
    assert 0 == meet("park", body)
    assert -signal.SIGKILL == meet("retry", body, point)

    assert 0 == meet("retry", body)

    assert 1 == len(f.rows(spine.url, TASKS))
    assert [("done",)] == f.rows(spine.url, PARKED)
    assert [("done",)] == f.rows(spine.url, INBOX)


def test_who_dies_with_a_dead_letter_meets_it_once_more_and_no_further(spine, host, meet, body):
    connection = pika.BlockingConnection(pika.URLParameters(host.url))
    headers = pika.BasicProperties(
        headers={"x-first-death-queue": "contacts.on.contacts.task.updated.v1"}
    )
    connection.channel().basic_publish("", "contacts.dead", body, headers)
    connection.close()

    assert -signal.SIGKILL == meet("dead", body, "dead.after_try")
    assert 0 == meet("dead", body)
    assert 0 == meet("dead", body)

    assert 1 == len(f.rows(spine.url, TASKS))
    assert [("done",)] == f.rows(spine.url, INBOX)
    assert [] == f.rows(spine.url, PARKED)
