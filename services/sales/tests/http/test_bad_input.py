"""Bad input gets a problem with the right status, every time."""

import pytest
from services.sales.tests.factories import slug, unseen

pytestmark = pytest.mark.integration
NOBODY = "01a200c2-0000-7000-8000-000000000000"


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": "x", "colour": "red"}, "colour"),
            ({}, "name"),
            ({"name": None}, "name"),
            ({"name": 7}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"name": "x", "amount": "10"}, "amount"),
            ({"name": "x", "amount": {"amount": "-1", "currency": "EUR"}}, "amount.amount"),
            ({"name": "x", "amount": {"amount": "NaN", "currency": "EUR"}}, "amount.amount"),
            ({"name": "x", "amount": {"amount": "1e999", "currency": "EUR"}}, "amount.amount"),
            ({"name": "x", "amount": {"amount": "0.00001", "currency": "EUR"}}, "amount.amount"),
            ({"name": "x", "amount": {"amount": "1", "currency": "euro"}}, "amount.currency"),
            ({"name": "x", "probability": 2}, "probability"),
            ({"name": "x", "owner_id": "me"}, "owner_id"),
            ({"name": "x", "contact_ids": "me"}, "contact_ids"),
            ({"name": "x", "expected_close_on": "soon"}, "expected_close_on"),
            ({"name": "x", "visibility": "secret"}, "visibility"),
            ({"name": "x", "id": str(unseen())}, "id"),
        ],
    )
    def test_name_the_field_that_is_wrong(self, api, body, field):
        answer = api.post("/v1/deals", body)

        assert (422, "invalid") == (answer.status_code, slug(answer))
        assert field in answer.json["errors"]

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (b"{", 400),
            (b"\xff\xfe", 400),
            (b"[]", 422),
            (b'"text"', 422),
            (b'{"name": "a\\u0000b"}', 422),
            (b'{"name": "x", "custom": {"a": ["\\u0000"]}}', 422),
        ],
    )
    def test_that_are_not_what_they_should_be(self, api, data, status):
        answer = api.call("POST", "/v1/deals", data=data, content_type="application/json")

        assert status == answer.status_code
        slug(answer)

    def test_of_another_content_type_or_size(self, api):
        text = api.call("POST", "/v1/deals", data=b"name=x", content_type="text/plain")
        huge = api.call(
            "POST", "/v1/deals", data=b" " * 11 * 2**20, content_type="application/json"
        )

        assert (415, 413) == (text.status_code, huge.status_code)
        slug(text)
        slug(huge)


class TestAddresses:
    @pytest.mark.parametrize("path", ["/v1/deals/7", "/v1/nothing", f"/v1/deals/{NOBODY}"])
    def test_lead_nowhere(self, api, path):
        answer = api.get(path)

        assert 404 == answer.status_code
        slug(answer)

    @pytest.mark.parametrize("kind", ["deals", "leads", "pipelines"])
    def test_of_what_is_not_there_refuse_changes(self, api, kind):
        path = f"/v1/{kind}/{unseen()}"

        assert 404 == api.patch(path, {}, version=1).status_code
        assert 404 == api.delete(path, version=1).status_code

    def test_do_not_take_every_method(self, api):
        answer = api.put("/v1/deals", {})

        assert 405 == answer.status_code
        assert "POST" in answer.headers["Allow"]
        slug(answer)


class TestQueries:
    @pytest.mark.parametrize(
        "query",
        [
            "cursor=nonsense",
            "cursor=WyItY3JlYXRlZF9hdCIsICJ4IiwgInkiXQ",
            "sort=amount",
            "limit=0",
            "limit=201",
            "limit=many",
            "owner_id=me",
            "status=maybe",
            "q=%00",
        ],
    )
    @pytest.mark.parametrize("kind", ["deals", "leads"])
    def test_that_make_no_sense_are_refused(self, api, kind, query):
        answer = api.get(f"/v1/{kind}?{query}")

        assert 422 == answer.status_code
        slug(answer)


class TestHeaders:
    @pytest.mark.parametrize("version", ["one", "*", "-1", "1" * 30])
    def test_refuse_a_version_that_is_none(self, api, version):
        deal = api.make("/v1/deals", {"name": "x"})
        api.headers["If-Match"] = version

        answer = api.patch(f"/v1/deals/{deal['id']}", {"name": "y"})

        assert 422 == answer.status_code
        slug(answer)

    def test_need_a_token(self, app):
        answer = app.test_client().get("/v1/deals")

        assert (401, "unauthenticated") == (answer.status_code, slug(answer))

    def test_let_readers_read_only(self, reader):
        assert 200 == reader.get("/v1/deals").status_code
        assert "forbidden" == slug(reader.post("/v1/deals", {"name": "x"}))


def test_the_api_documents_itself(app):
    document = app.test_client().get("/openapi.json").json

    assert {"/v1/deals", "/v1/deals/{deal_id}/win", "/v1/leads/{lead_id}/conversion"} <= set(
        document["paths"]
    )
