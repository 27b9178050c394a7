"""Our copies of others' records, folded from the producers' published samples."""

from dataclasses import replace

import psycopg
import pytest

from crm_chassis.project import CopyFolder, Item
from crm_contacts import copies
from crm_contracts import gateway, record_body, sales, sample

pytestmark = pytest.mark.integration
FOLDERS = {copy.table: CopyFolder(copy) for copy in copies.COPIES}
DEALS, USERS, COMPANY = (FOLDERS[name] for name in ("deal_copy", "user_copy", "company_copy"))


def _item(record):
    return Item(
        service=record.service,
        kind=record.kind,
        id=record.id,
        version=record.version,
        body=record_body(record),
    )


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url) as connection:
        yield connection


def _kept(connection, table, *columns):
    return connection.execute(f"select {', '.join(columns)} from {table}").fetchall()


class TestDealCopy:
    def test_keeps_whose_and_how_far_it_is(self, connection):
        deal = sample(sales.DealWon).record

        DEALS.fold(connection, [_item(deal)])

        columns = ("id", "status", "owner_id", "account_id", "primary_contact_id")
        assert _kept(connection, "deal_copy", *columns) == [
            (deal.id, "won", deal.owner_id, deal.account_id, deal.primary_contact_id)
        ]

    def test_keeps_the_newest_in_any_order(self, connection):
        newer = replace(sample(sales.DealWon).record, version=5)
        older = replace(sample(sales.DealCreated).record, version=4)

        DEALS.fold(connection, [_item(newer)])
        DEALS.fold(connection, [_item(older)])

        assert _kept(connection, "deal_copy", "version", "status") == [(5, "won")]


class TestUserCopy:
    def test_keeps_name_and_standing(self, connection):
        user = sample(gateway.UserArchived).record

        USERS.fold(connection, [_item(user)])

        kept = _kept(connection, "user_copy", "name", "team_id", "active", "archived_at")
        assert kept == [(user.name, user.team_id, False, user.archived_at)]


def test_the_companys_time_zone_is_kept(connection):
    COMPANY.fold(connection, [_item(sample(gateway.SettingsUpdated).record)])

    assert connection.execute("select time_zone from company_copy").fetchall() == [
        ("Europe/Berlin",)
    ]
