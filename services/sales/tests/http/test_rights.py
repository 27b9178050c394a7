"""What somebody with ranges and limited fields is shown of deals, and may do with them."""

import json

import pytest
from services.sales.tests.conftest import token_for
from services.sales.tests.factories import Api
from sqlalchemy import text

from crm_chassis import db, ids
from crm_chassis.auth import Principal

pytestmark = pytest.mark.integration
READS_ALL = {"deal": {"read": "all", "update": "own", "create": "own", "archive": "none"}}


@pytest.fixture
def admin(app):
    return Api(
        app.test_client(), token_for(Principal(actor="user:admin", roles=frozenset({"admin"})))
    )


@pytest.fixture
def pipeline(admin):
    return admin.make("/v1/pipelines", {"name": f"Rights {ids.new()}"})["id"]


@pytest.fixture
def holding(app, sessions):
    """`holding({"deal": {"read": "own"}}, {"deal": {"amount": "hidden"}})` speaks as somebody new."""

    def hold(grants, fields=None, *, teams=(), reads_only=False):
        role, me = ids.new(), ids.new()
        with db.transaction(sessions, db.Context(actor="service:test")) as session:
            statement = (
                "insert into role_copy (id, version, grants, fields, special)"
                " values (:id, 1, :grants, :fields, '{}')"
            )
            values = {"grants": json.dumps(grants), "fields": json.dumps(fields or {})}
            session.execute(text(statement), {"id": role, **values})
        who = Principal(
            actor=f"user:{me}", user_id=me, roles=frozenset({str(role)}), team_ids=tuple(teams),
            role_versions=((str(role), 1),), reads_only=reads_only,
        )  # fmt: skip
        caller = Api(app.test_client(), token_for(who))
        caller.user_id = str(me)
        return caller

    return hold


@pytest.fixture
def deal(admin, pipeline):
    """`deal(owner_id=…)` opens a deal."""

    def make(**fields):
        amount = {"amount": "1000.00", "currency": "EUR"}
        body = {"name": "Desks", "pipeline_id": pipeline, "amount": amount, **fields}
        return admin.make("/v1/deals", body)

    return make


def listed(caller, pipeline, **more):
    query = "&".join(f"{name}={value}" for name, value in {"pipeline_id": pipeline, **more}.items())
    return [each["id"] for each in caller.get(f"/v1/deals?{query}").json["items"]]


class TestLists:
    def test_hold_what_is_in_reach(self, holding, deal, pipeline):
        team = ids.new()
        ida = holding({"deal": {"read": "team"}}, teams=[team])
        mine, ours = deal(owner_id=ida.user_id), deal(owner_id=str(ids.new()), team_id=str(team))
        deal(owner_id=str(ids.new()))

        assert {mine["id"], ours["id"]} == set(listed(ida, pipeline))

    def test_of_nothing_one_may_read_are_refused(self, holding):
        assert 403 == holding({"lead": {"read": "all"}}).get("/v1/deals").status_code

    def test_narrow_a_range_by_visibility(self, holding, deal, pipeline):
        ida = holding({"deal": {"read": "all"}})
        shown = deal(owner_id=str(ids.new()))
        deal(owner_id=str(ids.new()), visibility="private")

        assert [shown["id"]] == listed(ida, pipeline)


