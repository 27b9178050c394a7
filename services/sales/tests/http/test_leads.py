"""Leads over HTTP."""

import pytest
from services.sales.tests.factories import slug, unseen

pytestmark = pytest.mark.integration


@pytest.fixture
def lead(api):
    return api.make("/v1/leads", {"first_name": "Ada", "last_name": "Lovelace", "source": "fair"})


class TestCapture:
    def test_answers_with_the_published_record(self, api, lead):
        assert ("Ada Lovelace", "new", None) == (lead["name"], lead["status"], lead["owner_id"])
        assert lead == api.get(f"/v1/leads/{lead['id']}").json

    @pytest.mark.parametrize(
        "body", [{}, {"source": "fair"}, {"last_name": " "}, {"email": "nobody"}]
    )
    def test_needs_something_to_call_it_by(self, api, body):
        assert 422 == api.post("/v1/leads", body).status_code


class TestTransitions:
    def test_assign_qualify_give_up_and_recycle(self, api, lead):
        path, owner = f"/v1/leads/{lead['id']}", str(unseen())

        assigned = api.put(f"{path}/assignment", {"owner_id": owner}, version=1)
        qualified = api.put(f"{path}/qualification", version=2)
        given_up = api.put(f"{path}/disqualification", {"reason": "Too small"}, version=3)
        recycled = api.put(f"{path}/recycling", version=4)

        assert owner == assigned.json["owner_id"]
        assert ["qualified", "disqualified", "working"] == [
            each.json["status"] for each in (qualified, given_up, recycled)
        ]
        assert "Too small" == given_up.json["disqualified_reason"]

    def test_need_version_and_reason(self, api, lead):
        path = f"/v1/leads/{lead['id']}"

        assert 428 == api.put(f"{path}/qualification").status_code
        assert 412 == api.put(f"{path}/qualification", version=4).status_code
        assert 422 == api.put(f"{path}/disqualification", {}, version=1).status_code
        assert 422 == api.put(f"{path}/assignment", {}, version=1).status_code


class TestConversion:
    def test_is_accepted_and_waits(self, api, lead):
        body = {"deal_name": "Mill", "amount": {"amount": "10.00", "currency": "EUR"}}

        answer = api.post(f"/v1/leads/{lead['id']}/conversion", body)
        again = api.post(f"/v1/leads/{lead['id']}/conversion")

        assert (202, "converting") == (answer.status_code, answer.json["status"])
        assert answer.json == again.json

    def test_needs_an_open_lead(self, api, lead):
        path = f"/v1/leads/{lead['id']}"
        api.put(f"{path}/disqualification", {"reason": "x"}, version=1)

        answer = api.post(f"{path}/conversion", version=2)

        assert (409, "lead-not-open") == (answer.status_code, slug(answer))


class TestUpdateAndList:
    def test_moves_by_hand_only_among_early_states(self, api, lead):
        path = f"/v1/leads/{lead['id']}"

        assert "working" == api.patch(path, {"status": "working"}, version=1).json["status"]
        assert 422 == api.patch(path, {"status": "converted"}, version=2).status_code

    def test_archives_and_restores(self, api, lead):
        path = f"/v1/leads/{lead['id']}"

        assert api.delete(path, version=1).json["archived_at"]
        assert api.put(f"{path}/restoration", version=2).json["archived_at"] is None

    def test_filters_and_searches(self, api):
        owner = str(unseen())
        made = [
            api.make("/v1/leads", {"company": f"Engines {n}", "owner_id": owner}) for n in range(2)
        ]

        everything = api.get(f"/v1/leads?owner_id={owner}&status=new").json["items"]
        found = api.get(f"/v1/leads?owner_id={owner}&q=ENGINES%201").json["items"]

        assert made[::-1] == everything
        assert made[1:] == found


class TestBatch:
    def test_captures_updates_and_archives(self, api, lead):
        operations = [
            {"op": "create", "body": {"last_name": "x", "owner_id": str(unseen())}},
            {"op": "create", "body": {"last_name": "y", "imported": True,
                                      "created_at": "2026-01-01T00:00:00Z",
                                      "status": "qualified"}},
            {"op": "create", "body": {"last_name": "z", "status": "qualified"}},
            {"op": "create", "body": {"last_name": "z", "imported": True,
                                      "created_at": "2026-01-01T00:00:00Z",
                                      "status": "disqualified"}},
            {"op": "create", "body": {"last_name": "z", "imported": True}},
            {"op": "update", "id": lead["id"], "version": 1, "body": {"company": "Engines"}},
            {"op": "archive", "id": lead["id"]},
        ]  # fmt: skip

        items = api.post("/v1/leads/batch", {"operations": operations}).json["items"]

        assert [201, 201, 422, 422, 422, 200, 200] == [each["status"] for each in items]
        imported = api.get(f"/v1/leads/{items[1]['id']}").json
        assert ("qualified", "2026-01-01T00:00:00Z") == (
            imported["status"],
            imported["created_at"],
        )
