"""/v1/segments."""

import pytest
from services.marketing.tests.factories import a_contact, a_deal, a_ticket

from crm_chassis import ids
from crm_marketing.commands import evaluation

pytestmark = pytest.mark.integration
LEADS = {"field": "lifecycle", "op": "eq", "value": "lead"}


def members(api, segment):
    page = api.get(f"/v1/segments/{segment['id']}/members").json
    return {each["contact_id"] for each in page["items"]}


def size_of(api, segment):
    return api.get(f"/v1/segments/{segment['id']}/tally").json["size"]


class TestDynamicSegment:
    def test_fills_with_those_who_are_there_and_tells_its_size(self, api, arrives, ticks, facts):
        arrives(a_contact(1), a_contact(2, lifecycle="customer"))

        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        ticks()

        assert members(api, segment) == {str(a_contact(1).id)}
        assert size_of(api, segment) == 1
        assert facts() == [
            "segment.created",
            "segment_tally.counted",
            "segment.entered",
            "segment_tally.counted",
        ]

    def test_follows_facts(self, api, arrives, ticks, facts):
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        ticks()

        arrives(a_contact(1))
        ticks()
        arrives(a_contact(1, version=2, lifecycle="customer"))
        ticks()
        arrives(a_contact(1, version=3))
        ticks()

        assert members(api, segment) == {str(a_contact(1).id)}
        stays = [kind for kind in facts() if kind in {"segment.entered", "segment.left"}]
        assert stays == ["segment.entered", "segment.left", "segment.entered"]

    def test_knows_deals_and_tickets_and_whose_they_no_longer_are(self, api, arrives, ticks):
        predicate = {
            "any": [
                {"field": "has_open_deal", "op": "eq", "value": True},
                {"field": "open_tickets", "op": "gte", "value": 1},
            ]
        }
        segment = api.made("/v1/segments", name="Busy", predicate=predicate)
        one, two = a_contact(1), a_contact(2)
        arrives(one, two)

        arrives(a_deal(status="open", primary_contact_id=one.id))
        ticks()
        assert members(api, segment) == {str(one.id)}

        arrives(a_deal(version=2, status="open", primary_contact_id=two.id))
        ticks()
        assert members(api, segment) == {str(two.id)}

        arrives(a_deal(version=3, status="won", primary_contact_id=two.id))
        arrives(a_ticket(status="open", requester_id=one.id))
        ticks()
        assert members(api, segment) == {str(one.id)}

    def test_is_evaluated_anew_with_another_predicate(self, api, arrives, ticks):
        arrives(a_contact(1), a_contact(2, lifecycle="customer"))
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        ticks()
        version = api.get(f"/v1/segments/{segment['id']}").json["version"]

        predicate = {"not": [LEADS]}
        answer = api.patch(f"/v1/segments/{segment['id']}", {"predicate": predicate}, version)
        ticks()

        assert answer.status_code == 200
        assert members(api, segment) == {str(a_contact(2).id)}

    @pytest.mark.parametrize(
        "predicate",
        [
            {"field": "shoe_size", "op": "eq", "value": 44},
            {"field": "tags", "op": "starts", "value": "x"},
            {"field": "created_at", "op": "in_last", "value": {"days": 0}},
            {"field": "owner_id", "op": "eq", "value": "nobody"},
            {"field": "name", "op": "in", "value": []},
            {"field": "won_deals", "op": "gt", "value": True},
            {"all": LEADS},
            {"all": [], "any": []},
            {},
        ],
    )
    def test_refuses_a_predicate_that_means_nothing(self, api, predicate):
        answer = api.post("/v1/segments", {"name": "x", "predicate": predicate})

        assert answer.status_code == 422
        assert answer.json["type"].endswith("invalid-predicate")
        assert answer.json["errors"]

    def test_needs_a_predicate_and_has_no_named_members(self, api):
        assert api.post("/v1/segments", {"name": "x"}).status_code == 422
        segment = api.made("/v1/segments", name="x", predicate=LEADS)
        body = {"add": [str(ids.new())]}
        answer = api.put(f"/v1/segments/{segment['id']}/members", body=body)
        assert answer.status_code == 409


