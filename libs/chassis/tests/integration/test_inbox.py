"""What looks like the database's fault is waited out; for ever only while the database is away."""

from datetime import timedelta

import psycopg
import pytest
from libs.chassis.tests import factories as f

from crm_chassis import db, inbox
from crm_chassis.testing import free_port
from crm_contracts import contacts, encode

pytestmark = pytest.mark.integration


class Cancelled(psycopg.errors.QueryCanceled):
    """A statement that ran into its time-out, without the wait."""


class Ended(Exception):
    """The test has seen enough."""


@pytest.fixture
def handler():
    def react(_session, _fact, _now):
        raise Cancelled

    name = "support.on.contacts.task.completed"
    return inbox.Handler(name=name, service="support", fact=contacts.TaskCompleted, react=react)


@pytest.fixture
def take(handler):
    def receive(sessions, *, rests):
        told = []

        def rest(_seconds):
            if len(told) >= rests:
                raise Ended

        body = encode(f.a_fact())
        try:
            outcome = inbox.receive(sessions, handler, body, rest=rest, unready=told.append)
        except Ended:
            outcome = None
        return outcome, told

    return receive


class TestPatience:
    def test_ends_when_the_database_answers_all_the_while(self, spine, take, monkeypatch):
        monkeypatch.setattr("crm_chassis.inbox.receiving.PATIENCE", timedelta(0))

        outcome, told = take(spine.sessions, rests=1)

        assert outcome is inbox.Outcome.PARKED
        assert f.rows(spine.url, "select cause, state from parked") == [("Cancelled", "waiting")]
        assert f.rows(spine.url, "select state from inbox") == [("parked",)]
        assert told == [None]

    def test_lasts_for_minutes_and_is_shown(self, spine, take):
        outcome, told = take(spine.sessions, rests=3)

        assert (outcome, f.rows(spine.url, "select from parked")) == (None, [])
        assert {each.split(" since ")[0] for each in told} == {"Cancelled"}

    def test_has_no_end_while_the_database_is_away(self, take, monkeypatch):
        monkeypatch.setattr("crm_chassis.inbox.receiving.PATIENCE", timedelta(0))
        away = db.engine(f"postgresql://nobody@127.0.0.1:{free_port()}/x")

        outcome, told = take(db.sessions(away), rests=3)

        away.dispose()
        assert (outcome, len(told)) == (None, 3)
