"""Tickets, their messages and clocks follow merges of contacts."""

from dataclasses import replace

import pytest
from services.support.tests.factories import unseen

import crm_contracts as contracts
from crm_chassis import ids, inbox, listen
from crm_contracts.contacts import AccountMerged, AccountUnmerged, ContactMerged, ContactUnmerged
from crm_support.commands.tickets import OpenTicket, open_ticket
from crm_support.worker import Worker

pytestmark = pytest.mark.integration
HANDLERS = {each.fact: each for each in listen.handlers_of(Worker, "support")}


def hear(desk, contact_id, version, into):
    fact = contracts.sample(ContactUnmerged if into is None else ContactMerged)
    record = replace(fact.record, id=contact_id, version=version, merged_into_id=into)
    fact = replace(fact, id=ids.new(), record=record)
    return inbox.handle(desk.sessions, HANDLERS[type(fact)], contracts.encode(fact))


def requesters(desk, ticket):
    tables = {"ticket": "id", "ticket_message": "ticket_id", "sla_clock": "ticket_id"}
    return {
        row.requester_id
        for table, column in tables.items()
        for row in desk.rows(f"select requester_id from {table} where {column} = :id", id=ticket.id)
    }


def test_a_ticket_moves_with_all_that_belongs_to_it_and_back(desk):
    old, new = unseen(), unseen()
    ticket = desk.do(open_ticket, OpenTicket(subject="Broken", requester_id=old))
    other = desk.do(open_ticket, OpenTicket(subject="Late", requester_id=new))

    hear(desk, old, 2, new)

    assert {new} == requesters(desk, ticket)
    (counts,) = desk.rows("select counts from repointing where absorbed_id = :id", id=old)
    assert {"ticket", "sla_clock"} <= set(counts[0])
    hear(desk, old, 3, None)
    assert ({old}, {new}) == (requesters(desk, ticket), requesters(desk, other))


def test_tickets_move_with_their_account_and_back(desk):
    old, new = unseen(), unseen()
    ticket = desk.do(open_ticket, OpenTicket(subject="Broken", account_id=old))

    hear_of_account(desk, old, 2, new)

    assert new == account_of(desk, ticket)
    later = desk.do(open_ticket, OpenTicket(subject="Late", account_id=old))
    hear_of_account(desk, old, 3, None)
    assert (old, new) == (account_of(desk, ticket), account_of(desk, later))


def hear_of_account(desk, account_id, version, into):
    fact = contracts.sample(AccountUnmerged if into is None else AccountMerged)
    record = replace(fact.record, id=account_id, version=version, merged_into_id=into)
    fact = replace(fact, id=ids.new(), record=record)
    return inbox.handle(desk.sessions, HANDLERS[type(fact)], contracts.encode(fact))


def account_of(desk, ticket):
    (row,) = desk.rows("select account_id from ticket where id = :id", id=ticket.id)
    return row.account_id
