"""What support does once when others' facts arrive: once, twice, out of order."""

from dataclasses import replace

import pytest
from services.support.tests.factories import unseen

import crm_contracts as contracts
from crm_chassis import ids, inbox
from crm_chassis.inbox import Outcome
from crm_contracts.sales import DealWon
from crm_support import queries
from crm_support.model.values import TicketKind

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def handler():
    from crm_chassis import listen
    from crm_support.worker import Worker

    (handler,) = (each for each in listen.handlers_of(Worker, "support") if each.fact is DealWon)
    return handler


def won(deal_id, **changes):
    sample = contracts.sample(DealWon)
    return replace(sample, id=ids.new(), record=replace(sample.record, id=deal_id, **changes))


def handle(desk, handler, fact):
    return inbox.handle(desk.sessions, handler, contracts.encode(fact))


def tickets_of(desk, deal_id):
    with desk.sessions() as session:
        return session.scalars(queries.tickets({"deal_id": deal_id})).all()


class TestDealWon:
    def test_opens_an_onboarding_ticket(self, desk, handler):
        deal_id = unseen()
        fact = won(deal_id, name="Mill")

        handle(desk, handler, fact)

        (ticket,) = tickets_of(desk, deal_id)
        assert ("Onboarding: Mill", f"onboarding:{deal_id}", TicketKind.REQUEST) == (
            ticket.subject,
            ticket.origin,
            ticket.kind,
        )
        assert (fact.record.primary_contact_id, fact.record.account_id) == (
            ticket.requester_id,
            ticket.account_id,
        )
        assert ["opened"] == desk.told(ticket.id)

    def test_happens_once_when_it_arrives_twice(self, desk, handler):
        fact = won(unseen())

        assert [Outcome.DONE, Outcome.REPEAT] == [handle(desk, handler, fact) for _ in range(2)]
        assert 1 == len(tickets_of(desk, fact.record.id))

    def test_opens_one_ticket_for_a_deal_won_again_in_any_order(self, desk, handler):
        deal_id = unseen()
        again, first = won(deal_id, version=9), won(deal_id, version=3)

        for fact in (again, first):
            handle(desk, handler, fact)

        assert 1 == len(tickets_of(desk, deal_id))

    def test_needs_neither_contact_nor_account(self, desk, handler):
        fact = won(unseen(), primary_contact_id=None, account_id=None, name="x" * 200)

        handle(desk, handler, fact)

        (ticket,) = tickets_of(desk, fact.record.id)
        assert 200 == len(ticket.subject)
