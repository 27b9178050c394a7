"""/v1/identities: visitors, recognised as contacts; and the channels contacts are reached by."""

from datetime import timedelta

import pytest

from crm_chassis import clock, ids

pytestmark = pytest.mark.integration


@pytest.fixture
def eva(api):
    return api.made("/v1/contacts", first_name="Eva", emails=[{"value": "eva@a.example"}])


def seen(api, value="cookie-1", **more):
    return api.post("/v1/identities", {"value": value, **more})


def recognise(api, visitor, **whom):
    return api.put(f"/v1/identities/{visitor['id']}/contact", body=whom)


def visit(api, visitor, subject="Prices"):
    pointing = [{"type": "visitor", "id": visitor["id"]}]
    at = clock.now().isoformat()
    return api.made("/v1/interactions", type="visit", at=at, subject=subject, subjects=pointing)


def about(api, contact):
    path = f"/v1/interactions?subject_type=contact&subject_id={contact['id']}"
    return [each["subject"] for each in api.get(path).json["items"]]


class TestSeeing:
    def test_a_stranger_is_kept_once(self, api, facts):
        first = seen(api, profile={"page": "/prices"})

        again = seen(api, profile={"page": "/prices"})

        assert (201, 200) == (first.status_code, again.status_code)
        assert first.json == again.json
        assert ["identity.created"] == facts()

    def test_news_is_told_and_visits_come_in_any_order(self, api, facts):
        now = clock.now()
        made = seen(api, seen_at=(now - timedelta(days=2)).isoformat()).json

        seen(api, seen_at=(now - timedelta(days=9)).isoformat())
        last = seen(api, seen_at=now.isoformat(), profile={"plan": "pro"}).json

        assert last["first_seen_at"] < made["first_seen_at"] < last["last_seen_at"]
        assert {"plan": "pro"} == last["profile"]
        assert {} == seen(api, profile={"plan": None}).json["profile"]
        assert 3 == facts().count("identity.updated")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"value": " "}, "value"),
            ({"value": "x" * 201}, "value"),
            ({"value": "x", "channel": "fax"}, "channel"),
            ({"value": "x", "profile": {"a": {"b": 1}}}, "profile"),
            ({"value": "x", "profile": {"a": "y" * 5000}}, "profile"),
            ({"value": "x", "seen_at": "2999-01-01T00:00:00Z"}, "seen_at"),
        ],
    )
    def test_refuses_what_is_none(self, api, body, field):
        answer = api.post("/v1/identities", body)

        assert 422 == answer.status_code, answer.json
        assert any(name.startswith(field) for name in answer.json["errors"])


class TestRecognising:
    @pytest.mark.parametrize("by", ["contact_id", "email"])
    def test_brings_what_passed_before_and_what_comes(self, api, eva, facts, by):
        visitor = seen(api).json
        visit(api, visitor, "Before")
        whom = {"contact_id": eva["id"], "email": "EVA@a.example"}

        answer = recognise(api, visitor, **{by: whom[by]})

        visit(api, visitor, "After")
        assert (200, eva["id"]) == (answer.status_code, answer.json["contact_id"])
        assert {"Before", "After"} == set(about(api, eva))
        assert "identity.identified" in facts()

    def test_once(self, api, eva, facts):
        visitor = seen(api).json
        first = recognise(api, visitor, contact_id=eva["id"])
        told = facts()

        assert first.json == recognise(api, visitor, contact_id=eva["id"]).json
        assert told == facts()

    def test_as_another_is_refused_until_it_is_taken_over(self, api, eva):
        ida = api.made("/v1/contacts", first_name="Ida")
        visitor = seen(api).json
        visit(api, visitor)
        recognise(api, visitor, contact_id=eva["id"])

        refused = recognise(api, visitor, contact_id=ida["id"])

        assert (409, eva["id"]) == (refused.status_code, refused.json["contact_id"])
        recognise(api, visitor, contact_id=ida["id"], take_over=True)
        assert ([], ["Prices"]) == (about(api, eva), about(api, ida))

    def test_needs_a_contact_that_is_there(self, api, eva):
        visitor = seen(api).json
        api.delete(f"/v1/contacts/{eva['id']}", version=1)

        answers = [
            recognise(api, visitor, contact_id=eva["id"]),
            recognise(api, visitor, contact_id=str(ids.new())),
            recognise(api, visitor, email="nobody@a.example"),
            recognise(api, visitor),
            recognise(api, {"id": str(ids.new())}, email="eva@a.example"),
        ]

        assert [409, 404, 422, 422, 404] == [each.status_code for each in answers]

    def test_lists_strangers_and_a_contacts_identities(self, api, eva):
        known, stranger = seen(api).json, seen(api, "cookie-2").json
        recognise(api, known, contact_id=eva["id"])

        found = [
            [each["id"] for each in api.get(f"/v1/identities?{query}").json["items"]]
            for query in ("identified=false", f"contact_id={eva['id']}", "value=cookie-2")
        ]

        assert [[stranger["id"]], [known["id"]], [stranger["id"]]] == found

    def test_follows_a_merge_and_its_undoing(self, api, eva):
        ida = api.made("/v1/contacts", first_name="Ida")
        visitor = seen(api).json
        visit(api, visitor)
        recognise(api, visitor, contact_id=eva["id"])
        path = f"/v1/contacts/{ida['id']}/merge"

        merged = api.post(path, {"absorbed_ids": [eva["id"]]}, version=1).json

        assert ida["id"] == api.get(f"/v1/identities/{visitor['id']}").json["contact_id"]
        assert ["Prices"] == about(api, ida)
        api.delete(f"/v1/merges/{merged['id']}")
        assert eva["id"] == api.get(f"/v1/identities/{visitor['id']}").json["contact_id"]


