"""Fields and rules of records that other services own: defined here, told, held there."""

import pytest

pytestmark = pytest.mark.integration
WON = {"field": "status", "op": "eq", "value": "won"}


@pytest.mark.parametrize("of", ["deal", "lead", "ticket"])
def test_fields_are_defined_and_told(api, admin, facts, of):
    field = admin.made("/v1/fields", object=of, key="floor", label="Floor", type="enum",
                       options=[{"value": "g"}])  # fmt: skip
    path = f"/v1/fields/{field['id']}"

    changed = admin.patch(path, {"unique": False, "options": [{"value": "f"}]}, 1)

    assert (200, of) == (changed.status_code, changed.json["object"])
    assert 200 == admin.delete(path, 2).status_code
    assert 200 == admin.put(f"{path}/restoration", 3).status_code
    assert ["field.created", "field.updated", "field.archived", "field.restored"] == facts()


def test_rules_name_the_fields_of_their_records(admin):
    body = {"object": "deal", "name": "N", "message": "M", "when": WON}

    known = admin.post("/v1/validation-rules", {**body, "require": ["amount.currency"]})
    unknown = admin.post("/v1/validation-rules", {**body, "require": ["subject"]})

    assert (201, 422) == (known.status_code, unknown.status_code)
    assert ["require"] == [*unknown.json["errors"]]


def test_they_are_tried_by_who_keeps_the_records(api):
    answer = api.post("/v1/validation-rules/dry-run", {"object": "ticket", "require": ["subject"]})

    assert (422, ["object"]) == (answer.status_code, [*answer.json["errors"]])
    assert "/v1/tickets/dry-run" in answer.json["errors"]["object"][0]


def test_how_their_texts_are_written_is_not_ruled(admin):
    body = {"object": "deal", "name": "N", "field": "name", "casing": "title"}

    answer = admin.post("/v1/naming-rules", body)

    assert (422, ["object"]) == (answer.status_code, [*answer.json["errors"]])


def test_documents_are_listed_by_their_last_day(api):
    answer = api.get("/v1/documents?valid_before=2026-01-01")

    assert (200, []) == (answer.status_code, answer.json["items"])
    assert 422 == api.get("/v1/documents?valid_before=soon").status_code
