"""Pipelines over HTTP."""

import pytest
from services.sales.tests.factories import slug

pytestmark = pytest.mark.integration


class TestPipelines:
    def test_come_with_the_usual_stages(self, api):
        pipeline = api.make("/v1/pipelines", {"name": "Usual", "currency": "EUR"})

        assert ["open"] * 4 + ["won", "lost"] == [each["category"] for each in pipeline["stages"]]
        assert pipeline == api.get(f"/v1/pipelines/{pipeline['id']}").json

    def test_have_a_default_from_the_start(self, api):
        found = api.get("/v1/pipelines?q=sales&sort=name").json["items"]

        assert [("Sales", True)] == [(each["name"], each["is_default"]) for each in found]

    @pytest.mark.parametrize(
        ("stages", "slug_wanted"),
        [
            ([{"name": "Open"}], "pipeline-incomplete"),
            ([], "invalid"),
            ([{"name": "Open", "category": "maybe"}], "invalid"),
            ([{"name": "Open", "probability": 1.5}], "invalid"),
            ([{"name": "Open", "probability": "0.12345"}], "invalid"),
            ([{"name": "Open", "rot_days": "7"}], "invalid"),
        ],
    )
    def test_refuse_stages_that_do_not_work(self, api, stages, slug_wanted):
        answer = api.post("/v1/pipelines", {"name": "x", "stages": stages})

        assert (422, slug_wanted) == (answer.status_code, slug(answer))

    def test_change_keep_stages_by_id(self, api):
        pipeline = api.make("/v1/pipelines", {"name": "x"})
        stages = [
            {key: each[key] for key in ("id", "name", "category", "probability", "rot_days")}
            for each in pipeline["stages"]
        ]
        stages[0]["name"] = "Fresh"

        answer = api.patch(
            f"/v1/pipelines/{pipeline['id']}", {"name": "y", "stages": stages[:1] + stages[2:]},
            version=1,
        )  # fmt: skip

        assert (200, "y", 5) == (
            answer.status_code,
            answer.json["name"],
            len(answer.json["stages"]),
        )
        assert (pipeline["stages"][0]["id"], "Fresh") == (
            answer.json["stages"][0]["id"],
            answer.json["stages"][0]["name"],
        )

    def test_archive_and_restore(self, api):
        pipeline = api.make("/v1/pipelines", {"name": "x"})
        path = f"/v1/pipelines/{pipeline['id']}"

        assert api.delete(path, version=1).json["archived_at"]
        assert api.put(f"{path}/restoration", version=2).json["archived_at"] is None

    def test_are_made_in_batches(self, api):
        operations = [
            {"op": "create", "body": {"name": "A"}},
            {"op": "create", "body": {"name": "B", "stages": [{"name": "Open"}]}},
            {"op": "archive", "id": api.make("/v1/pipelines", {"name": "C"})["id"]},
        ]

        items = api.post("/v1/pipelines/batch", {"operations": operations}).json["items"]

        assert [201, 422, 200] == [each["status"] for each in items]
