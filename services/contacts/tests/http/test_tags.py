"""Tags: which there are, and having them renamed everywhere."""

import pytest

from crm_chassis import ids
from crm_contacts.commands import jobs
from crm_contacts.commands import tags as commands

pytestmark = pytest.mark.integration


def tags(api, query=""):
    return {each["name"]: each["count"] for each in api.get(f"/v1/tags{query}").json["items"]}


@pytest.fixture
def tagged(api):
    for name, words in (("A", ["vip", "fair"]), ("B", ["VIP"]), ("C", ["fair"])):
        api.made("/v1/contacts", last_name=name, tags=words)


class TestTags:
    """C17."""

    def test_are_counted_by_name_in_pages(self, api, tagged):
        api.made("/v1/accounts", name="Acme", tags=["vip"])

        assert {"VIP": 1, "fair": 2, "vip": 1} == tags(api)
        assert {"vip": 1} == tags(api, "?object=account")
        assert {"fair": 2} == tags(api, "?q=fa")
        first = api.get("/v1/tags?limit=2").json
        assert {"vip": 1} == tags(api, f"?cursor={first['next']}")

    def test_are_counted_as_they_come_and_go_and_when_the_counts_are_folded(
        self, api, admin, tagged, doing
    ):
        made = api.made("/v1/contacts", last_name="D", tags=["vip", "new"])
        path = f"/v1/contacts/{made['id']}"
        api.patch(path, {"tags": ["new", "fair"], "visibility": "private"}, version=1)
        seen = [tags(api), tags(admin)]

        folded = doing(commands.fold_counts)

        assert {"VIP": 1, "fair": 3, "new": 1, "vip": 1} == seen[0] == seen[1]
        assert (seen, 0) == ([tags(api), tags(admin)], doing(commands.fold_counts))
        assert folded
        api.delete(path, version=2)
        assert {"VIP": 1, "fair": 2, "vip": 1} == tags(api)
        api.put(f"{path}/restoration", version=3)
        assert seen[0] == tags(api)

    def test_hide_with_what_they_are_on(self, api, calling):
        api.made("/v1/contacts", last_name="X", tags=["secret"], visibility="private")

        assert {"secret": 1} == tags(api)
        assert {} == tags(calling("member", user_id=ids.new()))

    def test_several_become_one_in_the_background(self, api, tagged, sessions, facts):
        body = {"object": "contact", "old": ["VIP", "vip", "fair"], "new": "vip"}

        asked = api.post("/v1/tags/renaming", body)
        busy = api.post("/v1/tags/renaming", body)
        jobs.run(sessions)

        job = api.get(asked.headers["Location"]).json
        assert (202, 409) == (asked.status_code, busy.status_code)
        assert ("done", {"changed": 3}) == (job["status"], job["result"])
        assert {"vip": 3} == tags(api)
        assert 3 == facts().count("contact.updated")

    def test_are_taken_away(self, api, tagged, sessions):
        api.post("/v1/tags/renaming", {"object": "contact", "old": ["fair"], "new": None})
        jobs.run(sessions)

        assert {"VIP": 1, "vip": 1} == tags(api)

    @pytest.mark.parametrize(
        "change", [{"old": ["a"], "new": "a"}, {"old": []}, {"object": "deal"}]
    )
    def test_refuses_what_changes_nothing(self, api, change):
        body = {"object": "contact", "old": ["a"], "new": "b"} | change

        assert 422 == api.post("/v1/tags/renaming", body).status_code
