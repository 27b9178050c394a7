"""Segments, enrollments and messages follow merges of contacts."""

from dataclasses import replace

import pytest
from services.marketing.tests.factories import a_contact

import crm_contracts as contracts
from crm_chassis import ids, inbox, listen
from crm_contracts.contacts import ContactMerged, ContactUnmerged
from crm_marketing.worker import Worker

pytestmark = pytest.mark.integration
HANDLERS = {each.fact: each for each in listen.handlers_of(Worker, "marketing")}


@pytest.fixture
def hear(sessions):
    def heard(contact, version, into):
        fact = contracts.sample(ContactUnmerged if into is None else ContactMerged)
        record = replace(contact, version=version, merged_into_id=into and into.id)
        fact = replace(fact, id=ids.new(), record=record)
        return inbox.handle(sessions, HANDLERS[type(fact)], contracts.encode(fact))

    return heard


def members(api, segment):
    found = api.get(f"/v1/segments/{segment['id']}/members").json["items"]
    return {each["contact_id"] for each in found}


class TestStaticSegments:
    def test_name_the_survivor_once_and_both_again_after_an_undo(self, api, arrives, hear):
        old, new = a_contact(1), a_contact(2)
        arrives(old, new)
        both = [str(old.id), str(new.id)]
        shared = api.made("/v1/segments", name="Both", type="static", member_ids=both)
        alone = api.made("/v1/segments", name="One", type="static", member_ids=both[:1])

        hear(old, 2, new)

        assert {str(new.id)} == members(api, shared) == members(api, alone)
        hear(old, 3, None)
        assert set(both) == members(api, shared)
        assert {str(old.id)} == members(api, alone)

    def test_name_a_survivor_who_had_left(self, api, arrives, hear):
        old, new = a_contact(1), a_contact(2)
        arrives(old, new)
        both = [str(old.id), str(new.id)]
        segment = api.made("/v1/segments", name="Both", type="static", member_ids=both)
        api.put(f"/v1/segments/{segment['id']}/members", body={"remove": both[1:]})

        hear(old, 2, new)

        assert {str(new.id)} == members(api, segment)


class TestCampaigns:
    def test_write_only_once_to_two_who_are_one(
        self, api, arrives, hear, ticks, sender, sessions, mail_server
    ):
        old, new = a_contact(1), a_contact(2)
        arrives(old, new)
        both = [str(old.id), str(new.id)]
        segment = api.made("/v1/segments", name="Both", type="static", member_ids=both)
        campaign = api.made(
            "/v1/campaigns",
            name="News",
            segment_id=segment["id"],
            subject="News",
            body_text="News.",
        )
        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()

        hear(old, 2, new)
        sender().run(sessions)

        assert 1 == len(mail_server.to("marta2@example.com"))
        assert [] == mail_server.to("marta1@example.com")
        messages = api.get(f"/v1/messages?campaign_id={campaign['id']}").json["items"]
        assert {None, "merged"} == {each["suppress_reason"] for each in messages}
        assert {str(new.id)} == {each["contact_id"] for each in messages}
