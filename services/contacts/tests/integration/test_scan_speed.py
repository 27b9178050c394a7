"""How long it takes to compare a large base; run with `make bench args="-k scan"`."""

import os
import time

import psycopg
import pytest
from psycopg.types.json import Jsonb
from services.contacts.tests import crowd

from crm_contacts.commands import jobs, scanning

pytestmark = [pytest.mark.bench, pytest.mark.integration, pytest.mark.timeout(3600)]
PEOPLE = int(os.environ.get("CRM_BENCH_PEOPLE", "100000"))


def test_scan_of_the_whole_base(database_url, doing, sessions, facts):
    pairs = filled(database_url)
    started, busy = time.perf_counter(), time.process_time()

    doing(lambda session, now: scanning.scan_contacts(session, scanning.ScanContacts(), now=now))
    with sessions() as session:
        while session.connection().exec_driver_sql(_LEFT).scalar():
            session.rollback()
            jobs.run(sessions)
        found = session.connection().exec_driver_sql("select result from job").scalar()
        suspected = set(session.connection().exec_driver_sql(_SUSPECTED).all())

    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    recall = len(pairs & {tuple(pair) for pair in suspected}) / len(pairs)
    print(f"\n{PEOPLE} contacts: {seconds:.1f} s ({busy:.1f} s in Python), {found}")
    print(f"recall {recall:.3f} of {len(pairs)} pairs")
    assert recall >= 0.9


def filled(database_url):
    """Write the crowd into the base; return the pairs of ids that are one person."""
    pairs = set()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_TABLE)
        with connection.cursor().copy(f"copy made ({', '.join(crowd.COLUMNS)}) from stdin") as copy:
            for one, again in crowd.people(PEOPLE):
                for each in filter(None, (one, again)):
                    row = list(each.row)
                    row[4] = Jsonb(row[4])
                    copy.write_row(row)
                if again:
                    pairs.add(tuple(sorted((one.contact_id, again.contact_id))))
        connection.execute(_PEOPLE)
        connection.execute("drop table made")
        connection.execute("analyze contact")
    return pairs


_TABLE = """
create unlogged table made (id uuid, first_name text, last_name text, birthday text,
    addresses jsonb, sort_name text, match_keys text[])
"""
_PEOPLE = """
insert into contact (id, version, created_at, updated_at, created_by, updated_by, visibility,
    first_name, last_name, birthday, addresses, lifecycle, tags, do_not_call, custom, sort_name,
    search_text, match_keys)
select id, 1, now(), now(), 'bench', 'bench', 'all', first_name, last_name, birthday, addresses,
    'lead', '{}', false, '{}', sort_name, '', match_keys
from made
"""
_LEFT = "select count(*) from job where status in ('queued', 'running')"
_SUSPECTED = "select a_id, b_id from duplicate"
