"""/v1/accounts/{id}/merge: several accounts become one, and several again."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm_chassis import ids

pytestmark = pytest.mark.integration
_PASSING = ("version", "updated_at", "updated_by")


@pytest.fixture
def north(api):
    return api.made("/v1/accounts", name="Northwind", domain="northwind.example", tags=["old"])


@pytest.fixture
def norte(api):
    return api.made(
        "/v1/accounts", name="Northwind Ltd", legal_name="Northwind Limited", industry="wholesale",
        lifecycle="customer", domain="northwind.test", tags=["emea"],
    )  # fmt: skip


def merge(api, survivor, *absorbed, **more):
    body = {"absorbed_ids": [each["id"] for each in absorbed]} | more
    version = now(api, survivor)["version"]
    return api.post(f"/v1/accounts/{survivor['id']}/merge", body, version=version)


def undo(api, merged):
    return api.delete(f"/v1/merges/{merged['id']}")


def now(api, account):
    return api.get(f"/v1/accounts/{account['id']}").json


def contact(api, made):
    return api.get(f"/v1/contacts/{made['id']}").json


def lasting(record):
    return {name: value for name, value in record.items() if name not in _PASSING}


def tree(api, account):
    items = api.get(f"/v1/accounts/{account['id']}/tree").json["items"]
    return {each["name"]: each["depth"] for each in items}


class TestMerge:
    def test_keeps_what_the_survivor_has_and_takes_what_it_lacks(self, api, north, norte, facts):
        answer = merge(api, north, norte)

        found = now(api, north)
        assert (201, "account") == (answer.status_code, answer.json["subject_type"])
        assert ("Northwind", "Northwind Limited", "wholesale", "customer") == tuple(
            found[name] for name in ("name", "legal_name", "industry", "lifecycle")
        )
        assert ("northwind.example", ["old", "emea"]) == (found["domain"], found["tags"])
        assert {"account.merged", "account.updated", "merge.created"} <= set(facts())
        assert ["sales", "support"] == answer.json["awaited"]

    def test_takes_the_value_chosen(self, api, north, norte):
        merge(api, north, norte, choices={"name": norte["id"], "lifecycle": north["id"]})

        assert ("Northwind Ltd", "lead") == tuple(
            now(api, north)[name] for name in ("name", "lifecycle")
        )

    def test_leaves_the_old_id_answering(self, api, north, norte):
        merge(api, north, norte)

        found = now(api, norte)
        assert (north["id"], norte["id"]) == (found["id"], found["merged_from"])
        listed = [each["id"] for each in api.get("/v1/accounts").json["items"]]
        archived = api.get("/v1/accounts?archived=true").json["items"]
        assert ([north["id"]], []) == (listed, archived)

    def test_refuses_changes_by_the_old_id_and_names_the_survivor(self, api, north, norte):
        merge(api, north, norte)
        path = f"/v1/accounts/{norte['id']}"

        answers = [
            api.patch(path, {"industry": "retail"}, version=norte["version"]),
            api.delete(path, version=norte["version"]),
            api.put(f"{path}/restoration", version=norte["version"]),
        ]

        assert [409] * 3 == [answer.status_code for answer in answers]
        assert {north["id"]} == {answer.json["survivor_id"] for answer in answers}

    def test_sends_what_is_said_of_the_old_id_to_the_survivor(self, api, north, norte):
        merge(api, north, norte)
        pointing = [{"type": "account", "id": norte["id"]}]

        made = [
            api.made("/v1/notes", body="Late.", subjects=pointing)["subjects"][0]["id"],
            api.made("/v1/contacts", first_name="Eva", account_id=norte["id"])["account_id"],
            api.made("/v1/accounts", name="Branch", parent_id=norte["id"])["parent_id"],
        ]
        members = api.get(f"/v1/accounts/{norte['id']}/contacts").json["items"]

        assert [north["id"]] * 3 == made
        assert ["Eva"] == [each["name"] for each in members]

    def test_previews_without_changing(self, api, north, norte, facts):
        told = facts()

        answer = merge(api, north, norte, dry_run=True)

        assert "wholesale" == answer.json["survivor"]["industry"]
        assert {"contacts", "sales", "support"} == set(answer.json["moves"])
        assert told == facts()
        assert norte == now(api, norte)

    def test_moves_members_purchases_and_papers_and_an_undo_brings_them_back(
        self, api, north, norte
    ):
        links = [{"account_id": norte["id"], "role": "boss"}]
        only = api.made("/v1/contacts", first_name="Only", account_links=links)
        both = api.made("/v1/contacts", first_name="Both", account_links=[
            {"account_id": north["id"], "active": False}, *links,
        ])  # fmt: skip
        note = api.made("/v1/notes", body="!", subjects=[{"type": "account", "id": norte["id"]}])
        made = (only, both)

        merged = merge(api, north, norte).json

        assert {"contact": 2, "note": 1} == merged["moved"]["contacts"]
        assert [[(north["id"], "boss", main, True)] for main in (True, False)] == [
            [(link["account_id"], link["role"], link["is_primary"], link["active"])
             for link in contact(api, each)["account_links"]]
            for each in made
        ]  # fmt: skip
        undo(api, merged)
        assert [lasting(each) for each in made] == [lasting(contact(api, each)) for each in made]
        assert note["subjects"] == api.get(f"/v1/notes/{note['id']}").json["subjects"]

    def test_of_contacts_and_of_accounts_are_listed_apart(self, api, north, norte):
        merged = merge(api, north, norte).json

        found = api.get(f"/v1/merges?account_id={norte['id']}").json["items"]
        others = api.get(f"/v1/merges?account_id={ids.new()}").json["items"]

        assert ([merged["id"]], []) == ([each["id"] for each in found], others)


class TestHierarchy:
    def test_of_the_absorbed_moves_along(self, api, north, norte):
        branch = api.made("/v1/accounts", name="Branch", parent_id=norte["id"])

        merged = merge(api, north, norte).json

        assert {"Northwind": 0, "Branch": 1} == tree(api, branch)
        undo(api, merged)
        assert {"Northwind Ltd": 0, "Branch": 1} == tree(api, branch)

    def test_of_a_part_that_absorbs_its_whole_is_no_ring(self, api):
        top = api.made("/v1/accounts", name="Top")
        whole = api.made("/v1/accounts", name="Whole", parent_id=top["id"])
        middle = api.made("/v1/accounts", name="Middle", parent_id=whole["id"])
        part = api.made("/v1/accounts", name="Part", parent_id=middle["id"])

        merged = merge(api, part, whole).json

        assert {"Top": 0, "Part": 1, "Middle": 2} == tree(api, part)
        undo(api, merged)
        assert {"Top": 0, "Whole": 1, "Middle": 2, "Part": 3} == tree(api, part)

    def test_that_would_close_a_ring_by_an_undo_refuses_it(self, api, north, norte):
        top = api.made("/v1/accounts", name="Top")
        api.patch(f"/v1/accounts/{norte['id']}", {"parent_id": top["id"]}, version=1)
        branch = api.made("/v1/accounts", name="Branch", parent_id=norte["id"])
        merged = merge(api, north, norte, choices={"parent_id": north["id"]}).json
        api.patch(f"/v1/accounts/{top['id']}", {"parent_id": branch["id"]}, version=1)

        answer = undo(api, merged)

        assert (422, "parent-cycle") == (
            answer.status_code, answer.json["type"].rpartition("/")[2],
        )  # fmt: skip
        assert {"Northwind": 0, "Branch": 1, "Top": 2} == tree(api, north)


class TestRefusals:
    def test_of_itself_an_unknown_an_archived_or_an_absorbed_account(self, api, north, norte):
        gone = api.made("/v1/accounts", name="Gone")
        api.delete(f"/v1/accounts/{gone['id']}", version=1)
        other = api.made("/v1/accounts", name="Other")
        merge(api, north, norte)

        answers = [
            merge(api, north, north),
            merge(api, north, {"id": str(ids.new())}),
            merge(api, north, gone),
            merge(api, other, norte),
            merge(api, north, other, choices={"tags": north["id"]}),
        ]

        assert [422, 404, 422, 422, 422] == [each.status_code for each in answers]

    def test_of_a_stale_version_or_of_who_only_reads(self, api, calling, north, norte):
        path, body = f"/v1/accounts/{north['id']}/merge", {"absorbed_ids": [norte["id"]]}

        answers = [
            api.post(path, body, version=9),
            api.post(path, body),
            calling("read-only").post(path, body, version=1),
        ]

        assert [412, 428, 403] == [answer.status_code for answer in answers]


class TestUndo:
    def test_leaves_what_was_changed_since_and_says_so(self, api, north, norte):
        merged = merge(api, north, norte).json
        version = now(api, north)["version"]
        api.patch(f"/v1/accounts/{north['id']}", {"industry": "retail"}, version=version)

        answer = undo(api, merged)

        assert ["industry"] == answer.json["conflicts"]
        assert ("retail", "wholesale") == (now(api, north)["industry"], now(api, norte)["industry"])

    def test_keeps_who_came_meanwhile_and_lets_go_who_left(self, api, north, norte):
        eva = api.made("/v1/contacts", first_name="Eva", account_id=norte["id"])
        merged = merge(api, north, norte).json
        new = api.made("/v1/contacts", first_name="New", account_id=north["id"])
        version = contact(api, eva)["version"]
        api.patch(f"/v1/contacts/{eva['id']}", {"account_links": []}, version=version)

        undo(api, merged)

        assert (north["id"], None) == (
            contact(api, new)["account_id"], contact(api, eva)["account_id"],
        )  # fmt: skip

    def test_gives_back_who_had_places_in_several(self, api, north, norte):
        third = api.made("/v1/accounts", name="Third")
        links = [{"account_id": each["id"], "role": each["name"]} for each in (third, norte, north)]
        eva = api.made("/v1/contacts", first_name="Eva", account_links=links)
        pointing = [{"type": "account", "id": each["id"]} for each in (norte, third)]
        note = api.made("/v1/notes", body="Both.", subjects=pointing)

        merged = merge(api, north, norte, third).json

        assert [north["id"]] == [each["account_id"] for each in contact(api, eva)["account_links"]]
        undo(api, merged)
        assert lasting(eva) == lasting(contact(api, eva))
        assert pointing == api.get(f"/v1/notes/{note['id']}").json["subjects"]

    def test_of_merged_accounts_goes_in_reverse(self, api, north, norte):
        third = api.made("/v1/accounts", name="Third")
        one = merge(api, north, norte).json
        other = merge(api, third, north).json

        early = undo(api, one)
        answers = [undo(api, other), undo(api, one)]

        assert (409, [200, 200]) == (early.status_code, [each.status_code for each in answers])
        assert [lasting(each) for each in (north, norte, third)] == [
            lasting(now(api, each)) for each in (north, norte, third)
        ]


companies = st.fixed_dictionaries(
    {"name": st.sampled_from(["Acme", "Acme Ltd", "Bolt"])},
    optional={
        "industry": st.sampled_from(["retail", "steel"]),
        "domain": st.sampled_from(["acme.example", "bolt.example"]),
        "lifecycle": st.sampled_from(["lead", "customer", "churned"]),
        "type": st.sampled_from(["partner", "customer"]),
        "renewal_date": st.just("2027-01-31"),
        "tags": st.lists(st.sampled_from(["a", "b", "c"]), unique=True),
    },
)


@given(everybody=st.lists(companies, min_size=2, max_size=4), data=st.data())
@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_merging_and_undoing_is_as_if_nothing_had_been(calling, everybody, data):
    api, made = calling("member"), []  # whose token lasts a minute
    for each in everybody:
        parent = data.draw(st.sampled_from([None, *made]))
        made.append(api.made("/v1/accounts", **each, parent_id=parent and parent["id"]))
    several = st.lists(st.sampled_from(made), min_size=1, max_size=3, unique_by=lambda a: a["id"])
    members = [
        api.made(
            "/v1/contacts", first_name=f"Member {number}",
            account_links=[
                {"account_id": each["id"], "role": data.draw(st.sampled_from([None, "boss"])),
                 "active": data.draw(st.booleans())}
                for each in data.draw(several)
            ],
        )
        for number in range(2)
    ]  # fmt: skip
    survivor = data.draw(st.sampled_from(made))
    absorbed = [each for each in made if each is not survivor]

    merged = merge(api, survivor, *absorbed).json
    together = now(api, survivor)
    undo(api, merged)

    assert survivor["id"] != together["parent_id"]
    assert [lasting(each) for each in made] == [lasting(now(api, each)) for each in made]
    assert [lasting(each) for each in members] == [lasting(contact(api, each)) for each in members]
