"""What support keeps of others' records."""

from dataclasses import replace

import psycopg
import pytest

import crm_contracts as contracts
from crm_chassis.project import CopyFolder
from crm_chassis.project.projector import item_of
from crm_contracts.contacts import AccountUpdated, ContactUpdated
from crm_contracts.gateway import UserUpdated
from crm_contracts.sales import DealWon
from crm_support.copies import COPIES, primary_email

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def connection(database):
    with psycopg.connect(database("support"), autocommit=True) as connection:
        yield connection


def fold(connection, table, *facts):
    folder = CopyFolder(next(copy for copy in COPIES if copy.table == table))
    folder.fold(connection, [item_of(contracts.encode(fact)) for fact in facts])


class TestCopies:
    def test_keep_what_they_show_of_contacts(self, connection):
        fact = contracts.sample(ContactUpdated)
        record = fact.record

        fold(connection, "contact_copy", fact)

        kept = connection.execute(
            "select name, email from contact_copy where id = %s", (record.id,)
        ).fetchone()
        email = next(each.value for each in record.emails if each.primary)
        assert (record.name, email) == kept

    @pytest.mark.parametrize(
        ("table", "fact_class"), [("account_copy", AccountUpdated), ("user_copy", UserUpdated)]
    )
    def test_follow_the_newest_name_in_any_order(self, connection, table, fact_class):
        fact = contracts.sample(fact_class)
        newer = replace(
            fact, record=replace(fact.record, version=fact.record.version + 1, name="Newer")
        )

        for each in (newer, fact, newer):
            fold(connection, table, each)

        assert [("Newer",)] == connection.execute(f"select name from {table}").fetchall()

    def test_keeps_what_it_shows_of_deals(self, connection):
        fact = contracts.sample(DealWon)

        fold(connection, "deal_copy", fact)

        kept = connection.execute("select name, status from deal_copy").fetchone()
        assert (fact.record.name, "won") == kept


class TestPrimaryEmail:
    @pytest.mark.parametrize(
        ("emails", "chosen"),
        [
            (None, None),
            ([], None),
            ([{"value": "a"}, {"value": "b", "primary": True}], "b"),
            ([{"value": "a"}, {"value": "b"}], "a"),
        ],
    )
    def test_is_the_primary_one_else_the_first(self, emails, chosen):
        assert chosen == primary_email({"emails": emails})
