"""/v1/contacts/{id}/merge and /v1/merges: several contacts become one, and several again."""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_chassis import clock, ids

pytestmark = pytest.mark.integration
_PASSING = ("version", "updated_at", "updated_by")


@pytest.fixture
def anna(api):
    return api.made(
        "/v1/contacts", first_name="Anna", last_name="Berg", emails=[{"value": "a@berg.example"}]
    )


@pytest.fixture
def anne(api, own_field):
    own_field("shoe", "number")
    return api.made(
        "/v1/contacts",
        first_name="Anne",
        last_name="Berg",
        job_title="Buyer",
        emails=[{"value": "anne@home.example"}],
        phones=[{"value": "+49 30 901820"}],
        tags=["vip"],
        custom={"shoe": 38},
    )


def merge(api, survivor, *absorbed, version=None, **more):
    body = {"absorbed_ids": [each["id"] for each in absorbed]} | more
    current = api.get(f"/v1/contacts/{survivor['id']}").json["version"]
    return api.post(f"/v1/contacts/{survivor['id']}/merge", body, version=version or current)


def undo(api, merged):
    return api.delete(f"/v1/merges/{merged['id']}")


def now(api, contact):
    return api.get(f"/v1/contacts/{contact['id']}").json


def lasting(contact):
    return {name: value for name, value in contact.items() if name not in _PASSING}


