"""What the chassis itself refuses, before a command runs and before an answer leaves."""

from dataclasses import replace

import orjson
import pytest
from libs.chassis.tests import factories as f
from libs.chassis.tests.web_app import Api, an_app

from crm_chassis import ids
from crm_chassis.auth import Principal
from crm_chassis.rights import MEMBER, of_role

pytestmark = pytest.mark.integration


class Known:
    """Knows one caller, whatever they show."""

    def __init__(self, who: Principal) -> None:
        self.who = who

    def principal(self, authorization: str | None) -> Principal:
        del authorization
        return self.who


@pytest.fixture
def calling(spine):
    """`calling({"task": {"read": "own"}}, user_id=…)` speaks as somebody with just these rights."""

    def call(ranges, fields=None, **given):
        who = Principal(
            actor="user:ida", user_id=ids.new(), roles=frozenset({"role"}),
            grants=of_role(ranges, fields or {}, ()),
        )  # fmt: skip
        who = replace(who, **given)
        api = Api(an_app(spine.sessions, Known(who)))
        api.user_id = str(who.user_id)
        return api

    return call


@pytest.fixture
def member(spine):
    return Api(an_app(spine.sessions))


def a_task(api, **fields):
    answer = api("POST", "/v1/tasks", {"title": "Call", **fields})
    assert answer.status_code == 201, answer.json
    return f"/v1/tasks/{answer.json['id']}"


class TestRecordsOutOfReach:
    def test_are_not_there_whatever_is_wrong_with_the_request(self, calling, member):
        ida, path = calling({"task": {"read": "own", "update": "all"}}), a_task(member)

        for body, headers in (({"title": "x"}, {"If_Match": '"1"'}), ({}, {}), ([], {})):
            assert ida("PATCH", path, body, **headers).status_code == 404
        assert ida("GET", path).status_code == 404

    def test_of_a_private_kind_are_not_changed_by_a_member(self, member, spine):
        other = Api(an_app(spine.sessions))
        path = a_task(member, visibility="private", owner_id=str(ids.new()))

        assert other("PATCH", path, {"title": "x"}, If_Match='"1"').status_code == 404

    def test_that_are_read_but_not_changed_say_so(self, calling, member):
        ida, path = calling({"task": {"read": "all", "update": "own"}}), a_task(member)

        assert ida("GET", path).status_code == 200
        assert ida("PATCH", path, {"title": "x"}, If_Match='"1"').status_code == 403


class TestOwnRecords:
    def test_are_in_reach(self, calling):
        ida = calling({"task": dict.fromkeys(("read", "create", "update"), "own")})

        path = a_task(ida, owner_id=ida.user_id)

        assert ida("GET", path).status_code == 200
        assert ida("PATCH", path, {"title": "x"}, If_Match='"1"').status_code == 200

    def test_are_what_is_made(self, calling, spine):
        ida = calling({"task": {"create": "own"}})

        answer = ida("POST", "/v1/tasks", {"title": "x", "owner_id": str(ids.new())})

        assert answer.status_code == 403
        assert f.scalar(spine.url, "select count(*) from task") == 0


class TestBatches:
    def test_need_their_own_right_beside_each_actions(self, calling):
        operation = {"op": "create", "body": {"title": "x"}}
        without = calling({"task": {"create": "all"}})
        useless = calling({"task": {"bulk": "all"}})

        refused = without("POST", "/v1/tasks/batch", {"operations": [operation]})
        answered = useless("POST", "/v1/tasks/batch", {"operations": [operation]})

        assert refused.status_code == 403
        assert [each["status"] for each in answered.json["items"]] == [403]


class TestHiddenFields:
    LIMITS = {"task": {"title": "hidden"}}  # noqa: RUF012

    def test_are_in_no_answer_and_no_tag_of_others(self, calling, member):
        ida, path = calling({"task": {"read": "all"}}, self.LIMITS), a_task(member)

        answer = ida("GET", path)

        assert "title" not in answer.json
        assert answer.headers["ETag"] != member("GET", path).headers["ETag"]
        assert ida("GET", path, If_None_Match=answer.headers["ETag"]).status_code == 304

    def test_are_refused_by_name(self, calling, member):
        grants = {"task": {"read": "all", "update": "all"}}
        ida, path = calling(grants, self.LIMITS), a_task(member)

        answer = ida("PATCH", path, {"title": "x"}, If_Match='"1"')

        assert (answer.status_code, list(answer.json["errors"])) == (403, ["title"])

    def test_do_not_sort(self, calling):
        ida = calling({"task": {"read": "all"}}, self.LIMITS)

        assert ida("GET", "/v1/tasks?sort=-title").status_code == 403
        assert ida("GET", "/v1/tasks").status_code == 200


class TestWhoSeesEverything:
    def test_is_answered_the_published_bytes(self, calling, member, spine):
        path = a_task(member)

        answer = calling({}, grants=MEMBER)("GET", path)

        assert answer.data.decode() == f.scalar(spine.url, "select body from record")
        assert orjson.loads(answer.data)["title"] == "Call"
