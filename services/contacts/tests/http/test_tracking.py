"""/v1/event-types and /v1/ingest/events: what other systems tell of customers, once and checked."""

from datetime import timedelta

import pytest

from crm_chassis import clock, ids

pytestmark = pytest.mark.integration
BASKET = {"key": "basket", "type": "money", "label": "Basket", "required": True}
STEP = {"key": "step", "type": "enum", "label": "Step", "options": ["address", "payment"]}
WORTH = {"amount": "38.00", "currency": "EUR"}


@pytest.fixture
def eva(api):
    return api.made("/v1/contacts", first_name="Eva", emails=[{"value": "eva@a.example"}])


@pytest.fixture
def left(admin):
    fields = {"name": "checkout.left", "title": "Left the checkout", "properties": [BASKET, STEP]}
    return admin.made("/v1/event-types", **fields)


def an_event(number=1, **more):
    given = {"id": f"e{number}", "type": "checkout.left", "at": clock.now().isoformat()}
    return {**given, "email": "eva@a.example", "properties": {"basket": WORTH}, **more}


def tell(api, *events, source="shop"):
    return api.post("/v1/ingest/events", {"source": source, "events": list(events)})


def statuses(answer):
    assert answer.status_code == 207, answer.text
    return [item["status"] for item in answer.json["items"]]