class TestMerge:
    def test_keeps_what_the_survivor_has_and_takes_what_it_lacks(self, api, anna, anne, facts):
        answer = merge(api, anna, anne)

        found = now(api, anna)
        assert 201 == answer.status_code, answer.json
        assert answer.headers["Location"] == f"/v1/merges/{answer.json['id']}"
        assert ("Anna", "Buyer", ["vip"], {"shoe": 38}) == (
            found["first_name"],
            found["job_title"],
            found["tags"],
            found["custom"],
        )
        assert [("a@berg.example", True), ("anne@home.example", False)] == [
            (each["value"], each["primary"]) for each in found["emails"]
        ]
        assert ["contact.merged", "contact.updated"] == facts()[3:5]
        assert "merge.created" in facts()

    def test_takes_the_value_chosen(self, api, anna, anne):
        merge(api, anna, anne, choices={"first_name": anne["id"], "custom.shoe": anna["id"]})

        found = now(api, anna)
        assert ("Anne", {}) == (found["first_name"], found["custom"])

    def test_leaves_the_old_id_answering(self, api, anna, anne):
        merge(api, anna, anne)

        found = now(api, anne)
        assert (anna["id"], anne["id"]) == (found["id"], found["merged_from"])
        listed = [each["id"] for each in api.get("/v1/contacts").json["items"]]
        archived = api.get("/v1/contacts?archived=true").json["items"]
        assert ([anna["id"]], []) == (listed, archived)

    def test_refuses_changes_by_the_old_id_and_names_the_survivor(self, api, anna, anne):
        merge(api, anna, anne)
        path = f"/v1/contacts/{anne['id']}"

        answers = [
            api.patch(path, {"job_title": "Boss"}, version=anne["version"]),
            api.delete(path, version=anne["version"]),
            api.put(f"{path}/restoration", version=anne["version"]),
        ]

        assert [409] * 3 == [answer.status_code for answer in answers]
        assert {anna["id"]} == {answer.json["survivor_id"] for answer in answers}

    def test_sends_what_is_said_of_the_old_id_to_the_survivor(self, api, anna, anne):
        merge(api, anna, anne)
        subjects = [{"type": "contact", "id": anne["id"]}]

        note = api.made("/v1/notes", body="Late.", subjects=subjects)
        consent = {"channel": "email", "purpose": "marketing", "status": "denied"}
        said = api.post(f"/v1/contacts/{anne['id']}/consents", consent)

        assert [anna["id"]] == [each["id"] for each in note["subjects"]]
        assert anna["id"] == said.json["contact_id"]

    def test_never_makes_marketing_welcome_again(self, api, anna, anne):
        denial = {"channel": "email", "purpose": "marketing", "status": "denied"}
        api.post(f"/v1/contacts/{anne['id']}/consents", denial)

        merge(api, anna, anne)

        assert {True} == {each["opted_out"] for each in now(api, anna)["emails"]}

    def test_takes_the_pair_off_the_queue_until_undone(self, api):
        twins = [
            api.made("/v1/contacts", first_name="Ida", last_name="Ott", birthday="1970-04-01")
            for _ in range(2)
        ]
        assert 1 == len(api.get("/v1/duplicates").json["items"])

        merged = merge(api, *twins).json

        assert [] == api.get("/v1/duplicates").json["items"]
        undo(api, merged)
        assert 1 == len(api.get("/v1/duplicates").json["items"])

    def test_previews_without_changing(self, api, anna, anne, facts):
        told = facts()

        answer = merge(api, anna, anne, dry_run=True)

        assert 200 == answer.status_code, answer.json
        assert "Buyer" == answer.json["survivor"]["job_title"]
        assert {"contacts": {}, "sales": None, "marketing": None, "support": None} == answer.json[
            "moves"
        ]
        assert told == facts()
        assert anne == now(api, anne)


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"absorbed_ids": []}, "absorbed_ids"),
            ({"absorbed_ids": "x"}, "absorbed_ids"),
            ({}, "absorbed_ids"),
            ({"absorbed_ids": ["self"]}, "absorbed_ids"),
            ({"absorbed_ids": ["other"], "choices": {"name": "self"}}, "choices.name"),
            ({"absorbed_ids": ["other"], "choices": {"source": "stranger"}}, "choices.source"),
        ],
    )
    def test_name_the_field(self, api, anna, anne, body, field):
        known = {"self": anna["id"], "other": anne["id"], "stranger": str(ids.new())}
        if isinstance(body.get("absorbed_ids"), list):
            body = body | {"absorbed_ids": [known[each] for each in body["absorbed_ids"]]}
        if "choices" in body:
            chosen = {name: known[each] for name, each in body["choices"].items()}
            body = body | {"choices": chosen}

        answer = api.post(f"/v1/contacts/{anna['id']}/merge", body, version=anna["version"])

        assert 422 == answer.status_code, answer.json
        assert field in answer.json["errors"]

    def test_of_an_unknown_archived_or_absorbed_contact(self, api, anna, anne):
        carla = api.made("/v1/contacts", first_name="Carla")
        api.delete(f"/v1/contacts/{carla['id']}", version=1)
        merge(api, anna, anne)
        dora = api.made("/v1/contacts", first_name="Dora")

        unknown = merge(api, anna, {"id": str(ids.new())})
        archived = merge(api, anna, carla)
        absorbed = merge(api, dora, anne)

        assert [404, 422, 422] == [each.status_code for each in (unknown, archived, absorbed)]

    def test_of_a_stale_version_or_none(self, api, anna, anne):
        body = {"absorbed_ids": [anne["id"]]}
        path = f"/v1/contacts/{anna['id']}/merge"

        answers = [api.post(path, body, version=99), api.post(path, body)]

        assert [412, 428] == [answer.status_code for answer in answers]

    def test_of_somebody_who_only_reads(self, calling, api, anna, anne):
        answer = calling("read-only").post(
            f"/v1/contacts/{anna['id']}/merge", {"absorbed_ids": [anne["id"]]}, version=1
        )

        assert 403 == answer.status_code


