"""Tickets, their messages and clocks follow merges of contacts."""

from dataclasses import replace

import pytest
from services.support.tests.factories import unseen

import crm_contracts as contracts
from crm_chassis import ids, inbox, listen
from crm_contracts.contacts import ContactMerged, ContactUnmerged
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
