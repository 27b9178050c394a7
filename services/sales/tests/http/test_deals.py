"""Deals over HTTP."""

import pytest
from services.sales.tests.factories import slug, unseen

pytestmark = pytest.mark.integration


@pytest.fixture
def pipeline(api):
    stages = [
        {"name": "First", "probability": "0.2"},
        {"name": "Second", "probability": 0.6},
        {"name": "Won", "category": "won"},
        {"name": "Lost", "category": "lost"},
    ]
    return api.make("/v1/pipelines", {"name": "Small", "stages": stages})


@pytest.fixture
def deal(api, pipeline):
    amount = {"amount": "1000.00", "currency": "EUR"}
    return api.make("/v1/deals", {"name": "Desks", "pipeline_id": pipeline["id"], "amount": amount})


class TestCreate:
    def test_answers_with_the_published_record(self, api, caller, deal):
        assert ("Desks", "First", "open", "200.00") == (
            deal["name"],
            deal["stage_name"],
            deal["status"],
            deal["weighted_amount"]["amount"],
        )
        assert str(caller.user_id) == deal["owner_id"]
        answer = api.get(f"/v1/deals/{deal['id']}")
        assert (200, deal, '"1"') == (answer.status_code, answer.json, answer.headers["ETag"])

    def test_says_where_and_which_version(self, api):
        answer = api.post("/v1/deals", {"name": "x"})

        assert f"/v1/deals/{answer.json['id']}" == answer.headers["Location"]
        assert f"deal/{answer.json['id']}@1" == answer.headers["X-CRM-Version"]

    def test_answers_the_same_for_the_same_key(self, api):
        first, again = (api.post("/v1/deals", {"name": "x"}, key="k1") for _ in range(2))
        other = api.post("/v1/deals", {"name": "y"}, key="k1")

        assert (first.json, 201) == (again.json, again.status_code)
        assert 422 == other.status_code


class TestTransitions:
    def test_lead_from_open_to_won_and_back(self, api, pipeline, deal):
        path, second = f"/v1/deals/{deal['id']}", pipeline["stages"][1]["id"]

        moved = api.put(f"{path}/stage", {"stage_id": second}, version=1)
        won = api.put(f"{path}/win", version=2)
        again = api.put(f"{path}/win")
        reopened = api.put(f"{path}/reopening", {"reason": "Mistake"}, version=3)
        lost = api.put(f"{path}/loss", {"reason": "Price"}, version=4)

        assert [200] * 5 == [each.status_code for each in (moved, won, again, reopened, lost)]
        assert ["open", "won", "won", "open", "lost"] == [
            each.json["status"] for each in (moved, won, again, reopened, lost)
        ]
        assert won.json == again.json
        assert ("Second", "0.6") == (reopened.json["stage_name"], reopened.json["probability"])
        assert "Price" == lost.json["lost_reason"]

    def test_refuse_in_the_promised_order(self, api, pipeline, deal):
        path, first = f"/v1/deals/{deal['id']}", pipeline["stages"][0]["id"]
        api.put(f"{path}/win", version=1)

        without = api.put(f"{path}/loss", {"reason": "x"})
        stale = api.put(f"{path}/loss", {"reason": "x"}, version=1)
        closed = api.put(f"{path}/loss", {"reason": "x"}, version=2)
        back = api.put(f"{path}/stage", {"stage_id": first}, version=2)

        assert [428, 412, 409, 409] == [each.status_code for each in (without, stale, closed, back)]
        assert 2 == stale.json["current_version"]
        assert "deal-already-closed" == slug(closed) == slug(back)

    @pytest.mark.parametrize("body", [None, {}, {"reason": ""}, {"reason": "  "}, {"reason": None}])
    @pytest.mark.parametrize("transition", ["loss", "reopening"])
    def test_need_their_reason(self, api, deal, transition, body):
        answer = api.put(f"/v1/deals/{deal['id']}/{transition}", body, version=1)

        assert 422 == answer.status_code
        assert ["reason"] == list(answer.json["errors"])

    def test_show_the_time_in_each_stage(self, api, pipeline, deal):
        path = f"/v1/deals/{deal['id']}"
        second = pipeline["stages"][1]["id"]
        api.put(f"{path}/stage", {"stage_id": second}, version=1)

        stages = api.get(f"{path}/stages").json

        assert [("First", 1, False), ("Second", 1, True)] == [
            (each["stage_name"], each["visits"], each["is_current"]) for each in stages["items"]
        ]
        assert stages["intervals"][0]["left_at"] == stages["intervals"][1]["entered_at"]
        assert 404 == api.get(f"/v1/deals/{unseen()}/stages").status_code


