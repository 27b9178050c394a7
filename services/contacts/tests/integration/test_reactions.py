"""Each reaction once, twice and out of order, with the producers' published samples."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_chassis import ids
from crm_contacts import copies, reactions
from crm_contracts import contacts as told
from crm_contracts import marketing, record_body, record_from, sales, sample, support

pytestmark = pytest.mark.integration


def _with(fact, **changes):
    return replace(fact, record=replace(fact.record, **changes))


@pytest.fixture
def customer(api):
    """A contact with its account."""
    account = api.made("/v1/accounts", name="Northwind", domain="northwind.example")
    contact = api.made(
        "/v1/contacts",
        first_name="Marta",
        emails=[{"value": "marta@northwind.example"}],
        account_id=account["id"],
    )
    return contact, account


class TestDealWon:
    def _fact(self, customer):
        contact, account = customer
        fact = sample(sales.DealWon)
        return _with(fact, primary_contact_id=contact["id"], account_id=account["id"])

    def test_makes_contact_and_account_customers(self, api, doing, facts, customer):
        fact = self._fact(customer)

        doing(reactions.deal_won, fact)

        contact, account = customer
        assert api.get(f"/v1/contacts/{contact['id']}").json["lifecycle"] == "customer"
        account = api.get(f"/v1/accounts/{account['id']}").json
        assert (account["lifecycle"], account["type"]) == ("customer", "customer")
        assert account["customer_since"] == fact.record.closed_at.isoformat().replace("+00:00", "Z")
        assert sorted(facts()[2:]) == ["account.lifecycle_changed", "contact.lifecycle_changed"]

    def test_announces_once_when_repeated(self, doing, facts, customer):
        doing(reactions.deal_won, self._fact(customer))
        doing(reactions.deal_won, self._fact(customer))

        assert len(facts()) == 4

    @pytest.mark.parametrize("contact_id", [None, ids.new()])
    def test_passes_over_whom_we_do_not_know(self, doing, facts, contact_id):
        fact = sample(sales.DealWon)

        doing(reactions.deal_won, _with(fact, primary_contact_id=contact_id, account_id=None))

        assert facts() == []


class TestLeadConversionRequested:
    FACT = sample(sales.LeadConversionRequested)

    def _answer(self, sessions):
        with sessions() as session:
            body = session.scalar(text("select body from record where kind = 'lead_conversion'"))
        answer = record_from("contacts", "lead_conversion", body)
        assert isinstance(answer, told.LeadConversion)
        return answer

    def test_creates_the_contact_and_its_account(self, api, doing, facts, sessions):
        doing(reactions.lead_conversion_requested, self.FACT)

        lead, answer = self.FACT.record, self._answer(sessions)
        contact = api.get(f"/v1/contacts/{answer.contact_id}").json
        account = api.get(f"/v1/accounts/{answer.account_id}").json
        assert (contact["name"], contact["owner_id"]) == (lead.name, str(lead.owner_id))
        assert contact["emails"][0]["value"] == lead.email
        assert contact["account_id"] == account["id"]
        assert (account["name"], account["domain"]) == (lead.company, "northwind.example")
        assert (answer.lead_id, answer.status) == (lead.id, "matched")
        assert sorted(facts()) == [
            "account.created",
            "contact.created",
            "lead_conversion.answered",
        ]

    def test_matches_the_contact_by_address_and_the_account_by_name(
        self, api, doing, facts, sessions
    ):
        lead = self.FACT.record
        account = api.made("/v1/accounts", name="NORTHWIND TRADERS Ltd.")
        contact = api.made("/v1/contacts", emails=[{"value": lead.email.upper()}])

        doing(reactions.lead_conversion_requested, self.FACT)

        answer = self._answer(sessions)
        assert (str(answer.contact_id), str(answer.account_id)) == (contact["id"], account["id"])
        assert sorted(facts()[2:]) == ["contact.updated", "lead_conversion.answered"]

    def test_matches_the_account_by_domain(self, api, doing, sessions):
        account = api.made("/v1/accounts", name="NW Holding", domain="northwind.example")

        doing(reactions.lead_conversion_requested, _with(self.FACT, company=None))

        assert str(self._answer(sessions).account_id) == account["id"]

    def test_takes_the_contact_and_account_the_lead_names(self, doing, sessions, customer):
        contact, account = customer
        fact = _with(self.FACT, contact_id=contact["id"], account_id=account["id"])

        doing(reactions.lead_conversion_requested, fact)

        answer = self._answer(sessions)
        assert (str(answer.contact_id), str(answer.account_id)) == (contact["id"], account["id"])

    def test_answers_once_when_repeated(self, doing, facts):
        doing(reactions.lead_conversion_requested, self.FACT)
        before = facts()

        doing(reactions.lead_conversion_requested, self.FACT)

        assert facts() == before

    def test_answers_the_same_when_asked_anew(self, doing, facts, sessions):
        doing(reactions.lead_conversion_requested, self.FACT)
        first = self._answer(sessions)
        later = _with(self.FACT, version=self.FACT.record.version + 1)

        doing(reactions.lead_conversion_requested, later)

        again = self._answer(sessions)
        assert (first.contact_id, first.account_id) == (again.contact_id, again.account_id)
        assert facts()[-1] == "lead_conversion.answered"

    def test_an_older_request_that_comes_late_changes_nothing(self, doing, facts):
        doing(reactions.lead_conversion_requested, self.FACT)
        before = facts()

        doing(reactions.lead_conversion_requested, _with(self.FACT, version=1))

        assert facts() == before

    def test_refuses_when_several_accounts_match_and_names_them(self, api, doing, facts, sessions):
        twins = {api.made("/v1/accounts", name="Northwind Traders")["id"] for _ in range(2)}

        doing(reactions.lead_conversion_requested, self.FACT)

        answer = self._answer(sessions)
        assert (answer.status, answer.reason) == ("refused", "several-accounts-match")
        assert twins == {str(each.id) for each in answer.candidates}
        assert facts()[2:] == ["lead_conversion.refused"]

    def test_matches_after_the_cause_of_a_refusal_is_gone(self, api, doing, facts, sessions):
        twins = [api.made("/v1/accounts", name="Northwind Traders")["id"] for _ in range(2)]
        doing(reactions.lead_conversion_requested, self.FACT)
        api.delete(f"/v1/accounts/{twins[0]}", 1)

        later = _with(self.FACT, version=self.FACT.record.version + 1)
        doing(reactions.lead_conversion_requested, later)

        answer = self._answer(sessions)
        assert (answer.status, str(answer.account_id)) == ("matched", twins[1])

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"contact_id": ids.new()}, "contact-unknown"),
            ({"account_id": ids.new()}, "account-unknown"),
            ({"email": "nonsense"}, "email-invalid"),
            (
                {"first_name": None, "last_name": None, "email": None, "phone": "x"},
                "nothing-to-call-it-by",
            ),
        ],
    )
    def test_refuses(self, doing, facts, sessions, changes, reason):
        doing(reactions.lead_conversion_requested, _with(self.FACT, **changes))

        assert self._answer(sessions).reason == reason
        assert facts() == ["lead_conversion.refused"]

    def test_a_lead_without_a_company_has_no_account(self, doing, sessions):
        fact = _with(self.FACT, company=None, email="someone@gmail.com", phone="unreadable")

        doing(reactions.lead_conversion_requested, fact)

        assert self._answer(sessions).account_id is None


class TestUrgentTicket:
    FACT = sample(support.TicketPriorityChanged)

    def _deal(self, sessions, **changes):
        deal = replace(sample(sales.DealCreated).record, **changes)
        copy = copies.COPIES[0]
        row = {name: getattr(deal, name) for name in copy.columns}
        with sessions.begin() as session:
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            statement = f"insert into deal_copy (id, version, {names}) values (:id, 1, {values})"
            session.execute(text(statement), {"id": deal.id, **row})
        assert record_body(deal)
        return deal

    def _tasks(self, api):
        return api.get("/v1/tasks").json["items"]

    def test_makes_a_task_for_the_owner_of_the_newest_open_deal(self, api, doing, sessions):
        self._deal(sessions, id=ids.new(), owner_id=ids.new())
        newest = self._deal(sessions, id=ids.new(), owner_id=ids.new())
        self._deal(sessions, id=ids.new(), owner_id=ids.new(), status="won")

        doing(reactions.ticket_priority_changed, self.FACT)

        (task,), ticket = self._tasks(api), self.FACT.record
        assert task["assignee_id"] == str(newest.owner_id)
        assert (task["priority"], task["origin"]) == ("urgent", f"urgent-ticket:{ticket.id}")
        assert {each["type"] for each in task["subjects"]} == {
            "ticket",
            "contact",
            "account",
            "deal",
        }

    def test_makes_it_once_whatever_fact_comes_first(self, api, doing, facts):
        opened = _with(sample(support.TicketOpened), priority="urgent")

        doing(reactions.ticket_priority_changed, self.FACT)
        doing(reactions.ticket_opened, opened)
        task = self._tasks(api)[0]
        api.delete(f"/v1/tasks/{task['id']}", 1)
        doing(reactions.ticket_priority_changed, self.FACT)

        assert facts() == ["task.created", "task.archived"]

    def test_falls_back_to_the_owner_of_the_contact(self, api, doing):
        owner = str(ids.new())
        contact = api.made("/v1/contacts", first_name="Marta", owner_id=owner)

        doing(reactions.ticket_opened, _with(self.FACT, requester_id=UUID(contact["id"])))

        assert self._tasks(api)[0]["assignee_id"] == owner

    def test_is_the_department_s_when_nobody_owns_the_customer(self, api, doing):
        doing(reactions.ticket_opened, self.FACT)

        (task,) = self._tasks(api)
        assert (task["assignee_id"], task["department"]) == (None, "sales")

    @pytest.mark.parametrize("changes", [{"priority": "high"}, {"status": "resolved"}])
    def test_passes_over_a_ticket_that_is_not_urgent_or_is_over(self, doing, facts, changes):
        doing(reactions.ticket_opened, _with(self.FACT, **changes))

        assert facts() == []


class TestConversionOfSomebodyKnown:
    @pytest.fixture
    def blocking(self, calling):
        admin = calling("admin")
        admin.put("/v1/duplicates/policy", body={"rule": "block"})
        yield
        admin.put("/v1/duplicates/policy", body={"rule": "warn"})

    def test_is_refused_with_the_candidates(self, api, doing, sessions, blocking, facts):
        phones = [{"value": "+4930123456"}]
        anna = api.made("/v1/contacts", first_name="Anna", last_name="Zwirner", phones=phones)
        nobody = {"contact_id": None, "account_id": None, "email": None, "company": None}
        someone = {"first_name": "Anna", "last_name": "Zwirner", "phone": "+4930123456"}

        fact = _with(sample(sales.LeadConversionRequested), **nobody, **someone)
        doing(reactions.lead_conversion_requested, fact)

        with sessions() as session:
            found = session.execute(text("select reason, candidates from lead_conversion")).one()
        assert found.reason == "contact-may-exist"
        assert [each["id"] for each in found.candidates] == [anna["id"]]
        assert facts() == ["contact.created", "lead_conversion.refused"]


class TestMessageUnsubscribed:
    FACT = sample(marketing.MessageUnsubscribed)

    @pytest.fixture
    def reader(self, api):
        emails = [{"value": "eva@example.com"}, {"value": "eva@example.org"}]
        return api.made("/v1/contacts", first_name="Eva", emails=emails)

    def _hear(self, doing, reader, fact=FACT):
        doing(reactions.message_unsubscribed, _with(fact, contact_id=UUID(reader["id"])))

    def _said(self, api, reader):
        return api.get(f"/v1/contacts/{reader['id']}/consents").json["items"]

    def test_withdraws_the_consent_with_the_mail_as_evidence(self, api, doing, reader):
        self._hear(doing, reader)

        (said,) = self._said(api, reader)
        assert ("withdrawn", "email", "marketing", "marketing") == tuple(
            said[name] for name in ("status", "channel", "purpose", "source")
        )
        assert (str(self.FACT.record.id), "unsubscription") == tuple(
            said["evidence"][name] for name in ("message_id", "form_id")
        )
        contact = api.get(f"/v1/contacts/{reader['id']}").json
        assert {True} == {each["opted_out"] for each in contact["emails"]}

    def test_once_per_fact(self, api, doing, facts, reader):
        self._hear(doing, reader)
        before = facts()

        self._hear(doing, reader)

        assert before == facts()

    def test_beats_an_older_grant_and_yields_to_a_later_one(self, api, doing, reader):
        grant = {"channel": "email", "purpose": "marketing", "status": "granted"}
        path = f"/v1/contacts/{reader['id']}/consents"
        api.post(path, grant | {"at": "2020-01-01T00:00:00Z"})

        self._hear(doing, reader)

        shown = api.get(f"/v1/contacts/{reader['id']}").json
        assert {True} == {each["opted_out"] for each in shown["emails"]}
        api.post(path, grant)
        shown = api.get(f"/v1/contacts/{reader['id']}").json
        assert {False} == {each["opted_out"] for each in shown["emails"]}

    def test_of_a_contact_that_was_put_away_counts_when_it_is_back(self, api, doing, reader):
        path = f"/v1/contacts/{reader['id']}"
        api.delete(path, version=1)

        self._hear(doing, reader)

        version = api.get(path).json["version"]
        back = api.put(f"{path}/restoration", version=version).json
        assert {True} == {each["opted_out"] for each in back["emails"]}

    def test_of_an_absorbed_contact_is_the_survivors(self, api, doing, reader):
        survivor = api.made("/v1/contacts", first_name="Eve", emails=[{"value": "eve@example.com"}])
        body = {"absorbed_ids": [reader["id"]]}
        api.post(f"/v1/contacts/{survivor['id']}/merge", body, version=1)

        self._hear(doing, reader, sample(marketing.MessageComplained))

        (said,) = self._said(api, survivor)
        assert "complaint" == said["evidence"]["form_id"]

    def test_of_nobody_we_know_changes_nothing(self, doing, facts):
        self._hear(doing, {"id": str(ids.new())})

        assert [] == facts()
