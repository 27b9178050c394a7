"""What sales does once when others' facts arrive: once, twice, out of order."""

from dataclasses import replace

import pytest
from services.sales.tests.factories import unseen

import crm_contracts as contracts
from crm_chassis import ids, inbox
from crm_chassis.db import Money
from crm_chassis.inbox import Outcome
from crm_contracts.contacts import LeadConversionAnswered, LeadConversionRefused
from crm_sales import queries
from crm_sales.commands.conversions import ConvertLead, convert_lead
from crm_sales.commands.leads import CaptureLead, capture_lead
from crm_sales.model.deal import Deal
from crm_sales.model.lead import Lead
from crm_sales.model.values import LeadStatus

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def handlers():
    from crm_chassis import listen
    from crm_sales.worker import Worker

    return {handler.fact: handler for handler in listen.handlers_of(Worker, "sales")}


@pytest.fixture
def lead(desk):
    command = CaptureLead(last_name="Lovelace", company="Engines", owner_id=unseen())
    captured = desk.do(capture_lead, command)
    return desk.do(convert_lead, ConvertLead(lead_id=captured.id, expected_version=1))


def answer_to(lead_id, fact_class=LeadConversionAnswered, **changes):
    sample = contracts.sample(fact_class)
    record = replace(sample.record, id=ids.new(), lead_id=lead_id, **changes)
    return replace(sample, id=ids.new(), record=record)


def handle(desk, handlers, fact):
    return inbox.handle(desk.sessions, handlers[type(fact)], contracts.encode(fact))


def stored(desk, lead):
    with desk.sessions() as session:
        return session.get(Lead, lead.id)


def deals_of(desk, lead):
    with desk.sessions() as session:
        return session.scalars(queries.deals({"lead_id": lead.id})).all()


class TestLeadConversionAnswered:
    def test_converts_the_lead_and_opens_its_deal(self, desk, handlers, lead):
        contact, account = unseen(), unseen()

        handle(desk, handlers, answer_to(lead.id, contact_id=contact, account_id=account))

        (deal,) = deals_of(desk, lead)
        converted = stored(desk, lead)
        assert (LeadStatus.CONVERTED, contact, account, deal.id) == (
            converted.status,
            converted.contact_id,
            converted.account_id,
            converted.deal_id,
        )
        assert ("Engines", contact, account, lead.owner_id) == (
            deal.name,
            deal.primary_contact_id,
            deal.account_id,
            deal.owner_id,
        )
        assert ["captured", "conversion_requested", "converted"] == desk.told(lead.id)
        assert ["created"] == desk.told(deal.id)

    def test_names_and_prices_the_deal_as_asked(self, desk, handlers):
        captured = desk.do(capture_lead, CaptureLead(last_name="x"))
        wanted = ConvertLead(
            lead_id=captured.id, expected_version=1, deal_name="Mill", amount=Money(5, "EUR")
        )
        desk.do(convert_lead, wanted)

        handle(desk, handlers, answer_to(captured.id))

        (deal,) = deals_of(desk, captured)
        assert ("Mill", Money(5, "EUR")) == (deal.name, deal.amount)

    def test_opens_no_deal_when_none_is_asked_for(self, desk, handlers):
        captured = desk.do(capture_lead, CaptureLead(last_name="x"))
        desk.do(
            convert_lead, ConvertLead(lead_id=captured.id, expected_version=1, create_deal=False)
        )

        handle(desk, handlers, answer_to(captured.id))

        assert (LeadStatus.CONVERTED, None) == (
            stored(desk, captured).status,
            stored(desk, captured).deal_id,
        )
        assert [] == deals_of(desk, captured)

    def test_happens_once_when_it_arrives_twice(self, desk, handlers, lead):
        fact = answer_to(lead.id)

        outcomes = [handle(desk, handlers, fact) for _ in range(2)]

        assert [Outcome.DONE, Outcome.REPEAT] == outcomes
        assert 1 == len(deals_of(desk, lead))

    def test_changes_nothing_when_another_answer_came_first(self, desk, handlers, lead):
        handle(desk, handlers, answer_to(lead.id))
        before = stored(desk, lead)

        for late in (LeadConversionAnswered, LeadConversionRefused):
            handle(desk, handlers, answer_to(lead.id, late))

        assert before.version == stored(desk, lead).version
        assert 1 == len(deals_of(desk, lead))

    def test_ignores_a_lead_it_does_not_know(self, desk, handlers):
        assert Outcome.DONE is handle(desk, handlers, answer_to(unseen()))


class TestLeadConversionRefused:
    def test_returns_the_lead_with_reason_and_candidates(self, desk, handlers, lead):
        fact = answer_to(lead.id, LeadConversionRefused, reason="ambiguous")

        handle(desk, handlers, fact)

        returned = stored(desk, lead)
        assert (LeadStatus.QUALIFIED, "ambiguous") == (
            returned.status,
            returned.conversion_refused_reason,
        )
        assert [str(each.id) for each in fact.record.candidates] == [
            each["id"] for each in returned.candidates
        ]
        assert "conversion_refused" == desk.told(lead.id)[-1]

    def test_happens_once_when_it_arrives_twice(self, desk, handlers, lead):
        fact = answer_to(lead.id, LeadConversionRefused)

        assert [Outcome.DONE, Outcome.REPEAT] == [handle(desk, handlers, fact) for _ in range(2)]
        assert 1 == desk.told(lead.id).count("conversion_refused")

    def test_lets_the_lead_be_converted_afterwards(self, desk, handlers, lead):
        handle(desk, handlers, answer_to(lead.id, LeadConversionRefused))
        desk.do(convert_lead, ConvertLead(lead_id=lead.id, expected_version=3))

        handle(desk, handlers, answer_to(lead.id))

        assert LeadStatus.CONVERTED is stored(desk, lead).status


def test_a_deal_is_a_deal_whoever_opens_it(desk, handlers, lead):
    handle(desk, handlers, answer_to(lead.id))

    (deal,) = deals_of(desk, lead)

    with desk.sessions() as session:
        assert session.get(Deal, deal.id).is_open
        assert 1 == len(queries.intervals_of(session, deal.id))