class TestUpdate:
    def test_merges_what_is_sent(self, api, deal):
        path = f"/v1/deals/{deal['id']}"

        api.patch(path, {"probability": "0.9", "next_step": "Call"}, version=1)
        answer = api.patch(path, {"name": "Chairs"}, version=2)

        assert ("Chairs", "0.9", "manual", "Call") == (
            answer.json["name"],
            answer.json["probability"],
            answer.json["probability_source"],
            answer.json["next_step"],
        )
        back = api.patch(path, {"probability": None, "amount": None}, version=3).json
        assert ("0.2", "stage", None) == (
            back["probability"],
            back["probability_source"],
            back["weighted_amount"],
        )

    def test_archives_and_restores(self, api, deal):
        path = f"/v1/deals/{deal['id']}"

        assert 428 == api.delete(path).status_code
        assert api.delete(path, version=1).json["archived_at"]
        assert 200 == api.get(path).status_code
        assert "record-archived" == slug(api.patch(path, {"name": "x"}, version=2))
        assert api.put(f"{path}/restoration", version=2).json["archived_at"] is None


class TestList:
    def test_filters_pages_and_searches(self, api):
        account = str(unseen())
        made = [
            api.make("/v1/deals", {"name": f"Desk {n}", "account_id": account})["id"]
            for n in range(3)
        ]

        first = api.get(f"/v1/deals?account_id={account}&limit=2").json
        second = api.get(f"/v1/deals?account_id={account}&limit=2&cursor={first['next']}").json
        by_name = api.get(f"/v1/deals?account_id={account}&sort=name").json
        found = api.get(f"/v1/deals?account_id={account}&q=SK%201").json

        assert made[::-1] == [each["id"] for each in first["items"] + second["items"]]
        assert second["next"] is None
        assert made == [each["id"] for each in by_name["items"]]
        assert [made[1]] == [each["id"] for each in found["items"]]

    @pytest.mark.parametrize("sort", ["updated_at", "-public_no", "expected_close_on", "-name"])
    def test_pages_in_every_order(self, api, sort):
        account = str(unseen())
        for day in ("2026-05-01", None, "2026-04-01"):
            api.make("/v1/deals", {"name": "x", "account_id": account, "expected_close_on": day})
        path, seen, cursor = f"/v1/deals?account_id={account}&limit=1&sort={sort}", [], ""

        while cursor is not None:
            page = api.get(f"{path}&cursor={cursor}" if cursor else path).json
            seen += [each["id"] for each in page["items"]]
            cursor = page["next"]

        assert 3 == len(set(seen)) == len(seen)

    def test_leaves_archived_deals_out(self, api, deal):
        owner = deal["owner_id"]
        api.delete(f"/v1/deals/{deal['id']}", version=1)

        assert [] == api.get(f"/v1/deals?owner_id={owner}").json["items"]

    def test_finds_capitals_of_any_alphabet(self, api):
        deal = api.make("/v1/deals", {"name": "ÄRZTEHAUS"})

        found = api.get(f"/v1/deals?owner_id={deal['owner_id']}&q=ärzte").json["items"]

        assert [deal] == found

    def test_treats_wildcards_as_text(self, api, deal):
        assert [] == api.get(f"/v1/deals?owner_id={deal['owner_id']}&q=%25").json["items"]


