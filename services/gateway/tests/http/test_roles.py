"""/v1/roles and teams below teams: what may be granted, and by whom."""

from typing import ClassVar

import pytest

from crm_chassis import ids
from crm_chassis.rights import ADMIN
from crm_gateway import identity

pytestmark = pytest.mark.integration
SELLER = {
    "name": "Seller",
    "grants": {"deal": {"read": "team", "update": "own"}, "contact": {"read": "all"}},
    "fields": {"deal": {"amount": "read", "weighted_amount": "hidden", "custom.margin": "hidden"}},
    "special": ["mass_update"],
}


@pytest.fixture
def admin(calling):
    return calling("admin")


@pytest.fixture
def seller(admin):
    return admin.post("/v1/roles", SELLER).json


@pytest.fixture
def system_roles(doing):
    doing(identity.ensure_system_roles)


class TestRole:
    def test_is_made_and_told(self, admin, connection):
        made = admin.post("/v1/roles", SELLER)

        assert (201, "Seller", None) == (made.status_code, made.json["name"], made.json["key"])
        assert SELLER["grants"] == made.json["grants"]
        types = [row[0] for row in connection.execute("select type from outbox order by seq")]
        assert "gateway.role.created.v1" in types

    def test_is_changed_put_away_and_brought_back_at_the_version_seen(self, admin, seller):
        path = f"/v1/roles/{seller['id']}"

        answers = [
            admin.patch(path, {"grants": {"deal": {"read": "all"}}}),
            admin.patch(path, {"grants": {"deal": {"read": "all"}}}, version=1),
            admin.patch(path, {"name": "Buyer"}, version=1),
            admin.delete(path, version=2),
            admin.ask("PUT", f"{path}/restoration", If_Match='"3"'),
        ]

        assert [428, 200, 412, 200, 200] == [each.status_code for each in answers]
        assert {"deal": {"read": "all"}} == answers[1].json["grants"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"grants": {"unicorn": {"read": "all"}}}, "grants.unicorn"),
            ({"grants": {"deal": {"fly": "all"}}}, "grants.deal.fly"),
            ({"grants": {"deal": {"read": "galaxy"}}}, "grants.deal.value.read.value"),
            ({"fields": {"deal": {"horn": "hidden"}}}, "fields.deal.horn"),
            ({"fields": {"deal": {"owner_id": "hidden"}}}, "fields.deal.owner_id"),
            ({"fields": {"unicorn": {"horn": "hidden"}}}, "fields.unicorn"),
            ({"special": ["fly"]}, "special.0"),
        ],
    )
    def test_refuses_what_there_is_not_by_name(self, admin, change, field):
        answer = admin.post("/v1/roles", SELLER | change)

        assert 422 == answer.status_code
        assert [field] == list(answer.json["errors"])

    def test_has_a_name_of_its_own(self, admin, seller):
        answer = admin.post("/v1/roles", SELLER | {"name": "sELLER"})

        assert (409, "role-name-taken") == (answer.status_code, answer.json["type"].split("/")[-1])

    def test_is_read_by_all_and_written_by_administrators(self, calling, seller):
        path, member = f"/v1/roles/{seller['id']}", calling("member")

        assert 200 == member.get(path).status_code
        assert 403 == member.post("/v1/roles", SELLER | {"name": "Mine"}).status_code
        assert 403 == member.patch(path, {"special": ["audit"]}, version=1).status_code
        assert 403 == member.delete(path, version=1).status_code

    def test_of_the_system_stays_as_it_is(self, admin, system_roles):
        found = {each["key"]: each for each in admin.get("/v1/roles").json["items"]}
        path = f"/v1/roles/{found['admin']['id']}"

        assert {"admin", "member", "read-only"} == found.keys()
        assert ADMIN.kept()["grants"] == found["admin"]["grants"]
        for answer in (admin.patch(path, {"grants": {}}, version=1), admin.delete(path, version=1)):
            assert (409, "system-role") == (
                answer.status_code, answer.json["type"].split("/")[-1],
            )  # fmt: skip

    def test_of_the_system_are_kept_once(self, doing, system_roles, connection):
        doing(identity.ensure_system_roles)

        assert (3, 3) == connection.execute("select count(*), sum(version) from role").fetchone()

    def test_is_not_put_away_while_somebody_holds_it(self, admin, seller, calling):
        calling(seller["id"])

        answer = admin.delete(f"/v1/roles/{seller['id']}", version=1)

        assert (409, "role-in-use") == (answer.status_code, answer.json["type"].split("/")[-1])


