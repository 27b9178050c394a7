"""How long it takes to compare a large base; run with `make bench args="-k scan"`."""

import os
import time

import psycopg
import pytest

from crm_contacts.commands import jobs, scanning

pytestmark = [pytest.mark.bench, pytest.mark.integration, pytest.mark.timeout(3600)]
PEOPLE = int(os.environ.get("CRM_BENCH_PEOPLE", "100000"))


def test_scan_of_the_whole_base(database_url, doing, sessions, facts):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_PEOPLE, {"people": PEOPLE})
        connection.execute("analyze contact")
    started = time.perf_counter()

    doing(lambda session, now: scanning.scan_contacts(session, scanning.ScanContacts(), now=now))
    with sessions() as session:
        while session.connection().exec_driver_sql(_LEFT).scalar():
            session.rollback()
            jobs.run(sessions)
        found = session.connection().exec_driver_sql("select result from job").scalar()

    seconds = time.perf_counter() - started
    print(f"\n{PEOPLE} contacts: {seconds:.1f} s, {found}")
    assert found["suspected"] > PEOPLE / 40


# One in twenty is there twice, with another spelling of the given name and the same birthday.
_PEOPLE = """
insert into contact (id, version, created_at, updated_at, created_by, updated_by, visibility,
    first_name, last_name, birthday, lifecycle, tags, do_not_call, custom, sort_name, search_text,
    match_keys)
select gen_random_uuid(), 1, now(), now(), 'bench', 'bench', 'all', given, surname, born, 'lead',
    '{}', false, '{}', surname || ' ' || given, '',
    array['n:' || left(md5(surname), 4) || left(given, 1),
          'n:' || left(md5(given), 4) || left(surname, 1), 'b:' || born || ':' || left(surname, 1)]
from (
    select left(translate(md5((person * 7919 %% 1500)::text), '0123456789', 'ghijklmnop'), 6)
            || case when copy = 1 then 'a' else '' end as given,
        left(translate(md5((person * 104729 %% 60000)::text), '0123456789', 'ghijklmnop'), 8)
            as surname,
        (date '1940-01-01' + (person * 31 %% 22000)::int)::text as born
    from generate_series(1, %(people)s::bigint) as person
    cross join lateral generate_series(0, case when person %% 20 = 0 then 1 else 0 end) as copy
) as made
"""
_LEFT = "select count(*) from job where status in ('queued', 'running')"
