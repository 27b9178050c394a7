"""Each check of a chaos run bites: a planted violation is found, and nothing else is."""

import uuid
from contextlib import contextmanager

import psycopg
import pytest
from tests.chaos import losses
from tests.chaos.checks import answers, copies, effects, mails, outboxes, reactions, resources
from tests.chaos.history import FAILED, OK, UNKNOWN, Call, History, outcome_of

pytestmark = pytest.mark.integration
ONE, TWO, THREE = (uuid.UUID(int=number) for number in (1, 2, 3))
TABLES = """
create table outbox (id uuid, type text, subject uuid, subject_version bigint, bulk boolean,
    created_at timestamptz default now(), body text default '{}', seq bigint);
create table history (kind text, record_id uuid, version bigint, fact_id uuid);
create table record (kind text, id uuid, version bigint, erased boolean default false);
create table inbox (handler text, event_id uuid, state text);
create table parked (consumer text, event_id uuid, type text, cause text, state text);
create table registration (handler text, producer text, registered_at timestamptz);
create table deal (id uuid primary key, public_no bigint, version bigint, name text, lead_id uuid);
create table contact (id uuid, last_name text, lifecycle text);
create table lead (id uuid, last_name text, status text, deal_id uuid);
create table ticket (id uuid, subject text, origin text);
create table task (origin text);
create table lead_conversion (lead_id uuid);
create table campaign (id uuid, origin_key text);
create table enrollment (contact_id uuid, campaign_id uuid);
create table deal_copy (id uuid primary key, version bigint, first_seen_at timestamptz default now());
create table restoration (lift bigint)
"""


@pytest.fixture
def database(empty_database):
    """Return what opens the one database that plays every service's."""
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(TABLES)

    @contextmanager
    def opened(_service=None):
        with psycopg.connect(empty_database, autocommit=True) as connection:
            yield connection

    return opened


@pytest.fixture
def run(database):
    def execute(statement, *values):
        with database() as connection:
            connection.execute(statement, values)

    return execute


def told(run, *, fact=ONE, subject=TWO, version=1, type_="sales.deal.won.v1", body="{}"):
    run("insert into outbox (id, type, subject, subject_version, bulk, body)"
        " values (%s, %s, %s, %s, false, %s)", fact, type_, subject, version, body)  # fmt: skip
    run("insert into history values ('deal', %s, %s, %s)", subject, version, fact)


def stored(run, *, subject=TWO, version=1):
    run("insert into record values ('deal', %s, %s)", subject, version)
    run("insert into deal values (%s, 1, %s)", subject, version)


class TestOutboxes:
    def found(self, database):
        with database() as connection:
            return outboxes.check(connection)

    def test_what_is_whole_passes(self, database, run):
        told(run)
        stored(run)

        assert [] == self.found(database)

    @pytest.mark.parametrize(
        ("damage", "what"),
        [
            ("delete from outbox", "change without its fact"),
            ("delete from history", "change without its fact"),
            ("update outbox set subject_version = 3", "change without its fact"),
            ("update history set version = 2", "versions with a gap"),
            ("update record set version = 2", "published other than told"),
            ("delete from record", "published other than told"),
            ("update deal set version = 2", "deal stored other than told"),
            ("delete from deal", "deal stored other than told"),
            ("insert into record values ('timeline', gen_random_uuid(), 1)", "timeline entry"),
        ],
    )
    def test_a_difference_is_found(self, database, run, damage, what):
        told(run)
        stored(run)

        run(damage)

        assert any(line.startswith(what) for line in self.found(database))

    def test_a_gap_up_to_the_lift_of_a_restoration_is_none(self, database, run):
        told(run)
        told(run, fact=THREE, version=1000)
        stored(run, version=1000)
        assert any(line.startswith("versions with a gap") for line in self.found(database))

        run("insert into restoration values (1000)")

        assert [] == self.found(database)

    def test_a_version_told_twice_is_found(self, database, run):
        told(run)
        stored(run)
        told(run, fact=THREE)

        assert any(line.startswith("told twice") for line in self.found(database))


