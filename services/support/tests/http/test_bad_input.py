"""Bad input gets a problem with the right status, every time."""

import pytest
from services.support.tests.factories import slug, unseen

pytestmark = pytest.mark.integration
NOBODY = "01a200c2-0000-7000-8000-000000000000"


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"subject": "x", "colour": "red"}, "colour"),
            ({}, "subject"),
            ({"subject": None}, "subject"),
            ({"subject": 7}, "subject"),
            ({"subject": "x" * 201}, "subject"),
            ({"subject": "x", "kind": "riddle"}, "kind"),
            ({"subject": "x", "priority": 1}, "priority"),
            ({"subject": "x", "channel": ["web"]}, "channel"),
            ({"subject": "x", "requester_id": "me"}, "requester_id"),
            ({"subject": "x", "tags": "a"}, "tags"),
            ({"subject": "x", "tags": [""]}, "tags.0"),
            ({"subject": "x", "visibility": "secret"}, "visibility"),
            ({"subject": "x", "status": "open"}, "status"),
            ({"subject": "x", "origin": "mine"}, "origin"),
        ],
    )
    def test_name_the_field_that_is_wrong(self, api, body, field):
        answer = api.post("/v1/tickets", body)

        assert (422, "invalid") == (answer.status_code, slug(answer))
        assert field in answer.json["errors"]

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (b"{", 400),
            (b"\xff\xfe", 400),
            (b"[]", 422),
            (b'"text"', 422),
            (b'{"subject": "a\\u0000b"}', 422),
        ],
    )
    def test_that_are_not_what_they_should_be(self, api, data, status):
        answer = api.call("POST", "/v1/tickets", data=data, content_type="application/json")

        assert status == answer.status_code
        slug(answer)

    def test_of_another_content_type_or_size(self, api):
        text = api.call("POST", "/v1/tickets", data=b"subject=x", content_type="text/plain")
        huge = api.call(
            "POST", "/v1/tickets", data=b" " * 11 * 2**20, content_type="application/json"
        )

        assert (415, 413) == (text.status_code, huge.status_code)
        slug(text)
        slug(huge)


class TestAddresses:
    @pytest.mark.parametrize("path", ["/v1/tickets/7", "/v1/nothing", f"/v1/tickets/{NOBODY}"])
    def test_lead_nowhere(self, api, path):
        answer = api.get(path)

        assert 404 == answer.status_code
        slug(answer)

    @pytest.mark.parametrize("kind", ["tickets"])
    def test_of_what_is_not_there_refuse_changes(self, api, kind):
        path = f"/v1/{kind}/{unseen()}"

        assert 404 == api.patch(path, {}, version=1).status_code
        assert 404 == api.delete(path, version=1).status_code

    def test_do_not_take_every_method(self, api):
        answer = api.put("/v1/tickets", {})

        assert 405 == answer.status_code
        assert "POST" in answer.headers["Allow"]
        slug(answer)


class TestQueries:
    @pytest.mark.parametrize(
        "query",
        [
            "cursor=nonsense",
            "cursor=WyItY3JlYXRlZF9hdCIsICJ4IiwgInkiXQ",
            "sort=subject",
            "limit=0",
            "limit=201",
            "limit=many",
            "requester_id=me",
            "status=maybe",
            "q=%00",
        ],
    )
    @pytest.mark.parametrize("kind", ["tickets"])
    def test_that_make_no_sense_are_refused(self, api, kind, query):
        answer = api.get(f"/v1/{kind}?{query}")

        assert 422 == answer.status_code
        slug(answer)


class TestHeaders:
    @pytest.mark.parametrize("version", ["one", "*", "-1", "1" * 30])
    def test_refuse_a_version_that_is_none(self, api, version):
        ticket = api.make("/v1/tickets", {"subject": "x"})
        api.headers["If-Match"] = version

        answer = api.patch(f"/v1/tickets/{ticket['id']}", {"subject": "y"})

        assert 422 == answer.status_code
        slug(answer)

    def test_need_a_token(self, app):
        answer = app.test_client().get("/v1/tickets")

        assert (401, "unauthenticated") == (answer.status_code, slug(answer))

    def test_let_readers_read_only(self, reader):
        assert 200 == reader.get("/v1/tickets").status_code
        assert "forbidden" == slug(reader.post("/v1/tickets", {"subject": "x"}))


def test_the_api_documents_itself(app):
    document = app.test_client().get("/openapi.json").json

    assert {"/v1/tickets", "/v1/tickets/{ticket_id}/messages"} <= set(document["paths"])
