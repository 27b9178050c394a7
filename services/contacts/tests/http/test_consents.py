"""/v1/contacts/{id}/consents: what people allow, and what follows at once."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from crm_chassis import clock, ids
from crm_contacts.commands import consents
from crm_contacts.model.consent import Channel, Consent, ConsentStatus, current

pytestmark = pytest.mark.integration
GRANT = {"channel": "email", "purpose": "marketing", "status": "granted"}
WITHDRAWAL = GRANT | {"status": "withdrawn"}


@pytest.fixture
def anna(api):
    emails = [{"value": "a@berg.example"}, {"value": "anna@home.example"}]
    return api.made("/v1/contacts", first_name="Anna", emails=emails)


def say(api, contact, body, *, minutes_ago=None):
    if minutes_ago is not None:
        body = body | {"at": (clock.now() - timedelta(minutes=minutes_ago)).isoformat()}
    return api.post(f"/v1/contacts/{contact['id']}/consents", body)


def opted_out(api, contact):
    found = api.get(f"/v1/contacts/{contact['id']}").json["emails"]
    return {each["opted_out"] for each in found}


class TestRecordConsent:
    def test_answers_with_what_was_said_and_keeps_the_evidence(self, api, anna, facts):
        evidence = {"text_version": "3", "form_id": "news", "ip": "192.0.2.9"}
        evidence |= {"explanation": "Asked for it at the fair"}

        answer = say(api, anna, GRANT | {"evidence": evidence, "source": "form"})

        body = answer.json
        assert (201, "granted", "consent") == (
            answer.status_code,
            body["status"],
            body["legal_basis"],
        )
        assert {
            "text_version": "3", "form_id": "news", "message_id": None,
            "explanation": "Asked for it at the fair",
        } == body["evidence"]  # fmt: skip
        assert answer.headers["Location"] == f"/v1/consents/{body['id']}"
        assert api.get(answer.headers["Location"]).data == answer.data
        assert facts() == ["contact.created", "consent.granted"]

    def test_a_withdrawal_opts_every_address_out_and_later_ones(self, api, anna, facts):
        say(api, anna, GRANT)

        say(api, anna, WITHDRAWAL)

        assert {True} == opted_out(api, anna)
        assert facts()[-2:] == ["consent.withdrawn", "contact.updated"]
        emails = [{"value": "new@berg.example"}]
        patched = api.patch(f"/v1/contacts/{anna['id']}", {"emails": emails}, 2)
        assert [True] == [each["opted_out"] for each in patched.json["emails"]]

    def test_a_later_grant_counts_again(self, api, anna):
        say(api, anna, WITHDRAWAL)
        say(api, anna, GRANT)

        assert {False} == opted_out(api, anna)

    def test_a_grant_that_comes_late_revives_nothing(self, api, anna):
        say(api, anna, WITHDRAWAL, minutes_ago=5)
        say(api, anna, GRANT, minutes_ago=10)

        assert {True} == opted_out(api, anna)

    def test_other_purposes_leave_marketing_alone(self, api, anna):
        say(api, anna, WITHDRAWAL | {"purpose": "surveys"})

        assert {False} == opted_out(api, anna)

    def test_the_telephone_follows(self, api, anna):
        say(api, anna, WITHDRAWAL | {"channel": "phone"})

        assert api.get(f"/v1/contacts/{anna['id']}").json["do_not_call"]

    def test_is_listed_the_last_first(self, api, anna):
        for minutes, body in ((9, GRANT), (5, WITHDRAWAL), (7, GRANT)):
            say(api, anna, body, minutes_ago=minutes)

        listed = api.get(f"/v1/contacts/{anna['id']}/consents?channel=email").json["items"]

        assert ["withdrawn", "granted", "granted"] == [each["status"] for each in listed]

    @pytest.mark.parametrize(
        "changes",
        [{"channel": "smoke"}, {"status": "maybe"}, {"at": "2999-01-01T00:00:00Z"}, {"x": 1}],
    )
    def test_refuses(self, api, anna, changes):
        assert 422 == say(api, anna, GRANT | changes).status_code

    def test_of_nobody(self, api):
        assert 404 == say(api, {"id": ids.new()}, GRANT).status_code


class TestExpiry:
    def test_ends_a_grant_once(self, api, anna, doing, facts):
        say(api, anna, GRANT | {"expires_at": (clock.now() + timedelta(days=1)).isoformat()})

        assert 0 == doing(consents.expire_consents)
        with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
            assert [1, 0] == [doing(consents.expire_consents) for _ in range(2)]

        assert facts()[-1] == "consent.expired"


NOW = clock.now()
SAID = st.builds(
    lambda status, minute: Consent(
        contact_id=ids.new(),
        channel=Channel.EMAIL,
        purpose="marketing",
        status=status,
        at=NOW + timedelta(minutes=minute),
    ),
    st.sampled_from(ConsentStatus),
    st.integers(0, 3),
)


class TestCurrent:
    @given(st.lists(SAID), st.lists(SAID))
    def test_is_no_more_permissive_when_two_histories_are_joined(self, one, other):
        joined = current([*one, *other])

        latest = max((each.at for each in [*one, *other]), default=None)
        said_no = any(each.forbids for each in [*one, *other] if each.at == latest)
        assert (joined is not None and joined.forbids) == said_no

    @given(st.lists(SAID, min_size=1))
    def test_does_not_depend_on_the_order(self, said):
        assert current(said) is current(said[::-1])
