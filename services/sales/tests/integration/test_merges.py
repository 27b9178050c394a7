"""Deals and leads follow merges of contacts, in whatever order the facts come."""

from dataclasses import replace

import pytest
from services.sales.tests.factories import unseen

import crm_contracts as contracts
from crm_chassis import ids, inbox, listen
from crm_contracts.contacts import AccountMerged, AccountUnmerged, ContactMerged, ContactUnmerged
from crm_sales.commands.deals import CreateDeal, UpdateDeal, create_deal, update_deal
from crm_sales.model.deal import Deal
from crm_sales.model.values import ContactRole
from crm_sales.worker import Worker

pytestmark = pytest.mark.integration
HANDLERS = {each.fact: each for each in listen.handlers_of(Worker, "sales")}


@pytest.fixture
def hear(desk):
    """Return a function that lets sales hear of a version of a contact, once or twice."""

    def heard(contact_id, version, into):
        fact = contracts.sample(ContactUnmerged if into is None else ContactMerged)
        record = replace(fact.record, id=contact_id, version=version, merged_into_id=into)
        fact = replace(fact, id=ids.derived(contact_id, version), record=record)
        return inbox.handle(desk.sessions, HANDLERS[type(fact)], contracts.encode(fact))

    return heard


def stored(desk, deal):
    with desk.sessions() as session:
        found = session.get(Deal, deal.id)
        return found.primary_contact_id, found.contact_ids


def repointed(desk, contact_id):
    rows = desk.rows(
        "select absorbed_version, survivor_id, counts from repointing where absorbed_id = :id"
        " order by absorbed_version",
        id=contact_id,
    )
    return [tuple(row) for row in rows]


class TestAccountMerged:
    def test_moves_deals_and_an_undo_brings_them_back(self, desk):
        old, new = unseen(), unseen()
        deal = desk.do(create_deal, CreateDeal(name="One", account_id=old))

        hear_of_account(desk, old, 2, new)

        later = desk.do(create_deal, CreateDeal(name="Late", account_id=old))
        assert [new, new] == accounts(desk, deal, later)
        assert [(2, new, {"deal": 1})] == repointed(desk, old)
        hear_of_account(desk, old, 3, None)
        assert [old, new] == accounts(desk, deal, later)


def hear_of_account(desk, account_id, version, into):
    fact = contracts.sample(AccountUnmerged if into is None else AccountMerged)
    record = replace(fact.record, id=account_id, version=version, merged_into_id=into)
    fact = replace(fact, id=ids.derived(account_id, version), record=record)
    return inbox.handle(desk.sessions, HANDLERS[type(fact)], contracts.encode(fact))


def accounts(desk, *records):
    with desk.sessions() as session:
        return [session.get(type(each), each.id).account_id for each in records]


class TestContactMerged:
    def test_moves_what_points_at_the_contact_and_says_how_much(self, desk, hear):
        old, new = unseen(), unseen()
        deal = desk.do(create_deal, CreateDeal(name="One", primary_contact_id=old))
        both = desk.do(create_deal, CreateDeal(name="Two", contact_ids=(old, new)))

        hear(old, 2, new)

        assert (new, []) == stored(desk, deal)
        assert (None, [new]) == stored(desk, both)
        assert [(2, new, {"deal": 2})] == repointed(desk, old)
        assert ["created", "updated"] == desk.told(deal.id)

    def test_twice_moves_once(self, desk, hear):
        old, new = unseen(), unseen()
        deal = desk.do(create_deal, CreateDeal(name="One", primary_contact_id=old))

        hear(old, 2, new)
        hear(old, 2, new)

        assert ["created", "updated"] == desk.told(deal.id)

    def test_catches_what_is_written_later(self, desk, hear):
        old, new = unseen(), unseen()
        hear(old, 2, new)

        deal = desk.do(create_deal, CreateDeal(name="Late", primary_contact_id=old))

        assert new == deal.primary_contact_id


class TestContactUnmerged:
    def test_brings_back_what_was_moved_as_it_was(self, desk, hear):
        old, new, third = unseen(), unseen(), unseen()
        deals = [
            desk.do(create_deal, CreateDeal(name="One", contact_ids=(new, old))),
            desk.do(create_deal, CreateDeal(name="Two", contact_ids=(old, third))),
            desk.do(create_deal, CreateDeal(name="Three", primary_contact_id=new)),
        ]
        before = [stored(desk, deal) for deal in deals]

        hear(old, 2, new)
        hear(old, 3, None)

        assert before == [stored(desk, deal) for deal in deals]
        assert [(2, new, {"deal": 2}), (3, None, {"deal": 2})] == repointed(desk, old)

    def test_leaves_what_points_elsewhere_by_now(self, desk, hear):
        old, new, third = unseen(), unseen(), unseen()
        deal = desk.do(create_deal, CreateDeal(name="One", primary_contact_id=old))
        hear(old, 2, new)
        changes = {"primary_contact_id": third}
        desk.do(update_deal, UpdateDeal(deal_id=deal.id, expected_version=2, changes=changes))

        hear(old, 3, None)

        assert third == stored(desk, deal)[0]

    def test_tells_two_apart_in_a_list_that_was_changed_since(self, desk, hear):
        old, new, third = unseen(), unseen(), unseen()
        deal = desk.do(create_deal, CreateDeal(name="One", contact_ids=(old, new)))
        hear(old, 2, new)
        changes = {"contact_ids": (new, third)}
        desk.do(update_deal, UpdateDeal(deal_id=deal.id, expected_version=2, changes=changes))

        hear(old, 3, None)

        assert {old, new, third} == set(stored(desk, deal)[1])

    def test_before_the_merge_it_undoes_wins(self, desk, hear):
        old, new = unseen(), unseen()
        deal = desk.do(create_deal, CreateDeal(name="One", primary_contact_id=old))

        hear(old, 3, None)
        hear(old, 2, new)

        assert old == stored(desk, deal)[0]
        assert [None, None] == [survivor for _, survivor, _ in repointed(desk, old)]


class TestRoles:
    def roles(self, desk, deal):
        with desk.sessions() as session:
            return {
                each["contact_id"]: each["role"]
                for each in session.get(Deal, deal.id).contact_roles
            }

    def test_go_to_the_survivor_and_back(self, desk, hear):
        old, new = unseen(), unseen()
        given = (ContactRole(contact_id=old, role="evaluator"),)
        deal = desk.do(create_deal, CreateDeal(name="One", contact_roles=given))

        hear(old, 2, new)
        moved = self.roles(desk, deal)
        hear(old, 3, None)

        assert {str(new): "evaluator"} == moved
        assert {str(old): "evaluator"} == self.roles(desk, deal)

    def test_a_survivor_keeps_its_own(self, desk, hear):
        old, new = unseen(), unseen()
        given = [
            ContactRole(contact_id=old, role="user"),
            ContactRole(contact_id=new, role="buyer"),
        ]
        deal = desk.do(create_deal, CreateDeal(name="One", contact_roles=tuple(given)))
        before = self.roles(desk, deal)

        hear(old, 2, new)
        moved = self.roles(desk, deal)
        hear(old, 3, None)

        assert {str(new): "buyer"} == moved
        assert before == self.roles(desk, deal)
