"""Nobody is written to more often than they wish, nor in a pause."""

from datetime import UTC, datetime, timedelta

import pytest
from services.marketing.tests.factories import a_contact

from crm_chassis import clock
from crm_contracts.contacts import FrequencyCap, Preferences
from crm_marketing.copies import COPIES
from crm_marketing.model.wishes import Wishes

pytestmark = pytest.mark.integration
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def mailed(api, arrives, ticks, sender, sessions):
    """`mailed(contact)` has a new campaign write to a contact; returns its message."""

    def mail(contact):
        arrives(contact)
        segment = api.made("/v1/segments", name="S", type="static", member_ids=[str(contact.id)])
        words = {"subject": "Hi", "body_text": "Dear {{ name }}"}
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **words)
        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()
        sender().run(sessions)
        return api.get(f"/v1/messages?campaign_id={campaign['id']}").json["items"][0]

    return mail


class TestSender:
    """C16."""

    def test_sends_no_more_than_is_wished(self, mailed, mail_server):
        cap = FrequencyCap(channel="email", most=2, per="week")
        contact = a_contact(1, preferences=Preferences(caps=(cap,)))

        results = [mailed(contact) for _ in range(3)]

        assert ["sent", "sent", "suppressed"] == [each["status"] for each in results]
        assert "capped" == results[2]["suppress_reason"]
        assert 2 == len(mail_server.taken)

    def test_sends_nothing_in_a_pause(self, mailed, mail_server):
        pause = Preferences(pause_until=clock.now() + timedelta(days=1))

        message = mailed(a_contact(1, preferences=pause))

        assert ("suppressed", "paused") == (message["status"], message["suppress_reason"])
        assert [] == mail_server.taken

    def test_caps_of_other_channels_do_not_count(self, mailed):
        cap = FrequencyCap(channel="sms", most=0, per="day")

        assert "sent" == mailed(a_contact(1, preferences=Preferences(caps=(cap,))))["status"]


class TestWishes:
    @pytest.mark.parametrize(
        ("begin", "end", "paused"),
        [(None, 1, True), (None, -1, False), (-1, 1, True), (1, 2, False), (None, None, False)],
    )
    def test_a_pause_has_a_beginning_and_an_end(self, begin, end, paused):
        times = {
            name: days and (NOW + timedelta(days=days)).isoformat()
            for name, days in (("pause_from", begin), ("pause_until", end))
        }

        assert paused is Wishes.of(times).is_paused(NOW)

    def test_what_is_not_understood_is_no_wish(self):
        strange = {"caps": [{"channel": "email", "most": 1, "per": "aeon"}]}

        assert Wishes() == Wishes.of(strange) == Wishes.of(None)


def test_notes_never_reach_marketing() -> None:
    """W3: what is internal stays in the house; marketing keeps no notes at all."""
    assert "note" not in {copy.of.kind for copy in COPIES}
