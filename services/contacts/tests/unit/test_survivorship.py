"""Which values a survivor keeps."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_chassis import ids
from crm_contacts.model.contact import Contact
from crm_contacts.model.survivorship.contacts import absorb, snapshot, withdraw
from crm_contacts.model.values import ContactLifecycle, Link, Point

EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def a_contact(day=0, **changes):
    contact = Contact()
    contact.change({"first_name": "Anna", **changes})
    contact.created_at = contact.updated_at = EARLY + timedelta(days=day)
    return contact


class TestAbsorb:
    def test_takes_what_is_missing_from_whoever_changed_last(self):
        survivor = a_contact(0)

        absorb(survivor, [a_contact(1, job_title="Buyer"), a_contact(2, job_title="Boss")], {})

        assert "Boss" == survivor.job_title

    def test_takes_an_address_whole(self):
        street = [{"street": "Ringweg 1", "city": "Ulm"}]
        survivor = a_contact(addresses=[{"city": "Bonn"}])

        absorb(survivor, [a_contact(1, addresses=street)], {})

        assert [{"city": "Bonn"}] == survivor.addresses

    def test_counts_from_the_first_that_was_known_and_where_from(self):
        survivor = a_contact(5, source="fair")

        absorb(survivor, [a_contact(1, source="web form"), a_contact(3, source="import")], {})

        assert (EARLY + timedelta(days=1), "web form") == (survivor.created_at, survivor.source)

    @pytest.mark.parametrize(
        ("mine", "theirs", "kept"),
        [("lead", "customer", "customer"), ("customer", "lead", "customer"),
         ("other", "lead", "lead"), ("lead", "other", "lead")],
    )  # fmt: skip
    def test_keeps_the_furthest_lifecycle(self, mine, theirs, kept):
        survivor = a_contact(lifecycle=ContactLifecycle(mine))

        absorb(survivor, [a_contact(lifecycle=ContactLifecycle(theirs))], {})

        assert kept == survivor.lifecycle

    def test_unites_numbers_accounts_and_tags_each_once(self):
        account, other = ids.new(), ids.new()
        number, more = Point(value="+4930901820"), Point(value="+4930901821")
        survivor = a_contact(phones=[number], account_links=[Link(account_id=account)], tags=["a"])
        links = [Link(account_id=account), Link(account_id=other)]

        absorb(
            survivor, [a_contact(phones=[number, more], account_links=links, tags=["b", "a"])], {}
        )

        assert ["+4930901820", "+4930901821"] == [each.value for each in survivor.points]
        assert [True, False] == [each.is_primary for each in survivor.points]
        assert [account, other] == [each.account_id for each in survivor.links]
        assert (account, ["a", "b"]) == (survivor.account_id, survivor.tags)

    def test_knows_of_a_shared_number_what_is_worst(self):
        survivor, other = (a_contact(phones=[Point(value="+4930901820")]) for _ in range(2))
        other.points[0].deliverability = "invalid"

        absorb(survivor, [other], {})

        assert "invalid" == survivor.points[0].deliverability

    def test_does_not_call_whom_either_asked_not_to(self):
        survivor = a_contact()

        absorb(survivor, [a_contact(do_not_call=True)], {})

        assert survivor.do_not_call


class TestWithdraw:
    def test_keeps_what_came_after(self):
        survivor = a_contact(tags=["mine"])
        before = snapshot(survivor)
        absorb(survivor, [a_contact(tags=["theirs"], phones=[Point(value="+4930901820")])], {})
        after = snapshot(survivor)
        survivor.change({"tags": ["mine", "theirs", "later"], "phones": [
            Point(value="+4930901820"), Point(value="+4930901899")]})  # fmt: skip

        conflicts = withdraw(survivor, before, after)

        assert ([], ["mine", "later"]) == (conflicts, survivor.tags)
        assert [("+4930901899", True)] == [(p.value, p.is_primary) for p in survivor.points]