class TestReactions:
    HANDLER = "support.on.sales.deal.won"

    @pytest.fixture(autouse=True)
    def registered(self, run):
        run("insert into registration values (%s, 'sales', '2026-01-01')", self.HANDLER)
        told(run)

    def test_a_fact_that_was_met_passes(self, database, run):
        run("insert into inbox values (%s, %s, 'done')", self.HANDLER, ONE)

        assert [] == reactions.check(database, ["support"])

    def test_a_fact_nobody_met_is_found(self, database):
        assert [f"{self.HANDLER} never met {ONE}"] == reactions.check(database, ["support"])

    def test_a_fact_nobody_told_is_found_unless_it_is_poison(self, database, run):
        run("insert into inbox values (%s, %s, 'done')", self.HANDLER, ONE)
        run("insert into inbox values (%s, %s, 'done')", self.HANDLER, THREE)

        assert 1 == len(reactions.check(database, ["support"]))
        assert [] == reactions.check(database, ["support"], {THREE})

    def test_parked_without_its_message_is_found(self, database, run):
        run("insert into inbox values (%s, %s, 'parked')", self.HANDLER, ONE)

        assert 1 == len(reactions.check(database, ["support"]))

    def test_a_parked_innocent_is_found(self, database, run):
        run("insert into parked values (%s, %s, 't', 'Boom', 'waiting')", self.HANDLER, ONE)

        assert 1 == len(reactions.parked_innocents(database, ["support"], set()))
        assert [] == reactions.parked_innocents(database, ["support"], {ONE})

    def test_parked_without_a_cause_is_found(self, database, run):
        run("insert into parked values (%s, %s, 't', '', 'waiting')", self.HANDLER, ONE)

        assert 1 == len(reactions.parked_innocents(database, ["support"], {ONE}))


class TestEffects:
    @pytest.fixture(autouse=True)
    def won(self, run):
        record = f'{{"data": {{"record": {{"primary_contact_id": "{THREE}"}}}}}}'
        told(run, body=record)
        run("insert into ticket values (%s, 'x', %s)", ONE, f"onboarding:{TWO}")
        run("insert into campaign values (%s, 'onboarding')", ONE)
        run("insert into enrollment values (%s, %s)", THREE, ONE)
        run("insert into contact values (%s, 'x', 'customer')", THREE)

    def test_one_of_each_passes(self, database):
        assert [] == effects.check(database)

    def test_an_effect_whose_cause_was_lost_may_stay_but_not_twice(self, database, run):
        lost = losses.Losses()
        lost.note([losses.Told(ONE, "sales.deal.won.v1", str(TWO), 1, str(THREE))], [])
        run("delete from outbox")
        assert 2 == len(effects.check(database))
        assert [] == effects.check(database, lost)

        run("insert into ticket select gen_random_uuid(), subject, origin from ticket")

        assert 1 == len(effects.check(database, lost))

    @pytest.mark.parametrize(
        ("damage", "count"),
        [
            ("delete from ticket", 1),
            ("insert into ticket select gen_random_uuid(), subject, origin from ticket", 1),
            ("update ticket set origin = 'onboarding:' || gen_random_uuid()", 2),
            ("delete from enrollment", 1),
            ("insert into enrollment select * from enrollment", 1),
            ("update contact set lifecycle = 'lead'", 1),
            ("insert into task values ('urgent-ticket:' || gen_random_uuid())", 1),
            ("insert into lead_conversion values (gen_random_uuid())", 1),
            ("insert into lead values (gen_random_uuid(), 'x', 'converted', gen_random_uuid())", 1),
        ],
    )
    def test_a_missing_or_doubled_effect_is_found(self, database, run, damage, count):
        run(damage)

        assert count == len(effects.check(database))


class TestAnswers:
    MARK = "c" + "0" * 32

    def call(self, outcome, **more):
        given = {"method": "POST", "path": "/v1/contacts", "key": "k", "mark": self.MARK,
                 "began": 0.0, "seconds": 1.0, "status": 201, "outcome": outcome}  # fmt: skip
        return Call(**(given | more))

    def found(self, database, *calls):
        return answers.check(database, History(calls=list(calls)))

    def there(self, run, times):
        for _ in range(times):
            run("insert into contact values (gen_random_uuid(), %s, 'lead')", self.MARK)

    @pytest.mark.parametrize(
        ("outcome", "times", "broken"),
        [
            (OK, 1, False), (OK, 0, True), (OK, 2, True),
            (UNKNOWN, 0, False), (UNKNOWN, 1, False), (UNKNOWN, 2, True),
            (FAILED, 0, False), (FAILED, 1, True),
        ],
    )  # fmt: skip
    def test_what_was_answered_is_compared_with_what_is_there(
        self, database, run, outcome, times, broken
    ):
        self.there(run, times)

        assert broken == bool(self.found(database, self.call(outcome)))

    def test_an_acknowledged_version_must_be_in_the_history(self, database, run):
        call = self.call(OK, mark=None, version=f"deal/{TWO}@1")

        assert [f"lost: deal {TWO}@1"] == self.found(database, call)
        told(run)
        assert [] == self.found(database, call)

    def test_a_broken_promise_to_a_client_is_told(self, database):
        history = History(violations=[("contacts", 1.0, 2.0, "two answers")])

        assert ["two answers"] == answers.check(database, history)

    def test_what_was_lost_with_a_database_is_forgiven_and_nothing_else(self, database):
        lost = losses.Losses(backups={"sales": 0.5})
        lost.note([losses.Told(ONE, "sales.deal.created.v1", str(TWO), 1, None)], [])
        calls = [self.call(OK, mark=None, version=f"deal/{id_}@1") for id_ in (TWO, THREE)]

        found = answers.check(database, History(calls=calls), lost)

        assert [f"lost: deal {THREE}@1"] == found

    def test_what_is_older_than_the_backup_is_not_forgiven(self, database):
        lost = losses.Losses(backups={"sales": 5.0})
        lost.note([losses.Told(ONE, "sales.deal.created.v1", str(TWO), 1, None)], [])
        call = self.call(OK, mark=None, version=f"deal/{TWO}@1")

        found = answers.check(database, History(calls=[call]), lost)

        assert [f"lost, though older than the backup: deal/{TWO}@1"] == found

    def test_a_promise_broken_while_the_database_went_back_is_forgiven(self, database):
        history = History(violations=[("contacts", 1.0, 2.0, "two answers")])

        assert [] == answers.check(database, history, losses.Losses(spans=[("contacts", 1.5, 9.0)]))
        assert ["two answers"] == answers.check(
            database, history, losses.Losses(spans=[("contacts", 3.0, 9.0)])
        )