def logged(api, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return api.get(f"/v1/interactions?{asked}").json["items"]


class TestEventTypes:
    def test_are_defined_changed_and_put_away(self, admin, left, facts):
        path = f"/v1/event-types/{left['id']}"

        changed = admin.patch(path, {"title": "Gave up"}, version=1).json
        away = admin.delete(path, version=2).json
        back = admin.put(f"{path}/restoration", version=3).json

        assert ("Gave up", True, None) == (
            changed["title"], bool(away["archived_at"]), back["archived_at"],
        )  # fmt: skip
        assert [
            f"event_type.{each}" for each in ("created", "updated", "archived", "restored")
        ] == facts()
        assert [path.rpartition("/")[2]] == [
            each["id"] for each in admin.get("/v1/event-types").json["items"]
        ]

    def test_a_name_is_given_once(self, admin, left):
        answer = admin.post("/v1/event-types", {"name": left["name"], "title": "Other"})

        assert (409, ["name"]) == (answer.status_code, list(answer.json["errors"]))

    @pytest.mark.parametrize(
        ("fields", "at_fault"),
        [
            ({"name": "Checkout!"}, "name"),
            ({"title": " "}, "title"),
            ({"properties": [BASKET, BASKET]}, "properties"),
            ({"properties": [{**STEP, "options": []}]}, "properties.0.options"),
            ({"properties": [{**BASKET, "options": ["a"]}]}, "properties.0.options"),
            ({"properties": [{**BASKET, "type": "email"}]}, "properties.0.type"),
        ],
    )
    def test_what_is_wrong_is_named(self, admin, fields, at_fault):
        answer = admin.post("/v1/event-types", {"name": "a.b", "title": "A", **fields})

        assert (422, [at_fault]) == (answer.status_code, list(answer.json["errors"]))

    def test_members_do_not_define_them(self, api, left):
        assert 403 == api.post("/v1/event-types", {"name": "a", "title": "A"}).status_code
        assert 200 == api.get(f"/v1/event-types/{left['id']}").status_code


class TestEvents:
    def test_are_logged_with_whom_they_are_of(self, api, left, eva, facts):
        answer = tell(api, an_event(properties={"basket": WORTH, "step": "payment"}))

        (found,) = logged(api, event="checkout.left")
        assert [201] == statuses(answer)
        assert answer.json["items"][0]["id"] == found["id"]
        assert ("web", "in", "Left the checkout", "shop", "e1") == tuple(
            found[name] for name in ("type", "direction", "subject", "source_service", "source_id")
        )
        assert [{"type": "contact", "id": eva["id"]}] == found["subjects"]
        assert "payment" == found["properties"]["step"]
        assert 1 == facts().count("interaction.logged")

    def test_are_taken_once_however_often_they_are_told(self, api, left, eva, facts):
        first = tell(api, an_event(1), an_event(2), an_event(1))

        again = tell(api, an_event(1), an_event(3))

        assert ([201, 201, 200], [200, 201]) == (statuses(first), statuses(again))
        assert 3 == len(logged(api)) == facts().count("interaction.logged")
        assert [201] == statuses(tell(api, an_event(1), source="app"))

    def test_are_checked_each_by_itself(self, api, left, eva):
        ahead = (clock.now() + timedelta(hours=1)).isoformat()
        wrong = {
            "type": an_event(2, type="checkout.unknown"),
            "at": an_event(3, at=ahead),
            "email": an_event(4, email="nobody@a.example"),
            "properties.basket": an_event(5, properties={}),
            "properties.step": an_event(6, properties={"basket": WORTH, "step": "dance"}),
            "properties.colour": an_event(7, properties={"basket": WORTH, "colour": "red"}),
            "contact_id": an_event(8, visitor={"value": "c"}),
            "id": {**an_event(), "id": ""},
            "account_id": an_event(9, account_id=eva["id"]),
        }

        answer = tell(api, an_event(1), *wrong.values())

        assert [201, *[422] * len(wrong)] == statuses(answer)
        named = [list(item["problem"]["errors"]) for item in answer.json["items"][1:]]
        assert [[name] for name in wrong] == named
        assert ["e1"] == [each["source_id"] for each in logged(api)]

    def test_of_a_visitor_come_to_the_contact_it_turns_out_to_be(self, api, left, eva):
        told = an_event(visitor={"value": "cookie-1"})
        del told["email"]
        assert [201] == statuses(tell(api, told))
        (visitor,) = api.get("/v1/identities").json["items"]

        api.put(f"/v1/identities/{visitor['id']}/contact", body={"contact_id": eva["id"]})
        tell(api, {**told, "id": "e2"})

        about = logged(api, subject_type="contact", subject_id=eva["id"])
        assert {"e1", "e2"} == {each["source_id"] for each in about}

    def test_follow_a_merge(self, api, left, eva):
        other = api.made("/v1/contacts", first_name="Ewa", emails=[{"value": "ewa@a.example"}])
        api.post(f"/v1/contacts/{eva['id']}/merge", {"absorbed_ids": [other["id"]]}, version=1)
        told = an_event(contact_id=other["id"])
        del told["email"]

        assert [201] == statuses(tell(api, told))

        (found,) = logged(api, event="checkout.left")
        assert [{"type": "contact", "id": eva["id"]}] == found["subjects"]

    def test_tell_nobody_whose_an_address_is(self, api, calling, left):
        other = calling("member", user_id=ids.new())
        emails = [{"value": "eva@a.example"}]
        secret = other.made("/v1/contacts", first_name="E", emails=emails, visibility="private")
        by_id = an_event(2, contact_id=secret["id"])
        del by_id["email"]

        assert [422, 422] == statuses(tell(api, an_event(), by_id))
        assert [201, 201] == statuses(tell(other, an_event(), by_id))

    def test_of_an_archived_type_are_refused(self, api, admin, left, eva):
        admin.delete(f"/v1/event-types/{left['id']}", version=1)

        assert [422] == statuses(tell(api, an_event()))

    @pytest.mark.parametrize(
        "body", [{}, {"source": "shop"}, {"source": "shop", "events": []},
                 {"source": "", "events": [{}]}, {"source": "shop", "events": [{}] * 501}],
    )  # fmt: skip
    def test_a_batch_that_is_none_is_refused(self, api, body):
        assert 422 == api.post("/v1/ingest/events", body).status_code

    def test_more_than_a_days_quota_waits_for_the_next(self, api, app, left, eva, monkeypatch):
        monkeypatch.setitem(app.extensions, "events_per_day", 3)
        assert [201, 201] == statuses(tell(api, an_event(1), an_event(2)))

        answer = tell(api, an_event(3), an_event(4))

        assert 429 == answer.status_code
        assert 0 < int(answer.headers["Retry-After"]) <= 86_400
        assert answer.json["type"].endswith("event-quota-used-up")
        assert [201] == statuses(tell(api, an_event(3)))
        assert 3 == len(logged(api))

    def test_who_only_reads_tells_nothing(self, calling, left, eva):
        assert 403 == tell(calling("read-only"), an_event()).status_code