class TestStaticSegment:
    def test_has_the_members_it_is_given_however_often(self, api, arrives, facts):
        one, two = a_contact(1), a_contact(2)
        arrives(one, two)
        segment = api.made("/v1/segments", name="VIP", type="static", member_ids=[str(one.id)])
        path = f"/v1/segments/{segment['id']}/members"

        body = {"add": [str(two.id)], "remove": [str(one.id)]}
        first, again = api.put(path, body=body), api.put(path, body=body)

        assert (first.status_code, again.status_code) == (200, 200)
        assert size_of(api, segment) == 1
        assert members(api, segment) == {str(two.id)}
        assert facts().count("segment.entered") == 2

    def test_accepts_a_contact_it_has_not_heard_of(self, api):
        stranger = str(ids.new())
        segment = api.made("/v1/segments", name="VIP", type="static", member_ids=[stranger])
        assert members(api, segment) == {stranger}


class TestPreview:
    def test_counts_and_names_and_keeps_nothing(self, api, arrives, facts):
        arrives(a_contact(1), a_contact(2, lifecycle="customer"))

        answer = api.post("/v1/segments/preview", {"predicate": LEADS})

        assert answer.json == {"count": 1, "sample_ids": [str(a_contact(1).id)]}
        assert facts() == []


class TestChanges:
    def test_need_the_version(self, api):
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        path = f"/v1/segments/{segment['id']}"

        assert api.patch(path, {"name": "x"}).status_code == 428
        assert api.patch(path, {"name": "x"}, 7).status_code == 412
        assert api.patch(path, {"name": "x"}, 1).json["name"] == "x"

    def test_archive_and_restore(self, api, facts):
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        path = f"/v1/segments/{segment['id']}"

        assert api.delete(path, 1).json["archived_at"]
        assert api.delete(path).status_code == 200
        assert api.patch(path, {"name": "x"}, 2).status_code == 409
        assert api.get("/v1/segments").json["items"] == []
        assert api.put(f"{path}/restoration", 2).json["archived_at"] is None
        told = [kind for kind in facts() if kind.startswith("segment.")]
        assert told == ["segment.created", "segment.archived", "segment.restored"]

    def test_by_batch(self, api):
        operations = [
            {"op": "create", "body": {"name": "A", "predicate": LEADS}},
            {"op": "create", "body": {"name": "B", "predicate": {"x": 1}}},
        ]
        answer = api.post("/v1/segments/batch", {"operations": operations})
        assert [each["status"] for each in answer.json["items"]] == [201, 422]

        gone = [{"op": "archive", "id": answer.json["items"][0]["id"]}]
        answer = api.post("/v1/segments/batch", {"operations": gone})
        assert [each["status"] for each in answer.json["items"]] == [200]

    def test_read_only_changes_nothing(self, calling):
        body = {"name": "A", "predicate": LEADS}
        assert calling("read-only").post("/v1/segments", body).status_code == 403
        assert calling().get("/v1/segments").status_code == 401


class TestTally:
    def test_counting_does_not_stale_an_open_form(self, api, arrives, ticks):
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        path = f"/v1/segments/{segment['id']}"

        arrives(a_contact(1), a_contact(2))
        ticks()

        assert size_of(api, segment) == 2
        assert api.get(path).json["version"] == 1
        assert api.patch(path, {"name": "x"}, 1).status_code == 200

    def test_is_there_from_the_start(self, api):
        dynamic = api.made("/v1/segments", name="Leads", predicate=LEADS)
        named = [str(ids.new()), str(ids.new())]
        static = api.made("/v1/segments", name="VIP", type="static", member_ids=named)

        assert (size_of(api, dynamic), size_of(api, static)) == (0, 2)
        assert api.get(f"/v1/segments/{ids.new()}/tally").status_code == 404

    def test_is_seen_by_whoever_sees_the_segment(self, api, calling, ticks):
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        path = f"/v1/segments/{segment['id']}"

        api.patch(path, {"visibility": "private", "owner_id": str(ids.new())}, 1)
        assert api.get(f"{path}/tally").status_code == 404
        ticks()

        assert calling("admin").get(f"{path}/tally").json["visibility"] == "private"


