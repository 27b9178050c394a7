"""A contact's own rules."""

import pytest

from crm_chassis import clock, ids
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import ContactUnnamed
from crm_contacts.model.values import ContactLifecycle, Link, Point, PointKind

pytestmark = pytest.mark.unit


def _contact(**fields):
    contact = Contact()
    contact.change({"first_name": "Zoë", "last_name": "Müller", **fields})
    return contact


def _emails(contact):
    return [(point.value, point.is_primary) for point in contact.points_of(PointKind.EMAIL)]


class TestName:
    def test_is_what_people_say(self):
        assert _contact().name == "Zoë Müller"

    def test_may_be_single(self):
        assert _contact(first_name=None).name == "Müller"

    def test_is_the_address_when_there_is_none(self):
        points = {"emails": [Point(value="z@acme.example")], "phones": [Point(value="123")]}

        assert _contact(first_name=None, last_name=None, **points).name == "z@acme.example"

    def test_is_needed(self):
        with pytest.raises(ContactUnnamed):
            Contact().change({"job_title": "Head"})

    def test_sorts_by_surname_without_accents(self):
        assert _contact().sort_name == "muller zoe"


class TestPoints:
    def test_the_first_is_primary_unless_another_says_so(self):
        first, second = Point(value="a@x.example"), Point(value="b@x.example")

        assert _emails(_contact(emails=[first, second])) == [
            ("a@x.example", True),
            ("b@x.example", False),
        ]

    def test_only_one_is_primary(self):
        both = [Point(value="a@x.example", primary=True), Point(value="b@x.example", primary=True)]

        assert [primary for _, primary in _emails(_contact(emails=both))] == [True, False]

    def test_a_repeated_value_is_kept_once(self):
        twice = [Point(value="a@x.example", label="home"), Point(value="a@x.example")]

        assert _emails(_contact(emails=twice)) == [("a@x.example", True)]

    def test_what_is_known_of_an_address_stays_when_it_stays(self):
        contact = _contact(emails=[Point(value="a@x.example"), Point(value="b@x.example")])
        contact.points[1].opted_out = True

        contact.change({"emails": [Point(value="b@x.example", label="work")]})

        assert _emails(contact) == [("b@x.example", True)]
        assert contact.points[0].opted_out

    def test_phones_are_left_alone(self):
        contact = _contact(phones=[Point(value="123")], emails=[Point(value="a@x.example")])

        contact.change({"emails": []})

        assert [point.value for point in contact.points] == ["123"]

    def test_are_free_while_the_contact_is_archived(self):
        contact = _contact(emails=[Point(value="a@x.example")])

        contact.archive(at=clock.now())
        away = contact.points[0].is_live
        contact.restore()

        assert (away, contact.points[0].is_live) == (False, True)


class TestAccounts:
    def test_the_first_is_the_main_one(self):
        one, other = ids.new(), ids.new()

        contact = _contact(account_links=[Link(account_id=one), Link(account_id=other)])

        assert contact.account_id == one

    def test_a_new_main_account_leaves_the_old_one_linked(self):
        old, new = ids.new(), ids.new()
        contact = _contact(account_id=old)

        contact.change({"account_id": new})

        assert contact.account_id == new
        assert {link.account_id for link in contact.links} == {old, new}

    def test_null_leaves_the_main_account(self):
        contact = _contact(account_id=ids.new())

        contact.change({"account_id": None})

        assert contact.links == []

    def test_joining_twice_is_joining_once(self):
        contact, account_id = _contact(), ids.new()

        contact.join(account_id)
        contact.join(account_id)

        assert [link.is_primary for link in contact.links] == [True]

    def test_joining_another_keeps_the_main_one(self):
        contact = _contact(account_id=(main := ids.new()))

        contact.join(ids.new())

        assert contact.account_id == main


class TestBecomeCustomer:
    def test_counts_once(self):
        contact = _contact()

        assert contact.become_customer()
        assert not contact.become_customer()

    def test_an_evangelist_stays_one(self):
        contact = _contact(lifecycle=ContactLifecycle.EVANGELIST)

        assert not contact.become_customer()
        assert contact.lifecycle is ContactLifecycle.EVANGELIST