class TestWrites:
    def test_tell_what_may_not_be_changed_from_what_is_not_there(self, holding, deal):
        blind, reader = holding({"deal": {"read": "own"}}), holding(READS_ALL)
        path = f"/v1/deals/{deal(owner_id=str(ids.new()))['id']}"

        for caller, expected in ((blind, 404), (reader, 403)):
            answers = [
                caller.patch(path, {"name": "x"}, version=1),
                caller.put(f"{path}/win", version=1),
                caller.delete(path, version=1),
                caller.get(f"{path}/stages"),
            ]
            statuses = [each.status_code for each in answers]
            assert [expected] * 3 == statuses[:3]
            assert (404 if expected == 404 else 200) == statuses[3]

    def test_reach_ones_own(self, holding, deal):
        ida = holding(READS_ALL)
        path = f"/v1/deals/{deal(owner_id=ida.user_id)['id']}"

        assert 200 == ida.patch(path, {"name": "Chairs"}, version=1).status_code
        assert 403 == ida.delete(path, version=2).status_code

    def test_make_nothing_for_others(self, holding, pipeline):
        ida = holding(READS_ALL)
        body = {"name": "Desks", "pipeline_id": pipeline}

        assert 201 == ida.post("/v1/deals", body).status_code
        assert 403 == ida.post("/v1/deals", body | {"owner_id": str(ids.new())}).status_code

    def test_in_a_batch_stand_alone(self, holding, deal, pipeline):
        ida = holding({"deal": {**READS_ALL["deal"], "bulk": "all"}})
        mine, other = deal(owner_id=ida.user_id), deal(owner_id=str(ids.new()))
        body = {"name": "Desks", "pipeline_id": pipeline}
        update = [
            {"op": "update", "id": each, "version": 1, "body": {"name": "Chairs"}}
            for each in (mine["id"], other["id"], str(ids.new()))
        ]
        create = [
            {"op": "create", "body": body | {"owner_id": owner}}
            for owner in (ida.user_id, str(ids.new()))
        ]
        archive = [{"op": "archive", "id": mine["id"], "body": {}}]

        answer = ida.post("/v1/deals/batch", {"operations": [*update, *create, *archive]})

        statuses = [each["status"] for each in answer.json["items"]]
        assert [200, 403, 404, 201, 403, 403] == statuses

    def test_end_where_what_they_make_may_not_be_made(self, holding, admin):
        lead = admin.make("/v1/leads", {"last_name": "Okafor", "email": f"{ids.new()}@a.example"})
        path = f"/v1/leads/{lead['id']}/conversion"
        grants = {"lead": {"read": "all", "update": "all"}}
        making = {name: {"create": "own"} for name in ("contact", "account")}

        assert 403 == holding(grants).post(path).status_code
        assert 403 == holding(grants | making).post(path).status_code
        answer = holding(grants | making).post(path, {"create_deal": False}, version=1)
        assert 202 == answer.status_code

    def test_of_a_key_that_reads_are_refused(self, holding, deal):
        ida = holding(READS_ALL, reads_only=True)
        path = f"/v1/deals/{deal(owner_id=ida.user_id)['id']}"

        assert 200 == ida.get(path).status_code
        assert 403 == ida.patch(path, {"name": "x"}, version=1).status_code


class TestFields:
    ALL = {"deal": {"read": "all", "update": "all", "create": "all", "bulk": "all"}}  # noqa: RUF012
    LIMITS = {"deal": {"amount": "hidden", "next_step": "read", "status": "read"}}  # noqa: RUF012

    def test_that_are_hidden_are_in_no_answer(self, holding, deal, pipeline):
        ida, made = holding(self.ALL, self.LIMITS), deal()
        path = f"/v1/deals/{made['id']}"

        one, page = ida.get(path), ida.get(f"/v1/deals?pipeline_id={pipeline}")
        changed = ida.patch(path, {"name": "Chairs"}, version=1, key="once")
        again = ida.patch(path, {"name": "Chairs"}, version=1, key="once")

        for body in (one.json, page.json["items"][0], changed.json, again.json):
            assert "amount" not in body
            assert "name" in body
        assert again.headers["Idempotency-Replayed"] == "true"

    def test_that_are_hidden_give_the_answer_a_tag_of_its_own(self, holding, deal, admin):
        ida, made = holding(self.ALL, self.LIMITS), deal()
        path = f"/v1/deals/{made['id']}"
        tag = ida.get(path).headers["ETag"]

        assert admin.get(path).headers["ETag"] != tag
        ida.headers["If-Match"] = tag
        assert 200 == ida.patch(path, {"name": "Chairs"}).status_code

    @pytest.mark.parametrize("field", ["amount", "next_step"])
    def test_that_are_limited_are_not_set(self, holding, deal, pipeline, field):
        ida = holding(self.ALL, self.LIMITS)
        value = {"amount": "1.00", "currency": "EUR"} if field == "amount" else "Call"
        body = {"name": "Desks", "pipeline_id": pipeline, field: value}

        answers = [
            ida.patch(f"/v1/deals/{deal()['id']}", {field: value}, version=1),
            ida.post("/v1/deals", body),
        ]
        batch = ida.post("/v1/deals/batch", {"operations": [{"op": "create", "body": body}]})

        for answer in answers:
            assert (403, [field]) == (answer.status_code, list(answer.json["errors"]))
        problem = batch.json["items"][0]["problem"]
        assert (403, [field]) == (problem["status"], list(problem["errors"]))

    def test_that_are_limited_are_not_set_by_a_transition(self, holding, deal):
        answer = holding(self.ALL, self.LIMITS).put(f"/v1/deals/{deal()['id']}/win", version=1)

        assert (403, ["status"]) == (answer.status_code, list(answer.json["errors"]))

    def test_that_are_hidden_do_not_sort(self, holding, pipeline):
        ida = holding(self.ALL, {"deal": {"created_at": "hidden", "name": "hidden"}})

        assert 403 == ida.get(f"/v1/deals?pipeline_id={pipeline}&sort=name").status_code
