"""Roles and people as the gateway tells them become rights in each service, and change with them."""

from dataclasses import replace
from importlib import import_module

import psycopg
import pytest

import crm_contracts as contracts
from crm_chassis.problems import Unavailable
from crm_chassis.project import CopyFolder, item_of
from crm_chassis.rights import Range, RoleBook

pytestmark = pytest.mark.integration
ROLE = contracts.sample(contracts.FACTS["gateway.role.created.v1"])
ARCHIVED = contracts.sample(contracts.FACTS["gateway.role.archived.v1"])


def fold(bench, *facts):
    copies = import_module(f"crm_{bench.service}.copies").COPIES
    with psycopg.connect(bench.url) as connection:
        for copy in copies:
            CopyFolder(copy).fold(connection, [item_of(contracts.encode(each)) for each in facts])


def grants(bench, version):
    held = str(ROLE.record.id)
    book = RoleBook(bench.app.extensions["crm"].sessions)
    return book.grants(frozenset({held}), ((held, version),))


class TestRoleCopy:
    def test_grants_what_was_told(self, bench):
        fold(bench, ROLE)

        found = grants(bench, ROLE.record.version)

        assert Range.TEAM is found.range_of("deal", "read")
        assert Range.NONE is found.range_of("deal", "archive")
        assert {"weighted_amount"} == found.hidden("deal")
        assert {"weighted_amount", "probability"} == found.fixed("deal")
        assert {"mass_update"} == found.special

    def test_that_is_behind_answers_nothing(self, bench):
        fold(bench, ROLE)

        with pytest.raises(Unavailable):
            grants(bench, ROLE.record.version + 1000)

    def test_of_a_role_put_away_grants_nothing(self, bench):
        fold(bench, ROLE)
        newer = replace(ARCHIVED.record, version=ROLE.record.version + 1)
        fold(bench, replace(ARCHIVED, record=newer))

        assert Range.NONE is grants(bench, newer.version).range_of("deal", "read")


class TestPeopleCopy:
    def test_knows_who_is_in_which_team(self, bench):
        user = contracts.sample(contracts.FACTS["gateway.user.created.v1"])
        fold(bench, user)

        with psycopg.connect(bench.url) as connection:
            found = connection.execute(
                "select team_id from user_copy where id = %s", (user.record.id,)
            ).fetchone()

        assert found == (user.record.team_id,)
