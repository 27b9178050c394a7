"""Facts and records survive the wire, and nothing else is taken for one."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crm_contracts as contracts
from crm_contracts.golden import golden
from crm_contracts.samples import sample_body

WON = contracts.sales.DealWon
every_fact = pytest.mark.parametrize("fact_class", contracts.FACTS.values(), ids=lambda f: f.type)


def _changed(body: bytes, **values: Any) -> bytes:
    return json.dumps({**json.loads(body), **values}).encode()


@every_fact
class TestEveryFact:
    def test_survives_the_wire(self, fact_class):
        fact = golden(fact_class)

        assert fact == contracts.decode(contracts.encode(fact))

    def test_carries_the_bytes_of_its_record(self, fact_class):
        fact = golden(fact_class)
        body = contracts.record_body(fact.record)

        envelope = contracts.envelope(contracts.encode(fact))

        assert body == envelope.record
        assert (fact.subject, fact.subject_version) == (envelope.subject, envelope.subjectversion)
        assert fact.record == contracts.record_from(
            envelope.service, envelope.kind, envelope.record
        )

    def test_ignores_unknown_fields(self, fact_class):
        body = json.loads(contracts.encode(golden(fact_class)))
        body["data"]["record"]["added_next_year"] = {"x": 1}
        body["added"] = True

        assert golden(fact_class) == contracts.decode(json.dumps(body).encode())

    def test_has_a_committed_sample(self, fact_class):
        assert golden(fact_class) == contracts.sample(fact_class)


class TestDecode:
    def test_refuses_an_unknown_major(self):
        body = _changed(sample_body(WON.type), type="sales.deal.won.v2")

        with pytest.raises(contracts.UnknownMajor):
            contracts.decode(body)

    def test_refuses_an_unknown_type(self):
        body = _changed(sample_body(WON.type), type="sales.deal.forgotten.v1")

        with pytest.raises(contracts.UnknownType) as caught:
            contracts.decode(body)

        assert not isinstance(caught.value, contracts.UnknownMajor)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff\xfe",
            b"{",
            b"[]",
            b'{"type": "sales.deal.won.v1"}',
            _changed(sample_body(WON.type), specversion="0.3"),
            _changed(sample_body(WON.type), id="seven"),
            _changed(sample_body(WON.type), data={"record": {"id": 7}}),
            _changed(sample_body(WON.type), data={"record": "\ud800"}),
        ],
    )
    def test_refuses_what_is_no_fact(self, body):
        with pytest.raises(contracts.Undecodable):
            contracts.decode(body)

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_never_fails_in_another_way(self, body):
        with pytest.raises(contracts.ContractError):
            contracts.decode(body)

    @settings(deadline=None)
    @given(
        name=st.text(max_size=50).filter(lambda text: text.isprintable()),
        amount=st.decimals(0, 10**12, places=4, allow_nan=False),
        version=st.integers(1, 2**62),
        hops=st.integers(0, 16),
        by=st.none() | st.text(max_size=20).filter(lambda text: text.isprintable()),
    )
    def test_round_trip(self, name, amount, version, hops, by):
        fact = golden(WON)
        money = contracts.Money(amount, "EUR")
        record = replace(fact.record, name=name, amount=money, version=version)
        fact = replace(fact, record=record, hops=hops, on_behalf_of=by)

        assert fact == contracts.decode(contracts.encode(fact))


class TestEnvelope:
    def test_leaves_the_record_as_it_came(self):
        body = sample_body(WON.type)

        record = contracts.envelope(body).record

        assert record in body
        assert json.loads(body)["data"]["record"] == json.loads(record)

    def test_reads_a_type_of_next_year(self):
        body = _changed(sample_body(WON.type), type="sales.deal.forgotten.v1")

        assert contracts.envelope(body).type == "sales.deal.forgotten.v1"


class TestRecord:
    def test_begins_with_the_fields_of_every_record(self):
        body = json.loads(contracts.record_body(golden(WON).record))

        assert list(body)[:11] == [
            "id",
            "public_no",
            "version",
            "created_at",
            "updated_at",
            "created_by",
            "updated_by",
            "archived_at",
            "owner_id",
            "team_id",
            "visibility",
        ]

    def test_calls_a_ticket_s_kind_by_its_json_name(self):
        ticket = golden(contracts.support.TicketOpened).record

        assert json.loads(contracts.record_body(ticket))["kind"] == "question"

    def test_refuses_an_unknown_kind(self):
        with pytest.raises(contracts.UnknownType):
            contracts.record_from("sales", "yacht", b"{}")

    @pytest.mark.parametrize(
        ("amount", "written"),
        [
            ("5", "5.00"),
            ("5.1", "5.10"),
            ("5.1234", "5.1234"),
            ("5.1200", "5.12"),
            ("1E+3", "1000.00"),
        ],
    )
    def test_writes_money_with_two_to_four_decimals(self, amount, written):
        money = contracts.Money(Decimal(amount), "EUR")

        assert written == str(money.amount)


class TestCustomers:
    def test_a_deal_belongs_to_its_contacts_and_account(self):
        deal = golden(WON).record

        assert deal.customers() == {deal.primary_contact_id, deal.account_id}

    def test_a_note_belongs_to_those_of_its_subjects_that_are_customers(self):
        note = golden(contracts.contacts.NoteAdded).record

        assert note.customers() == {each.id for each in note.subjects if each.type == "contact"}

    def test_a_contact_belongs_to_itself_and_its_accounts(self):
        contact = golden(contracts.contacts.ContactCreated).record

        assert contact.customers() == {contact.id, *contact.account_ids}


class TestTimelineEntry:
    def test_is_named_after_the_fact(self):
        fact = golden(WON)

        entry = contracts.timeline_entry(fact)

        assert entry is not None
        assert (fact.id, 1, "deal.won", "sales") == (
            entry.id,
            entry.version,
            entry.entry_kind,
            entry.entry_service,
        )
        assert entry.title == f"Deal won: {fact.record.name}"
        assert entry.customers() == fact.record.customers()

    def test_takes_the_time_of_the_event_where_the_record_says_it(self):
        fact = golden(contracts.contacts.InteractionLogged)

        entry = contracts.timeline_entry(fact)

        assert entry is not None
        assert fact.record.at == entry.at

    def test_takes_braces_and_long_names_as_they_are(self):
        fact = golden(WON)
        fact = replace(fact, record=replace(fact.record, name="{name}" * 100))

        entry = contracts.timeline_entry(fact)

        assert entry is not None
        assert entry.title.startswith("Deal won: {name}{name}")
        assert len(entry.title) == 200

    def test_ends_well_when_there_is_nothing_to_name(self):
        fact = golden(contracts.contacts.InteractionLogged)

        entry = contracts.timeline_entry(replace(fact, record=replace(fact.record, subject=None)))

        assert entry is not None
        assert entry.title == "Logged call"

    @every_fact
    def test_is_there_for_every_titled_fact_of_a_customer(self, fact_class):
        fact = golden(fact_class)

        shown = contracts.timeline_entry(fact) is not None

        assert shown == (fact.title is not None and bool(fact.record.customers()))

    def test_is_absent_without_a_customer(self):
        fact = golden(WON)
        record = replace(fact.record, primary_contact_id=None, account_id=None, contact_ids=())

        assert contracts.timeline_entry(replace(fact, record=record)) is None

    def test_survives_the_wire(self):
        entry = contracts.timeline_entry(golden(WON))
        assert entry is not None

        assert entry == contracts.record_from("sales", "timeline", contracts.record_body(entry))


def test_every_service_has_its_facts_and_records():
    assert set(contracts.SERVICES) == {kind[0] for kind in contracts.RECORDS}
    assert len(contracts.FACTS) == len({fact.__doc__ for fact in contracts.FACTS.values()})
    assert UUID(int=0) not in {golden(fact).id for fact in contracts.FACTS.values()}
    assert contracts.facts_of(contracts.gateway.Team) == (
        contracts.gateway.TeamCreated,
        contracts.gateway.TeamUpdated,
    )