class TestChannels:
    def test_a_contact_has_several(self, api):
        channels = [
            {"channel": "whatsapp", "value": "+49 30 901820", "label": "work"},
            {"channel": "chat", "value": "telegram:eva"},
            {"channel": "chat", "value": "telegram:eva2"},
        ]

        made = api.made("/v1/contacts", first_name="Eva", channels=channels)

        assert {
            ("whatsapp", "+4930901820"),
            ("chat", "telegram:eva"),
            ("chat", "telegram:eva2"),
        } == {(each["channel"], each["value"]) for each in made["channels"]}
        path, version = f"/v1/contacts/{made['id']}", made["version"]
        left = api.patch(path, {"channels": channels[:1]}, version=version).json
        assert ["work"] == [each["label"] for each in left["channels"]]

    def test_are_no_name_where_there_is_an_address(self, api):
        channels = [{"channel": "chat", "value": "a-chat"}]

        made = api.made("/v1/contacts", emails=[{"value": "z@a.example"}], channels=channels)

        assert "z@a.example" == made["name"]
        assert "a-chat" == api.made("/v1/contacts", channels=channels)["name"]

    def test_the_same_one_is_strong_evidence(self, api):
        channels = [{"channel": "social", "value": "linkedin:eva"}]
        for name in ("Eva", "Ottilie"):
            api.made("/v1/contacts", first_name=name, last_name=name, channels=channels)

        (pair,) = api.get("/v1/duplicates").json["items"]
        assert "same external id" in [each["name"] for each in pair["evidence"]]

    def test_a_visitor_of_a_known_one_is_recognised_at_once(self, api):
        channels = [{"channel": "chat", "value": "telegram:eva"}]
        eva = api.made("/v1/contacts", first_name="Eva", channels=channels)

        found = seen(api, "telegram:eva", channel="chat").json

        assert eva["id"] == found["contact_id"]

    def test_recognising_a_visitor_makes_theirs_the_contacts(self, api, eva):
        visitor = seen(api, "telegram:eva", channel="chat").json

        recognise(api, visitor, contact_id=eva["id"])

        found = api.get(f"/v1/contacts/{eva['id']}").json["channels"]
        assert [("chat", "telegram:eva")] == [(each["channel"], each["value"]) for each in found]


class TestWhoIsHidden:
    def test_is_not_told_to_who_knows_an_address(self, api, calling):
        other = calling("member", user_id=ids.new())
        emails = [{"value": "secret@a.example"}]
        secret = other.made("/v1/contacts", first_name="S", emails=emails, visibility="private")
        visitor = seen(api).json

        refused = recognise(api, visitor, email="secret@a.example")

        assert (422, ["email"]) == (refused.status_code, list(refused.json["errors"]))
        assert 200 == recognise(other, visitor, email="secret@a.example").status_code
        taken = recognise(api, visitor, email=api.made(
            "/v1/contacts", first_name="E", emails=[{"value": "e@a.example"}]
        )["emails"][0]["value"])  # fmt: skip
        assert (409, None) == (taken.status_code, taken.json["contact_id"])
        assert secret["id"] not in refused.text + taken.text
