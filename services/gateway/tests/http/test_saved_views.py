"""/v1/views: whose they are, who sees them, who changes them."""

import pytest

from crm_chassis import ids
from crm_gateway import identity

pytestmark = pytest.mark.integration
VIEW = {"object": "contact", "name": "North", "filter": {"tag": "north"}, "sort": "name"}


def names(caller, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return [each["name"] for each in caller.get(f"/v1/views?{asked}").json["items"]]


@pytest.fixture
def team(doing):
    return doing(identity.create_team, identity.CreateTeam(name="North")).id


class TestSaveView:
    def test_is_ones_own_until_it_is_shared(self, calling):
        anna, ben = calling("member"), calling("member")
        made = anna.post("/v1/views", VIEW)
        path = made.headers["Location"]

        assert (201, "private") == (made.status_code, made.json["visibility"])
        assert (["North"], []) == (names(anna), names(ben))
        assert 404 == ben.get(path).status_code

        anna.patch(path, {"visibility": "all"}, version=1)
        assert ["North"] == names(ben, object="contact")
        assert [] == names(ben, object="account")

    def test_is_shared_with_a_team_one_belongs_to(self, calling, team):
        anna, ben, eve = (
            calling("member", team_id=team), calling("member", team_id=team), calling("member"),
        )  # fmt: skip
        body = VIEW | {"visibility": "team", "team_id": str(team)}

        assert 201 == anna.post("/v1/views", body).status_code
        assert (["North"], []) == (names(ben), names(eve))
        assert 422 == eve.post("/v1/views", body).status_code
        assert 422 == anna.post("/v1/views", VIEW | {"visibility": "team"}).status_code

    def test_is_changed_by_its_owner_at_the_version_seen(self, calling):
        anna, ben, admin = calling("member"), calling("member"), calling("admin")
        path = anna.post("/v1/views", VIEW | {"visibility": "all"}).headers["Location"]

        answers = [
            ben.patch(path, {"name": "Mine"}, version=1),
            anna.patch(path, {"name": "South"}),
            anna.patch(path, {"name": "South", "columns": ["name", "owner"]}, version=1),
            anna.patch(path, {"name": "East"}, version=1),
            admin.patch(path, {"name": "East"}, version=2),
        ]

        assert [403, 428, 200, 412, 200] == [each.status_code for each in answers]

    def test_a_name_is_used_once_per_owner_and_freed_by_archiving(self, calling):
        anna = calling("member")
        path = anna.post("/v1/views", VIEW).headers["Location"]

        taken = anna.post("/v1/views", VIEW | {"name": "NORTH"})
        anna.delete(path, version=1)
        again = anna.post("/v1/views", VIEW)
        back = anna.ask("PUT", f"{path}/restoration", If_Match='"2"')

        assert taken.json["type"].endswith("name-taken")
        assert (409, 201, 409) == (taken.status_code, again.status_code, back.status_code)
        assert calling("member").post("/v1/views", VIEW).status_code == 201

    @pytest.mark.parametrize(
        "change",
        [
            {"object": "planet"}, {"name": " "}, {"sort": "name;drop"}, {"filter": {"A B": "x"}},
            {"columns": ["x"] * 31}, {"visibility": "secret"}, {"team_id": str(ids.new())},
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_view(self, calling, change):
        assert 422 == calling("member").post("/v1/views", VIEW | change).status_code

    def test_a_reader_saves_none(self, calling):
        assert 403 == calling("read-only").post("/v1/views", VIEW).status_code