class TestArchive:
    @pytest.mark.parametrize("kind", ["dynamic", "static"])
    def test_ends_all_stays_and_restoring_begins_them_anew(
        self, api, arrives, ticks, facts, kind, monkeypatch
    ):
        monkeypatch.setattr(evaluation, "AT_ONCE", 2)
        people = [a_contact(number) for number in range(1, 6)]
        arrives(*people)
        named = {"type": "static", "member_ids": [str(each.id) for each in people]}
        given = named if kind == "static" else {"predicate": LEADS}
        segment = api.made("/v1/segments", name="Leads", **given)
        path = f"/v1/segments/{segment['id']}"
        ticks()
        assert size_of(api, segment) == 5

        api.delete(path, 1)
        ticks()
        assert members(api, segment) == set()
        assert (size_of(api, segment), facts().count("segment.left")) == (0, 5)

        api.put(f"{path}/restoration", 2)
        ticks()
        assert members(api, segment) == {str(each.id) for each in people}
        assert (size_of(api, segment), facts().count("segment.entered")) == (5, 10)

    def test_does_not_bring_back_whom_it_no_longer_names(self, api, ticks):
        one, two = str(ids.new()), str(ids.new())
        segment = api.made("/v1/segments", name="VIP", type="static", member_ids=[one, two])
        path = f"/v1/segments/{segment['id']}"
        api.delete(path, 1)
        ticks()

        api.put(f"{path}/restoration", 2)
        api.put(f"{path}/members", body={"remove": [one]})
        ticks()

        assert members(api, segment) == {two}
        assert size_of(api, segment) == 1


class TestWhoSeesLess:
    def test_is_shown_no_member_and_no_number_of_what_is_hidden(self, api, calling, arrives, ticks):
        arrives(a_contact(1), a_contact(2, visibility="private", owner_id=ids.new()))
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        ticks()

        preview = api.post("/v1/segments/preview", {"predicate": LEADS}).json

        seen = {str(a_contact(1).id)}
        assert members(api, segment) == seen == set(preview["sample_ids"])
        assert preview["count"] == 1
        assert size_of(api, segment) == 1
        assert "ETag" not in api.get(f"/v1/segments/{segment['id']}/tally").headers
        admin = calling("admin")
        assert (len(members(admin, segment)), size_of(admin, segment)) == (2, 2)

    def test_is_not_told_when_somebody_hidden_came_and_went(self, api, calling, arrives, ticks):
        hidden = {"visibility": "private", "owner_id": ids.new()}
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        ticks()
        arrives(a_contact(1))
        ticks()
        for version, lifecycle in ((1, "lead"), (2, "customer")):
            arrives(a_contact(2, version=version, lifecycle=lifecycle, **hidden))
            ticks()

        path = f"/v1/segments/{segment['id']}/sizes"
        assert [1, 0] == [each["size"] for each in api.get(path).json["items"]]
        told = [each["size"] for each in calling("admin").get(path).json["items"]]
        assert [1, 2, 1, 0] == told

    @pytest.mark.parametrize(
        ("field", "hidden"), [("birthday", "birthday"), ("email", "emails"), ("name", "name")]
    )
    def test_may_not_ask_by_a_hidden_field(self, limited, field, hidden):
        caller = limited("contact", hidden)
        asked = {"not": {"field": field, "op": "exists"}}

        created = caller.post("/v1/segments", {"name": "A", "predicate": asked})
        previewed = caller.post("/v1/segments/preview", {"predicate": asked})
        other = caller.post("/v1/segments/preview", {"predicate": LEADS})

        assert (403, 403, 200) == tuple(each.status_code for each in (created, previewed, other))
