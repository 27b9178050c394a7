"""Segments made and changed by hand, as a browser without JavaScript gets them."""

import html
import re
from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, example
from services.gateway.tests.http.test_forms import filled

pytestmark = pytest.mark.integration
NEW, PATH = "/segments/new", "/v1/segments"
CUSTOMERS = {
    "name": "Customers", "type": "dynamic", "group": "any",
    "row.0.field": "lifecycle", "row.0.op": "eq", "row.0.value": "customer",
    "row.1.field": "created_at", "row.1.op": "in_last", "row.1.value": "30",
    "row.2.field": "tags", "row.2.op": "in", "row.2.value": "vip, press",
    "row.3.field": "opted_out", "row.3.op": "ne", "row.3.value": "Yes",
}  # fmt: skip
MEANT = {"any": [
    {"field": "lifecycle", "op": "eq", "value": "customer"},
    {"field": "created_at", "op": "in_last", "value": {"days": 30}},
    {"field": "tags", "op": "in", "value": ["vip", "press"]},
    {"field": "opted_out", "op": "ne", "value": True},
]}  # fmt: skip


@pytest.fixture
def segment(stub: Stub) -> dict[str, Any]:
    found = example("segment")
    stub.answers["GET", f"{PATH}/{found['id']}"] = (200, found)
    stub.answers["PATCH", f"{PATH}/{found['id']}"] = (200, found)
    stub.answers["POST", PATH] = (201, found)
    return found


def test_rows_become_a_predicate(site: Site, stub: Stub, segment: dict[str, Any]) -> None:
    site.sign_in().get("/segments")
    assert 'href="/segments/new"' in site.page
    site.get(NEW)

    answer = site.send(NEW, on=NEW, **CUSTOMERS, then="save")

    body = stub.last("POST")[2]
    assert (MEANT, "Customers") == (body["predicate"], body["name"])
    assert answer.location.endswith(f"/segments/{segment['id']}")


def test_a_predicate_becomes_rows_again(site: Site, stub: Stub, segment: dict[str, Any]) -> None:
    segment["predicate"] = MEANT
    path = f"/segments/{segment['id']}/edit"
    site.sign_in().get(path)
    given = filled(site.page)

    assert CUSTOMERS.items() - {("name", "Customers"), ("row.3.value", "Yes")} <= given.items()
    site.send(path, **given, then="save")

    body, headers = stub.last("PATCH")[2], stub.last("PATCH")[1]
    assert (MEANT, f'"{segment["version"]}"') == (body["predicate"], headers["If-Match"])


def test_what_rows_cannot_say_is_kept_as_json(
    site: Site, stub: Stub, segment: dict[str, Any]
) -> None:
    segment["predicate"] = {"not": [MEANT]}
    path = f"/segments/{segment['id']}/edit"
    site.sign_in().get(path)

    shown = re.search(r"<textarea[^>]*>(.*?)</textarea>", site.page, re.DOTALL)
    assert shown is not None
    site.send(path, **{**filled(site.page), "json": html.unescape(shown[1]), "then": "save"})

    assert {"not": [MEANT]} == stub.last("PATCH")[2]["predicate"]


