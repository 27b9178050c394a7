"""Static lists, snapshots of them and of dynamic ones, and how large they were."""

import pytest
from services.marketing.tests.factories import a_contact

from crm_chassis import ids

pytestmark = pytest.mark.integration
LEADS = {"field": "lifecycle", "op": "eq", "value": "lead"}


def members(api, segment):
    page = api.get(f"/v1/segments/{segment['id']}/members").json
    return {each["contact_id"] for each in page["items"]}


def named(*numbers):
    return {str(a_contact(each).id) for each in numbers}


class TestSnapshot:
    """C17."""

    def test_remembers_who_was_in_a_dynamic_segment(self, api, arrives, ticks, facts):
        arrives(a_contact(1), a_contact(2))
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        ticks()

        snapshot = api.post(f"/v1/segments/{segment['id']}/snapshots", {}).json
        arrives(a_contact(2, version=2, lifecycle="customer"), a_contact(3))
        ticks()

        assert named(1, 3) == members(api, segment)
        assert named(1, 2) == members(api, snapshot)
        assert (segment["id"], "static") == (snapshot["snapshot_of_id"], snapshot["type"])
        listed = api.get(f"/v1/segments/{segment['id']}/snapshots").json["items"]
        assert [snapshot["id"]] == [each["id"] for each in listed]
        tally = api.get(f"/v1/segments/{snapshot['id']}/tally").json
        assert 2 == tally["size"]

    def test_gives_a_static_list_its_members_back(self, api, arrives, ticks):
        arrives(*(a_contact(each) for each in (1, 2, 3)))
        segment = api.made(
            "/v1/segments", name="Guests", type="static", member_ids=sorted(named(1, 2))
        )
        path = f"/v1/segments/{segment['id']}"
        snapshot = api.post(f"{path}/snapshots", {"name": "Before"}).json
        ticks()
        change = {"add": sorted(named(3)), "remove": sorted(named(1))}
        api.put(f"{path}/members", None, change)
        assert named(2, 3) == members(api, segment)

        for _ in range(2):
            back = api.put(f"{path}/snapshots/{snapshot['id']}/restoration")
            ticks()

        assert 200 == back.status_code
        assert named(1, 2) == members(api, segment)
        assert "Before" == snapshot["name"]

    def test_is_restored_only_where_it_was_taken_and_can_be(self, api, arrives, ticks):
        dynamic = api.made("/v1/segments", name="Leads", predicate=LEADS)
        other = api.made("/v1/segments", name="Guests", type="static")
        snapshot = api.post(f"/v1/segments/{dynamic['id']}/snapshots", {}).json

        def restored(segment, which):
            path = f"/v1/segments/{segment['id']}/snapshots/{which}/restoration"
            return api.put(path).status_code

        assert 409 == restored(dynamic, snapshot["id"])
        assert 409 == restored(other, snapshot["id"])
        assert 404 == restored(other, ids.new())


class TestSizes:
    """C17."""

    def test_tell_how_large_it_was_since_when(self, api, arrives, ticks):
        segment = api.made("/v1/segments", name="Leads", predicate=LEADS)
        for number in (1, 2):
            arrives(a_contact(number))
            ticks()
        arrives(a_contact(1, version=2, lifecycle="customer"))
        ticks()

        path = f"/v1/segments/{segment['id']}/sizes"
        assert [1, 2, 1, 0] == [each["size"] for each in api.get(path).json["items"]]
        first = api.get(f"{path}?limit=3").json
        rest = api.get(f"{path}?cursor={first['next']}").json
        assert ([0], None) == ([each["size"] for each in rest["items"]], rest["next"])