class TestUndo:
    def test_brings_both_back(self, api, anna, anne):
        merged = merge(api, anna, anne).json

        answer = undo(api, merged)

        assert ("undoing", []) == (answer.json["status"], answer.json["conflicts"])
        assert lasting(anna) == lasting(now(api, anna))
        assert lasting(anne) == lasting(now(api, anne))

    def test_once(self, api, anna, anne):
        merged = merge(api, anna, anne).json
        first = undo(api, merged)

        again = undo(api, merged)

        assert (200, first.json["version"]) == (again.status_code, again.json["version"])

    def test_leaves_what_was_changed_since_and_says_so(self, api, anna, anne):
        merged = merge(api, anna, anne).json
        changes = {"job_title": "Boss", "custom": {"shoe": 40}}
        api.patch(f"/v1/contacts/{anna['id']}", changes, version=now(api, anna)["version"])

        answer = undo(api, merged)

        found = now(api, anna)
        assert ["job_title", "custom.shoe"] == answer.json["conflicts"]
        assert ("Boss", {"shoe": 40}) == (found["job_title"], found["custom"])
        assert "Buyer" == now(api, anne)["job_title"]

    def test_of_another_version_is_refused(self, api, anna, anne):
        merged = merge(api, anna, anne).json

        answer = api.delete(f"/v1/merges/{merged['id']}", version=merged["version"] + 1)

        assert 412 == answer.status_code

    def test_within_thirty_days(self, api, calling, anna, anne):
        merged = merge(api, anna, anne).json

        with time_machine.travel(clock.now() + timedelta(days=31)):
            answer = undo(calling("member"), merged)

        assert 409 == answer.status_code
        assert answer.json["type"].endswith("undo-too-late")

    def test_not_when_somebody_else_has_the_address(self, api, anna, anne):
        merged = merge(api, anna, anne).json
        kept = [{"value": "a@berg.example"}]
        api.patch(f"/v1/contacts/{anna['id']}", {"emails": kept}, version=now(api, anna)["version"])
        api.made("/v1/contacts", first_name="Eva", emails=[{"value": "anne@home.example"}])

        answer = undo(api, merged)

        assert 409 == answer.status_code
        assert answer.json["type"].endswith("email-taken")

    def test_keeps_a_refusal_said_meanwhile(self, api, anna, anne):
        merged = merge(api, anna, anne).json
        denial = {"channel": "email", "purpose": "marketing", "status": "denied"}
        api.post(f"/v1/contacts/{anna['id']}/consents", denial)

        undo(api, merged)

        assert {True} == {each["opted_out"] for each in now(api, anna)["emails"]}

    def test_gives_notes_tasks_and_consents_back(self, api, anna, anne):
        pointing = {"type": "contact", "id": anne["id"]}
        both = [{"type": "contact", "id": anna["id"]}, pointing]
        made = [
            api.made("/v1/notes", body="Hers.", subjects=[pointing]),
            api.made("/v1/notes", body="Both.", subjects=both),
            api.made("/v1/tasks", title="Call", subjects=[pointing]),
        ]
        consent = {"channel": "phone", "purpose": "service", "status": "granted"}
        api.post(f"/v1/contacts/{anne['id']}/consents", consent)

        merged = merge(api, anna, anne).json

        assert {"note": 2, "task": 1, "consent": 1} == merged["moved"]["contacts"]
        undo(api, merged)
        paths = ["/v1/notes/{id}", "/v1/notes/{id}", "/v1/tasks/{id}"]
        found = [api.get(path.format(**each)).json for path, each in zip(paths, made, strict=True)]
        assert [each["subjects"] for each in made] == [each["subjects"] for each in found]
        assert 1 == len(api.get(f"/v1/contacts/{anne['id']}/consents").json["items"])


people = st.fixed_dictionaries(
    {"first_name": st.sampled_from(["Ann", "Bo", "Cy"])},
    optional={
        "last_name": st.sampled_from(["Berg", "Dahl"]),
        "job_title": st.sampled_from(["Buyer", "Boss"]),
        "birthday": st.sampled_from(["1970-04-01", "--04-01"]),
        "lifecycle": st.sampled_from(["lead", "customer", "other"]),
        "tags": st.lists(st.sampled_from(["a", "b", "c"]), unique=True),
        "do_not_call": st.booleans(),
        "custom": st.dictionaries(st.sampled_from(["x", "y"]), st.integers(0, 3)),
        "phones": st.lists(
            st.sampled_from(["+4930901820", "+4930901821", "+4930901822"]), unique=True
        ).map(lambda numbers: [{"value": each} for each in numbers]),
    },
)


@given(everybody=st.lists(people, min_size=2, max_size=4), data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_merging_and_undoing_is_as_if_nothing_had_been(api, own_field, everybody, data):
    with suppress(AssertionError):  # it is there from the second example on
        own_field("x", "number")
        own_field("y", "number")
    made = [api.made("/v1/contacts", **each) for each in everybody]
    survivor = data.draw(st.sampled_from(made))
    absorbed = [each for each in made if each is not survivor]

    merged = merge(api, survivor, *absorbed).json
    undo(api, merged)

    assert [lasting(each) for each in made] == [lasting(now(api, each)) for each in made]