def test_a_preview_names_how_many_and_some(site: Site, stub: Stub) -> None:
    contact = example("contact")
    stub.answers["POST", f"{PATH}/preview"] = (200, {"count": 41, "sample_ids": [contact["id"]]})
    site.sign_in().get(NEW)

    site.send(NEW, on=NEW, **CUSTOMERS, then="preview")

    assert MEANT == stub.last("POST")[2]["predicate"]
    assert "41 contacts fit" in site.page
    assert "and 40 more" in site.page
    assert 'value="vip, press"' in site.page


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "Say at least once"),
        ({"row.0.field": "tags"}, "Condition 1: type the value."),
        ({"row.0.field": "opted_out", "row.0.value": "maybe"}, "type yes or no"),
        ({"row.0.field": "created_at", "row.0.op": "gt", "row.0.value": "soon"}, "type a day"),
        ({"row.0.field": "created_at", "row.0.op": "in_last", "row.0.value": "x"}, "number of days"),
        ({"row.0.field": "owner_id", "row.0.value": "Nobody Known"}, "nobody is called"),
        ({"row.0.field": "planet", "row.0.value": "Mars"}, "choose a field"),
        ({"json": "{"}, "no JSON"), ({"json": "[]"}, "an object"),
    ],
)  # fmt: skip
def test_says_what_is_wrong_and_keeps_what_was_typed(
    site: Site, stub: Stub, given: dict[str, str], reason: str
) -> None:
    site.sign_in().get(NEW)

    answer = site.send(
        NEW, on=NEW, name="Mine", type="dynamic", then="save", **{"row.0.op": "eq", **given}
    )

    assert 422 == answer.status_code
    assert reason in site.page
    assert 'value="Mine"' in site.page


def test_says_what_marketing_refuses(site: Site, stub: Stub) -> None:
    stub.answers["POST", PATH] = (422, {"errors": {"predicate.0": ["op of tags is one of eq"]}})
    site.sign_in().get(NEW)

    assert 422 == site.send(NEW, on=NEW, **CUSTOMERS, then="save").status_code
    assert "op of tags is one of eq" in site.page


def test_more_rows_keep_what_was_typed(site: Site) -> None:
    site.sign_in().get(NEW)

    site.send(NEW, on=NEW, **CUSTOMERS, then="rows")

    assert 'name="row.8.field"' in site.page
    assert 'value="vip, press"' in site.page


class TestPlainLists:
    @pytest.fixture
    def plain(self, stub: Stub, segment: dict[str, Any]) -> dict[str, Any]:
        segment |= {"type": "static", "predicate": None}
        path = f"{PATH}/{segment['id']}"
        stub.answers["PUT", f"{path}/members"] = (200, segment)
        stub.answers["GET", f"{path}/members"] = (200, {"items": [example("segment_membership")]})
        return segment

    def test_take_somebody_in_and_out(self, site: Site, stub: Stub, plain: dict[str, Any]) -> None:
        contact, page = example("contact"), f"/segments/{plain['id']}"
        stub.answers["GET", "/v1/contacts"] = (200, {"items": [contact]})
        site.sign_in().get(page)

        site.send(f"{page}/members", on=page, who=contact["name"])
        assert {"add": [contact["id"]]} == stub.last("PUT")[2]
        site.send(f"{page}/members", on=page, remove=contact["id"])
        assert {"remove": [contact["id"]]} == stub.last("PUT")[2]

        stub.answers["GET", "/v1/contacts"] = (200, {"items": []})
        refused = site.send(f"{page}/members", on=page, who="Nobody")
        assert 422 == refused.status_code
        assert "No contact is called: Nobody" in site.page

    def test_are_made_without_conditions(
        self, site: Site, stub: Stub, plain: dict[str, Any]
    ) -> None:
        site.sign_in().get(NEW)

        site.send(NEW, on=NEW, name="List", type="static", then="save")

        assert "predicate" not in stub.last("POST")[2]


@pytest.mark.parametrize(("verb", "asked"), [("archive", "DELETE"), ("restoration", "PUT")])
def test_is_put_away_and_brought_back(
    site: Site, stub: Stub, segment: dict[str, Any], verb: str, asked: str
) -> None:
    page = f"/segments/{segment['id']}"
    site.sign_in().get(f"{page}/edit")

    answer = site.send(f"{page}/{verb}", on=f"{page}/edit", version="3")

    assert ('"3"', 303) == (stub.last(asked)[1]["If-Match"], answer.status_code)


def test_says_when_it_cannot_be_shown(site: Site, stub: Stub, segment: dict[str, Any]) -> None:
    stub.answers["GET", f"{PATH}/{segment['id']}"] = (503, {"detail": "away"})

    site.sign_in().get(f"/segments/{segment['id']}/edit")

    assert "The segment cannot be shown now." in site.page