class TestBatch:
    def test_creates_updates_and_archives_each_on_its_own(self, api, deal):
        operations = [
            {"op": "create", "body": {"name": "New"}},
            {"op": "create", "body": {"name": "", "colour": "red"}},
            {"op": "create", "body": {"name": "x", "stage_id": str(unseen())}},
            {"op": "update", "id": deal["id"], "version": 1, "body": {"name": "Renamed"}},
            {"op": "archive", "id": deal["id"], "version": 9},
            {"op": "archive", "body": {}},
            {"op": "create", "body": {"name": "Newer"}},
        ]

        answer = api.post("/v1/deals/batch", {"operations": operations})

        items = answer.json["items"]
        assert 207 == answer.status_code
        assert [201, 422, 422, 200, 412, 422, 201] == [each["status"] for each in items]
        assert {"name", "colour"} == set(items[1]["problem"]["errors"])
        assert "Renamed" == api.get(f"/v1/deals/{deal['id']}").json["name"]
        assert "New" == api.get(f"/v1/deals/{items[0]['id']}").json["name"]

    def test_takes_the_past_of_imported_deals(self, api, pipeline):
        first, second, won, _ = (each["id"] for each in pipeline["stages"])
        history = [
            {"stage_id": first, "entered_at": "2026-01-05T10:00:00Z"},
            {"stage_id": second, "entered_at": "2026-02-05T10:00:00+02:00"},
            {"stage_id": won, "entered_at": "2026-03-01T10:00:00Z"},
        ]
        body = {"name": "Old", "imported": True, "stage_history": history}

        answer = api.post("/v1/deals/batch", {"operations": [{"op": "create", "body": body}]})

        path = f"/v1/deals/{answer.json['items'][0]['id']}"
        deal, stages = api.get(path).json, api.get(f"{path}/stages").json
        assert ("won", "2026-01-05T10:00:00Z", "2026-03-01T10:00:00Z", 1) == (
            deal["status"],
            deal["created_at"],
            deal["closed_at"],
            deal["version"],
        )
        assert [2674800.0, 2080800.0 + 3600] == [
            pytest.approx(each["seconds"], abs=7200) for each in stages["items"]
        ]

    @pytest.mark.parametrize(
        "past",
        [
            {"created_at": "2026-01-05T10:00:00Z"},
            {"imported": True},
            {"imported": True, "created_at": "yesterday"},
            {"imported": True, "created_at": "2026-01-05T10:00:00"},
            {"imported": True, "created_at": "2026-01-05T10:00:00Z", "stage_history": []},
        ],
    )
    def test_refuses_a_past_that_is_not_whole(self, api, past):
        operation = {"op": "create", "body": {"name": "x", **past}}

        answer = api.post("/v1/deals/batch", {"operations": [operation]})

        assert 422 == answer.json["items"][0]["status"]

    def test_settles_foreign_ids_and_writes_in_sets(self, api, app, pipeline):
        from sqlalchemy import event

        engine, statements = app.extensions["crm"].sessions.kw["bind"], []
        count = lambda *args: statements.append(args[2])  # noqa: E731
        operations = [
            {
                "op": "create",
                "body": {
                    "name": f"Deal {n}",
                    "stage_id": pipeline["stages"][n % 2]["id"],
                    "primary_contact_id": str(unseen()),
                    "account_id": str(unseen()),
                },
            }
            for n in range(200)
        ]

        event.listen(engine, "before_cursor_execute", count)
        answer = api.post("/v1/deals/batch", {"operations": operations})
        event.remove(engine, "before_cursor_execute", count)

        assert {201} == {each["status"] for each in answer.json["items"]}
        assert len(statements) < 20, statements


class TestRoles:
    def test_each_contact_has_one_per_deal(self, api):
        boss, user = str(unseen()), str(unseen())
        roles = [
            {"contact_id": boss, "role": "decision maker"},
            {"contact_id": user, "role": "influencer"},
        ]

        made = api.make("/v1/deals", {"name": "x", "contact_ids": [boss], "contact_roles": roles})
        path = f"/v1/deals/{made['id']}"
        left = api.patch(path, {"contact_ids": [user]}, version=1).json
        again = api.patch(path, {"contact_roles": roles[1:]}, version=2).json

        assert (roles, [boss, user]) == (made["contact_roles"], made["contact_ids"])
        assert (roles[1:], [user]) == (left["contact_roles"], left["contact_ids"])
        assert 2 == again["version"]

    def test_a_role_has_a_name(self, api):
        body = {"name": "x", "contact_roles": [{"contact_id": str(unseen()), "role": " "}]}

        assert 422 == api.post("/v1/deals", body).status_code
