"""What lists are filtered by, and where accounts stand."""

import threading
from datetime import timedelta

import pytest

from crm_chassis import clock, ids

pytestmark = pytest.mark.integration


def found(api, path):
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json["items"]]


class TestFilters:
    def test_by_time_of_creation_and_by_ids(self, api):
        first = api.made("/v1/contacts", last_name="First")
        second = api.made("/v1/contacts", last_name="Second")
        middle = second["created_at"].replace("+00:00", "Z")
        later = (clock.now() + timedelta(days=1)).isoformat().replace("+00:00", "Z")

        assert ["Second"] == found(api, f"/v1/contacts?created_since={middle}")
        assert ["First"] == found(api, f"/v1/contacts?created_before={middle}")
        assert [] == found(api, f"/v1/contacts?created_since={later}")
        assert ["First"] == found(api, f"/v1/contacts?ids={first['id']},{ids.new()}")

    @pytest.mark.parametrize("query", ["ids=1,2", "created_since=yesterday", "ids="])
    def test_refuses_what_it_cannot_read(self, api, query):
        assert api.get(f"/v1/accounts?{query}").status_code == 422

    def test_former_members_are_asked_for(self, api):
        account = api.made("/v1/accounts", name="Acme")["id"]
        for name, active in (("Here", True), ("Gone", False)):
            link = {"account_id": account, "role": "buyer", "active": active}
            api.made("/v1/contacts", last_name=name, account_links=[link])

        assert ["Here"] == found(api, f"/v1/accounts/{account}/contacts")
        assert ["Gone"] == found(api, f"/v1/accounts/{account}/contacts?active=false")


class TestTree:
    def whole(self, api, account_id):
        body = api.get(f"/v1/accounts/{account_id}/tree").json
        return [(each["name"], each["depth"]) for each in body["items"]]

    def test_shows_the_whole_from_any_of_its_parts(self, api):
        """C3: parents before parts, parts by name; what is put away is left out."""
        top = api.made("/v1/accounts", name="Top")["id"]
        north = api.made("/v1/accounts", name="North", parent_id=top)["id"]
        api.made("/v1/accounts", name="East", parent_id=top)
        leaf = api.made("/v1/accounts", name="Leaf", parent_id=north)["id"]
        gone = api.made("/v1/accounts", name="Gone", parent_id=north)["id"]
        api.delete(f"/v1/accounts/{gone}", 1)

        expected = [("Top", 0), ("East", 1), ("North", 1), ("Leaf", 2)]
        assert [expected] * 3 == [self.whole(api, each) for each in (top, north, leaf)]

    def test_hides_what_the_caller_may_not_see(self, api, calling):
        top = api.made("/v1/accounts", name="Top")["id"]
        api.made("/v1/accounts", name="Secret", parent_id=top, visibility="private")
        other = calling("member", user_id=ids.new())

        assert [("Top", 0), ("Secret", 1)] == self.whole(api, top)
        assert [("Top", 0)] == self.whole(other, top)

    def test_two_changes_at_once_make_no_ring(self, api, calling):
        left = api.made("/v1/accounts", name="Left")["id"]
        right = api.made("/v1/accounts", name="Right")["id"]
        statuses = []

        def move(one, other):
            answer = calling("member").patch(f"/v1/accounts/{one}", {"parent_id": other}, 1)
            statuses.append(answer.status_code)

        both = [threading.Thread(target=move, args=pair) for pair in ((left, right), (right, left))]
        for each in both:
            each.start()
        for each in both:
            each.join()

        assert [200, 422] == sorted(statuses)


def test_fields_are_offered_where_records_are_answered(api):
    paths = api.get("/openapi.json").json["paths"]

    def takes(path, method="get"):
        return "fields" in {each["name"] for each in paths[path][method].get("parameters", [])}

    assert takes("/v1/contacts")
    assert takes("/v1/contacts/{contact_id}")
    assert not takes("/v1/contacts", "post")
    assert not takes("/v1/tags")
