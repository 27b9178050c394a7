"""How contacts want to be written to, also when two turn out to be one."""

from datetime import UTC, datetime

import pytest

from crm_contacts.model.preferences import strictest

pytestmark = pytest.mark.integration
UNTIL = "2027-01-01T00:00:00Z"
WEEKLY = {"email": {"most": 1, "per": "week"}}


@pytest.fixture
def contact(api):
    return api.made("/v1/contacts", last_name="Ngo", language="en")


def wish(api, contact, version=1, **wishes):
    return api.put(f"/v1/contacts/{contact['id']}/preferences", version, wishes)


class TestSetPreferences:
    """C16."""

    def test_are_kept_and_told(self, api, contact, facts):
        answer = wish(api, contact, channel="email", pause_until=UNTIL, caps=WEEKLY, language="de")

        assert {
            "channel": "email", "pause_from": None, "pause_until": UNTIL,
            "caps": [{"channel": "email", "most": 1, "per": "week"}],
        } == answer.json["preferences"]  # fmt: skip
        assert ("de", "contact.preferences_changed") == (answer.json["language"], facts()[-1])

    def test_take_the_place_of_those_before_and_once(self, api, contact, facts):
        wish(api, contact, pause_until=UNTIL)
        wish(api, contact, version=1, pause_until=UNTIL)
        stale = wish(api, contact, version=1, caps=WEEKLY)
        now = wish(api, contact, version=2, caps=WEEKLY).json["preferences"]

        assert (412, None) == (stale.status_code, now["pause_until"])
        assert 2 == facts().count("contact.preferences_changed")
        assert wish(api, contact, version=3).json["preferences"] is None

    @pytest.mark.parametrize(
        "wishes",
        [
            {"channel": "pigeon"}, {"caps": {"email": {"most": -1, "per": "day"}}},
            {"caps": {"email": {"most": 1, "per": "year"}}}, {"pause_from": UNTIL},
            {"pause_from": UNTIL, "pause_until": "2026-01-01T00:00:00Z"}, {"language": "english!"},
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_wish(self, api, contact, wishes):
        assert 422 == wish(api, contact, **wishes).status_code


class TestMerge:
    """C16, C8, C9: the strictest wins, and undoing gives back."""

    def test_the_rarer_cap_and_the_longer_pause_count_until_it_is_undone(self, api, contact):
        other = api.made("/v1/contacts", last_name="Ngoo")
        daily = {"email": {"most": 1, "per": "day"}, "sms": {"most": 3, "per": "month"}}
        mine = wish(api, contact, caps=daily).json["preferences"]
        wish(api, other, caps=WEEKLY, pause_until=UNTIL)

        merge = api.post(f"/v1/contacts/{contact['id']}/merge", {"absorbed_ids": [other["id"]]}, 2)
        merged = api.get(f"/v1/contacts/{contact['id']}").json["preferences"]
        api.delete(f"/v1/merges/{merge.json['id']}")

        assert UNTIL == merged["pause_until"]
        assert [("email", 1, "week"), ("sms", 3, "month")] == [
            tuple(each.values()) for each in merged["caps"]
        ]
        assert mine == api.get(f"/v1/contacts/{contact['id']}").json["preferences"]
        assert UNTIL == api.get(f"/v1/contacts/{other['id']}").json["preferences"]["pause_until"]

    def test_pauses_are_united_from_first_to_last(self):
        early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        one = {"pause_from": late.isoformat(), "pause_until": "2027-02-01T00:00:00+00:00"}
        other = {"pause_from": early.isoformat(), "pause_until": late.isoformat()}

        united = strictest(one, [other, {}])

        assert (early.isoformat(), one["pause_until"]) == tuple(united.values())
        assert "pause_from" not in strictest(one, [{"pause_until": one["pause_until"]}])
