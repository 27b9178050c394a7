"""/v1/relationship-types and /v1/relationships as a client sees them."""

import pytest

from crm_chassis import ids
from crm_contacts.commands import relationships as commands

pytestmark = pytest.mark.integration


@pytest.fixture
def lena(api):
    return {"type": "contact", "id": api.made("/v1/contacts", last_name="Lena")["id"]}


@pytest.fixture
def otto(api):
    return {"type": "contact", "id": api.made("/v1/contacts", last_name="Otto")["id"]}


@pytest.fixture
def acme(api):
    return {"type": "account", "id": api.made("/v1/accounts", name="Acme")["id"]}


@pytest.fixture
def boss(api):
    names = {"name": "reports to", "inverse_name": "manager of"}
    return api.made("/v1/relationship-types", **names, from_kind="contact", to_kind="contact")


class TestTypes:
    def test_are_the_deployments_own(self, api, boss, facts):
        path = f"/v1/relationship-types/{boss['id']}"
        body = {name: boss[name] for name in ("name", "inverse_name", "from_kind", "to_kind")}

        again = api.post("/v1/relationship-types", body)
        renamed = api.patch(path, {"inverse_name": "leads"}, 1)
        api.delete(path, 2)
        restored = api.put(f"{path}/restoration", 3)

        assert (again.status_code, again.json["id"]) == (200, boss["id"])
        assert (renamed.json["inverse_name"], restored.json["archived_at"]) == ("leads", None)
        assert facts() == [
            f"relationship_type.{verb}" for verb in ("created", "updated", "archived", "restored")
        ]

    def test_usual_ones_are_defined_once(self, api):
        for _ in range(2):
            assert api.post("/v1/relationship-types/usual", {}).status_code == 200

        found = api.get("/v1/relationship-types").json["items"]
        assert [each["name"] for each in found] == [
            "adviser of", "household with", "partner of", "reports to", "supplier of",
        ]  # fmt: skip


class TestRelationships:
    def test_are_said_once_and_seen_from_both_ends(self, api, boss, lena, otto, facts):
        said = {"type_id": boss["id"], "from": lena, "to": otto}
        made, again = (api.post("/v1/relationships", said) for _ in range(2))
        path = f"/v1/relationships/{made.json['id']}"
        api.patch(path, {"comment": "since May"}, 1)
        api.delete(path, 2)
        api.put(f"{path}/restoration", 3)

        assert (made.status_code, again.status_code) == (201, 200)
        assert (made.json["from"], made.json["to"]) == (lena, otto)
        for end in (lena, otto):
            found = api.get(f"/v1/relationships?subject_id={end['id']}").json["items"]
            assert [(each["name"], each["comment"]) for each in found] == [
                ("reports to", "since May")
            ]
        assert [each for each in facts() if each.startswith("relationship.")] == [
            f"relationship.{verb}" for verb in ("created", "updated", "archived", "restored")
        ]

    def test_a_mutual_one_has_no_direction(self, api, lena, otto):
        mates = api.made("/v1/relationship-types", name="married to", inverse_name="married to")
        one = api.post("/v1/relationships", {"type_id": mates["id"], "from": lena, "to": otto})
        same = api.post("/v1/relationships", {"type_id": mates["id"], "from": otto, "to": lena})

        assert one.json["id"] == same.json["id"]

    def test_ends_have_to_fit(self, api, boss, lena, acme):
        def refused(**ends):
            answer = api.post("/v1/relationships", {"type_id": boss["id"], **ends})
            return answer.status_code, list(answer.json["errors"])

        nobody = {"type": "contact", "id": str(ids.new())}
        deal = {"type": "deal", "id": str(ids.new())}
        assert refused(**{"from": lena, "to": acme}) == (422, ["to"])
        assert refused(**{"from": lena, "to": lena}) == (422, ["to"])
        assert refused(**{"from": nobody, "to": lena}) == (422, ["from"])
        assert refused(**{"from": deal, "to": lena}) == (422, ["from"])
        unknown = {"type_id": str(ids.new()), "from": lena, "to": acme}
        assert api.post("/v1/relationships", unknown).status_code == 422

    def test_get_the_new_name_of_their_type(self, api, boss, lena, otto, doing):
        made = api.made("/v1/relationships", **{"type_id": boss["id"], "from": lena, "to": otto})
        api.patch(f"/v1/relationship-types/{boss['id']}", {"name": "works for"}, 1)

        assert [doing(commands.carry_names) for _ in range(2)] == [1, 0]
        assert api.get(f"/v1/relationships/{made['id']}").json["name"] == "works for"

    def test_follow_a_merge_and_its_undoing(self, api, boss, lena, otto, acme):
        other = {"type": "contact", "id": api.made("/v1/contacts", last_name="Lehna")["id"]}
        made = api.made("/v1/relationships", **{"type_id": boss["id"], "from": other, "to": otto})

        def whose():
            return api.get(f"/v1/relationships/{made['id']}").json["from"]["id"]

        merged = api.post(f"/v1/contacts/{lena['id']}/merge", {"absorbed_ids": [other["id"]]}, 1)
        assert whose() == lena["id"]
        api.delete(f"/v1/merges/{merged.json['id']}")
        assert whose() == other["id"]