class TestMails:
    def test_a_forgotten_mail_is_forgiven_where_the_ledger_was_lost(self):
        assert [] == mails.check({}, {"a": 1}, ends_of_sender=0, lost={"a"})
        assert 1 == len(mails.check({}, {"a": 2}, ends_of_sender=0, lost={"a"}))
        assert [] == mails.check({"a": "queued"}, {}, ends_of_sender=0, to_nobody={"a"})

    @pytest.mark.parametrize(
        ("statuses", "mailed", "ends", "broken"),
        [
            ({"a": "sent"}, {"a": 1}, 0, 0),
            ({"a": "sent"}, {"a": 2}, 0, 1),
            ({"a": "sent"}, {}, 0, 1),
            ({"a": "failed"}, {"a": 1}, 0, 1),
            ({"a": "queued"}, {}, 0, 1),
            ({}, {"a": 1}, 0, 1),
            ({"a": "unsure", "b": "unsure"}, {"a": 1}, 2, 0),
            ({"a": "unsure", "b": "unsure"}, {}, 1, 1),
        ],
    )
    def test_ledger_and_mails_agree(self, statuses, mailed, ends, broken):
        assert broken == len(mails.check(statuses, mailed, ends_of_sender=ends))


class TestCopies:
    def test_a_version_that_falls_is_seen(self, database, run):
        run("insert into deal_copy values (%s, 3)", ONE)
        with database() as connection:
            assert ["deal_copy"] == copies.watch(connection)
            run("update deal_copy set version = 4")
            run("update deal_copy set version = 4")
            assert [] == copies.falls(connection)
            run("update deal_copy set version = 2")
            assert [f"deal_copy {ONE} fell from 4 to 2"] == copies.falls(connection)

    def test_a_difference_is_told(self):
        same = {"differences": 0}

        assert [] == copies.differences([("sales", same)])
        assert 1 == len(copies.differences([("sales", same | {"differences": 2})]))

    def test_a_placeholder_that_waits_too_long_is_told_unless_its_record_is_lost(
        self, database, run
    ):
        run("insert into deal_copy values (%s, 0)", ONE)
        run("insert into deal_copy values (%s, 0, now() - interval '11 minutes')", TWO)
        with database() as connection:
            assert [f"deal_copy waits for {TWO}"] == copies.overdue(connection)
            assert [] == copies.overdue(connection, {str(TWO)})


@pytest.mark.parametrize("name", sorted(resources.SLACK))
def test_what_grew_is_told(name):
    before = dict.fromkeys(resources.SLACK, 100.0)

    assert [] == resources.check(before, before)
    assert [f"{name} grew from 100 to 300"] == resources.check(before, before | {name: 300.0})


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(0, UNKNOWN), (201, OK), (207, OK), (404, FAILED), (422, FAILED), (409, UNKNOWN),
     (429, UNKNOWN), (500, UNKNOWN), (503, UNKNOWN)],
)  # fmt: skip
def test_an_answer_is_a_promise_or_it_is_not(status, outcome):
    assert outcome == outcome_of(status)


def test_a_call_past_its_deadline_is_overdue():
    call = Call(method="GET", path="/", key=None, mark=None, began=0, seconds=16, status=200,
                outcome=OK, deadline=15)  # fmt: skip

    assert [call] == History(calls=[call]).overdue()