class TestGivingRoles:
    BODY: ClassVar = {"email": "new@example.com", "name": "New"}

    def test_gives_those_there_are(self, admin, seller):
        made = admin.post("/v1/users", self.BODY | {"roles": [seller["id"], "member"]})
        unknown = admin.post(
            "/v1/users", self.BODY | {"email": "x@example.com", "roles": ["nobody"]}
        )

        assert 201 == made.status_code
        assert (422, ["roles"]) == (unknown.status_code, list(unknown.json["errors"]))

    def test_who_keeps_users_gives_no_more_than_they_have(self, admin, calling, seller):
        keeper_role = admin.post(
            "/v1/roles", SELLER | {"name": "Keeper", "special": ["manage_users", "mass_update"]}
        ).json["id"]
        keeper = calling(keeper_role)
        boss = admin.post("/v1/users", self.BODY | {"roles": ["admin"]}).json

        def ask(email, *roles):
            return keeper.post("/v1/users", self.BODY | {"email": email, "roles": list(roles)})

        assert 201 == ask("a@example.com", seller["id"]).status_code
        assert 403 == ask("b@example.com", "member").status_code
        assert 403 == ask("c@example.com", "admin").status_code
        path = f"/v1/users/{boss['id']}"
        assert 403 == keeper.patch(path, {"password": "a new password"}, version=1).status_code
        assert 403 == keeper.delete(path, version=1).status_code

    def test_nobody_else_writes_users(self, calling):
        assert 403 == calling("member").post("/v1/users", self.BODY).status_code


class TestStanding:
    """What a caller may do, as the gateway and the tokens it signs say it."""

    def principal(self, app, caller):
        return app.extensions["crm"].verifier.of_token(caller.token)

    def test_names_roles_with_their_version_and_what_they_grant(self, app, admin, calling, seller):
        who = self.principal(app, calling(seller["id"]))

        assert {seller["id"]} == who.roles
        assert ((seller["id"], 1),) == who.role_versions
        assert "team" == who.rights.range_of("deal", "read")
        assert {"weighted_amount", "custom.margin"} == who.rights.hidden("deal")

    def test_a_key_that_reads_reads_no_more_than_its_user(self, app, seller, person, signed_in):
        reader = signed_in(person(seller["id"]), kind="key", scopes=["read"])

        who = self.principal(app, reader)

        assert "team" == who.rights.range_of("deal", "read")
        assert "none" == who.rights.range_of("deal", "update")
        assert "none" == who.rights.range_of("ticket", "read")

    def test_counts_the_teams_below_ones_own(self, app, doing, calling):
        north = doing(identity.create_team, identity.CreateTeam(name="North"))
        coast = doing(identity.create_team, identity.CreateTeam(name="Coast", parent_id=north.id))
        beach = doing(identity.create_team, identity.CreateTeam(name="Beach", parent_id=coast.id))

        assert {north.id, coast.id, beach.id} == {
            *self.principal(app, calling("member", team_id=north.id)).team_ids
        }
        assert (beach.id,) == self.principal(app, calling("member", team_id=beach.id)).team_ids


class TestTeams:
    def test_stand_below_one_another_without_a_ring(self, admin):
        north = admin.post("/v1/teams", {"name": "North"}).json
        coast = admin.post("/v1/teams", {"name": "Coast", "parent_id": north["id"]}).json
        path = f"/v1/teams/{north['id']}"

        ring = admin.patch(path, {"parent_id": coast["id"]}, version=1)
        itself = admin.patch(path, {"parent_id": north["id"]}, version=1)
        nobody = admin.patch(path, {"parent_id": str(ids.new())}, version=1)
        renamed = admin.patch(path, {"name": "Far North"}, version=1)

        assert north["id"] == coast["parent_id"]
        assert [422, 422, 422, 200] == [
            each.status_code for each in (ring, itself, nobody, renamed)
        ]  # fmt: skip

    def test_are_changed_by_who_keeps_users(self, admin, calling):
        north = admin.post("/v1/teams", {"name": "North"}).json

        answer = calling("member").patch(f"/v1/teams/{north['id']}", {"name": "South"}, version=1)

        assert 403 == answer.status_code
