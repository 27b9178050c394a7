"""The own rules of accounts and tasks."""

import pytest

from crm_chassis import clock, ids
from crm_contacts.model.account import Account
from crm_contacts.model.conversion import LeadConversion
from crm_contacts.model.errors import TaskCancelled
from crm_contacts.model.task import Task
from crm_contacts.model.values import AccountLifecycle, AccountType, ConversionStatus, TaskStatus

pytestmark = pytest.mark.unit
NOW = clock.now()


class TestAccount:
    def test_is_found_by_any_spelling(self):
        account = Account(name="Acmé GmbH")
        account.change({"name": "Acme Ltd"})

        assert (account.name_key, account.sort_name) == ("acme", "acme ltd")

    def test_becomes_a_customer_once(self):
        account = Account(name="Acme")

        assert account.become_customer(at=NOW)
        assert not account.become_customer(at=clock.now())
        assert (account.type, account.customer_since) == (AccountType.CUSTOMER, NOW)

    def test_a_partner_that_buys_stays_a_partner(self):
        account = Account(name="Acme", type=AccountType.PARTNER)

        account.become_customer(at=NOW)

        assert account.type is AccountType.PARTNER

    def test_one_that_comes_back_is_a_customer_since_the_first_time(self):
        account = Account(name="Acme")
        account.become_customer(at=NOW)
        account.change({"lifecycle": AccountLifecycle.CHURNED})

        account.become_customer(at=clock.now())

        assert account.customer_since == NOW


class TestTask:
    def test_is_done_at_a_time_only_while_it_is_done(self):
        task = Task(title="Call")

        task.complete(at=NOW)
        done_at = task.done_at
        task.change({"status": TaskStatus.OPEN}, at=NOW)

        assert (done_at, task.done_at) == (NOW, None)

    def test_may_be_created_done(self):
        task = Task(title="Call", status=TaskStatus.DONE)

        task.change({}, at=NOW)

        assert task.done_at == NOW

    def test_cannot_be_completed_when_cancelled(self):
        with pytest.raises(TaskCancelled):
            Task(title="Call", status=TaskStatus.CANCELLED).complete(at=NOW)


class TestLeadConversion:
    def test_a_match_forgets_the_refusal(self):
        conversion = LeadConversion(lead_id=ids.new())
        conversion.refuse("several-accounts-match", [("account", ids.new(), "same name")])
        contact_id = ids.new()

        conversion.match(contact_id=contact_id, account_id=None)

        assert conversion.status is ConversionStatus.MATCHED
        assert (conversion.contact_id, conversion.reason) == (contact_id, None)
        assert conversion.candidates == []
