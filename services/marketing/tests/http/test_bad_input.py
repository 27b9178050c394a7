"""Bad input gets a problem with the right status, every time."""

import pytest

pytestmark = pytest.mark.integration
NOBODY = "01a200c2-0000-7000-8000-000000000000"
KINDS = ["segments", "templates", "campaigns"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("segments", {"name": "x", "colour": "red"}, "colour"),
        ("segments", {}, "name"),
        ("segments", {"name": "x", "type": "odd"}, "type"),
        ("segments", {"name": "x", "predicate": []}, "predicate"),
        ("segments", {"name": "x", "member_ids": ["me"]}, "member_ids.0"),
        ("templates", {"name": "x", "subject": "s"}, "body_text"),
        ("templates", {"name": "x", "subject": " ", "body_text": "b"}, "subject"),
        ("campaigns", {"name": "x", "body_text": "b" * 24_001}, "body_text"),
        ("campaigns", {"name": "x", "segment_id": "all"}, "segment_id"),
        ("campaigns", {"name": "x", "type": "fax"}, "type"),
    ],
)
def test_the_wrong_field_is_named(api, path, body, field):
    answer = api.post(f"/v1/{path}", body)

    assert answer.status_code == 422
    assert field in answer.json["errors"]


@pytest.mark.parametrize("kind", [*KINDS, "messages", "enrollments"])
@pytest.mark.parametrize(
    "query", ["cursor=nonsense", "sort=amount", "limit=0", "limit=201", "x=%00"]
)
def test_a_query_that_makes_no_sense_is_refused(api, kind, query):
    assert api.get(f"/v1/{kind}?{query}").status_code == 422


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_does_not_change(api, kind):
    path = f"/v1/{kind}/{NOBODY}"
    answers = [
        api.get(path),
        api.patch(path, {}, 1),
        api.delete(path, 1),
        api.put(f"{path}/restoration", 1),
    ]
    assert [each.status_code for each in answers] == [404] * 4


@pytest.mark.parametrize(
    "path", ["campaigns/{}/launch", "campaigns/{}/pause", "segments/{}/members"]
)
def test_nothing_happens_to_what_is_not_there(api, path):
    assert (
        api.put("/v1/" + path.format(NOBODY), 1, {} if "members" in path else None).status_code
        == 404
    )


def test_members_of_nothing_are_not_found(api):
    assert api.get(f"/v1/segments/{NOBODY}/members").status_code == 404


def test_the_api_documents_itself(app):
    paths = set(app.test_client().get("/openapi.json").json["paths"])
    assert {"/v1/segments/preview", "/v1/campaigns/{campaign_id}/launch"} <= paths
