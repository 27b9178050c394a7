"""What sales keeps of others' records."""

from dataclasses import replace

import psycopg
import pytest

import crm_contracts as contracts
from crm_chassis import ids
from crm_chassis.project import CopyFolder
from crm_chassis.project.projector import item_of
from crm_contracts.contacts import AccountUpdated, ContactUpdated
from crm_contracts.contacts.purchases import InvoiceOverdue
from crm_contracts.gateway import UserUpdated
from crm_sales.copies import COPIES, primary_email

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def connection(database):
    with psycopg.connect(database("sales"), autocommit=True) as connection:
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
            "select name, email, owner_id, account_id from contact_copy where id = %s", (record.id,)
        ).fetchone()
        email = next(each.value for each in record.emails if each.primary)
        assert (record.name, email, record.owner_id, record.account_id) == kept

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


class TestInvoices:
    def test_those_overdue_are_told_with_the_deal(self, sessions, api):
        fact = contracts.sample(InvoiceOverdue)
        owed = replace(fact.record, id=ids.new(), contact_id=ids.new(), account_id=ids.new())
        paid = replace(owed, id=ids.new(), status="paid")
        alone = replace(owed, id=ids.new(), account_id=None)
        with sessions() as session, session.begin():
            told = [replace(fact, record=each) for each in (owed, paid, alone)]
            fold(session.connection().connection.driver_connection, "invoice_copy", *told)

        def overdue(**whose):
            deal = api.make("/v1/deals", {"name": "More", **whose})
            return api.get(f"/v1/deals/{deal['id']}/customer-overdue").json["customer_overdue"]

        theirs = overdue(account_id=str(owed.account_id))
        hers = overdue(contact_ids=[str(owed.contact_id)], account_id=str(owed.account_id))
        nobodys = overdue(primary_contact_id=str(ids.new()))

        amount = owed.open_amount.amount
        assert (theirs["count"], theirs["amount"]) == (
            1, {"amount": str(amount), "currency": "EUR"},
        )  # fmt: skip
        assert (hers["count"], hers["amount"]["amount"]) == (2, str(2 * amount))
        assert nobodys == {"count": 0, "amount": None, "amounts": [], "oldest_due_at": None}
