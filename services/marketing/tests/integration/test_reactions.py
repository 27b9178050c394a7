"""What a won deal causes: one welcome per deal and contact."""

import pytest
from services.marketing.tests.factories import a_contact, a_won_deal

from crm_marketing import reactions

pytestmark = pytest.mark.integration


@pytest.fixture
def react(doing):
    return lambda fact: doing(reactions.deal_won, fact)


def onboarded(api):
    found = api.get("/v1/enrollments").json["items"]
    return [(each["reason"], each["contact_id"]) for each in found]


class TestDealWon:
    def test_welcomes_the_contact_by_mail(
        self, react, api, arrives, sender, sessions, mail_server, facts
    ):
        contact = a_contact(1)
        arrives(contact)

        react(a_won_deal(primary_contact_id=contact.id))
        sender().run(sessions)

        assert onboarded(api) == [("onboarding", str(contact.id))]
        assert len(mail_server.to("marta1@example.com")) == 1
        assert facts() == [
            "template.created",
            "campaign.created",
            "campaign_tally.counted",
            "enrollment.created",
            "message.queued",
            "message.sent",
        ]

    def test_once_when_won_reopened_and_won_again(self, react, api, arrives):
        one, two = a_contact(1), a_contact(2)
        arrives(one, two)

        react(a_won_deal(primary_contact_id=one.id))
        react(a_won_deal(version=3, primary_contact_id=one.id))
        react(a_won_deal(version=5, primary_contact_id=two.id))

        assert onboarded(api) == [("onboarding", str(one.id))]

    def test_once_per_contact(self, react, api, arrives):
        contact = a_contact(1)
        arrives(contact)

        react(a_won_deal(1, primary_contact_id=contact.id))
        react(a_won_deal(2, primary_contact_id=contact.id))

        assert len(onboarded(api)) == 1

    def test_waits_for_a_contact_that_arrives_later(
        self, react, api, arrives, sender, sessions, mail_server
    ):
        contact = a_contact(1)
        react(a_won_deal(primary_contact_id=contact.id))
        sender().run(sessions)
        assert mail_server.taken == []

        arrives(contact)
        from sqlalchemy import text

        with sessions() as session, session.begin():
            session.execute(text("update message set due_at = now()"))
        sender().run(sessions)

        assert len(mail_server.to("marta1@example.com")) == 1
        assert api.get("/v1/messages").json["items"][0]["subject"] == "Welcome, Marta"

    def test_a_deal_without_contacts_causes_nothing(self, react, facts):
        react(a_won_deal(primary_contact_id=None, contact_ids=()))
        assert facts() == []

    def test_an_archived_campaign_welcomes_nobody(self, react, api, arrives):
        arrives(a_contact(1), a_contact(2))
        react(a_won_deal(1, primary_contact_id=a_contact(1).id))
        path = f"/v1/campaigns/{api.get('/v1/campaigns').json['items'][0]['id']}"
        api.put(f"{path}/pause", 1)
        assert api.delete(path, 2).status_code == 200

        react(a_won_deal(2, primary_contact_id=a_contact(2).id))

        assert len(onboarded(api)) == 1
