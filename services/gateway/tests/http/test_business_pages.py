"""Deals, leads, tickets, documents, relationships and segments as a browser without JavaScript gets them."""

import io
from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, example
from services.gateway.tests.http.test_forms import filled

from crm_chassis import ids

pytestmark = pytest.mark.integration
AWAY = (503, {"detail": "away"})
FLOOR = {
    **example("field"), "object": "deal", "key": "floor", "label": "Which floor", "type": "enum",
    "options": [{"value": "g", "label": "Ground"}, {"value": "f", "label": "First"}],
    "sensitive": False, "group": None, "required": False,
}  # fmt: skip


def listed(*items: Any) -> tuple[int, Any]:
    return 200, {"items": list(items), "next": None}


def kept(stub: Stub, kind: str, **more: Any) -> dict[str, Any]:
    """Have a record of this kind, whose fields are FLOOR alone."""
    found = {**example(kind), "custom": {"floor": "f"}, **more}
    stub.answers["GET", f"/v1/{kind}s/{found['id']}"] = (200, found)
    stub.answers["GET", "/v1/fields"] = listed({**FLOOR, "object": kind})
    stub.answers["PATCH", f"/v1/{kind}s/{found['id']}"] = (200, found)
    return found


@pytest.mark.parametrize("kind", ["deal", "lead", "ticket"])
class TestForms:
    def test_show_own_fields_and_send_only_what_changed(
        self, site: Site, stub: Stub, kind: str
    ) -> None:
        record = kept(stub, kind)
        path = f"/{kind}s/{record['id']}/edit"
        site.sign_in().get(path)
        assert "Which floor" in site.page

        answer = site.send(path, **{**filled(site.page), "custom.floor": "g"})

        _, headers, body = stub.last("PATCH")
        assert ({"custom": {"floor": "g"}}, f'"{record["version"]}"') == (body, headers["If-Match"])
        assert answer.location.endswith(f"/{kind}s/{record['id']}")

    def test_say_at_the_field_why_it_is_refused(self, site: Site, stub: Stub, kind: str) -> None:
        record = kept(stub, kind)
        problem = {"errors": {"custom.floor": ["Too high."]}}
        stub.answers["PATCH", f"/v1/{kind}s/{record['id']}"] = (422, problem)
        path = f"/{kind}s/{record['id']}/edit"
        site.sign_in().get(path)

        answer = site.send(path, **{**filled(site.page), "custom.floor": "g"})

        assert 422 == answer.status_code
        assert 'id="error-floor">Too high.' in site.page

    def test_show_the_value_by_its_label(self, site: Site, stub: Stub, kind: str) -> None:
        record = kept(stub, kind)

        site.sign_in().get(f"/{kind}s/{record['id']}")

        assert "Which floor" in site.page
        assert "First" in site.page

    def test_take_a_new_one_up(self, site: Site, stub: Stub, kind: str) -> None:
        made = kept(stub, kind)
        stub.answers["POST", f"/v1/{kind}s"] = (201, made)
        name = {"deal": "name", "lead": "last_name", "ticket": "subject"}[kind]
        site.sign_in().get(f"/{kind}s/new")

        given = {**filled(site.page), name: "New", "custom.floor": "g"}
        answer = site.send(f"/{kind}s/new", **given)

        body = stub.last("POST")[2]
        assert ("New", {"floor": "g"}) == (body[name], body["custom"])
        assert answer.location.endswith(f"/{kind}s/{made['id']}")

    def test_say_when_the_service_is_away(self, site: Site, stub: Stub, kind: str) -> None:
        record = kept(stub, kind)
        stub.answers["GET", f"/v1/{kind}s/{record['id']}"] = AWAY

        for path in (f"/{kind}s/{record['id']}", f"/{kind}s/{record['id']}/edit"):
            assert 503 == site.sign_in().get(path).status_code or kind == "ticket"
            assert "cannot be shown now" in site.page


class TestDeals:
    def test_give_and_take_roles(self, site: Site, stub: Stub) -> None:
        ada, bo, cy = (str(ids.new()) for _ in range(3))
        deal = kept(
            stub, "deal", primary_contact_id=ada, contact_ids=[bo],
            contact_roles=[{"contact_id": bo, "role": "user"}],
        )  # fmt: skip
        stub.answers["GET", "/v1/contacts"] = listed({"id": cy, "name": "Cy Young"})
        path = f"/deals/{deal['id']}"
        site.sign_in().get(path)

        given = {"role.0.contact_id": ada, "role.0.role": "champion", "role.1.contact_id": bo,
                 "role.1.role": "", "role.new.contact": "cy young", "role.new.role": "blocker"}  # fmt: skip
        site.send(f"{path}/roles", **given)

        assert [{"contact_id": ada, "role": "champion"}, {"contact_id": cy, "role": "blocker"}] == (
            stub.last("PATCH")[2]["contact_roles"]
        )

    def test_say_whom_a_name_may_mean(self, site: Site, stub: Stub) -> None:
        deal = kept(stub, "deal")
        two = [{"id": str(ids.new()), "name": f"Cy {word}"} for word in ("Young", "Old")]
        stub.answers["GET", "/v1/contacts"] = listed(*two)

        answer = site.sign_in().send(
            f"/deals/{deal['id']}/roles", on=f"/deals/{deal['id']}", **{"role.new.contact": "cy"}
        )

        assert 422 == answer.status_code
        assert (
            "Several contacts are called like that: cy — type one of Cy Young, Cy Old" in site.page
        )

    def test_name_whom_they_are_with(self, site: Site, stub: Stub) -> None:
        deal = kept(stub, "deal", account_id=None)
        mill = str(ids.new())
        stub.answers["GET", "/v1/accounts"] = listed({"id": mill, "name": "Mill"})
        path = f"/deals/{deal['id']}/edit"
        site.sign_in().get(path)

        site.send(
            path, **{**filled(site.page), "account": "Mill", "amount": "7", "currency": "sek"}
        )

        assert {"account_id": mill, "amount": {"amount": "7", "currency": "SEK"}} == (
            stub.last("PATCH")[2]
        )


class TestLeads:
    def test_are_listed_by_state_and_name(self, site: Site, stub: Stub) -> None:
        lead = example("lead")
        stub.answers["GET", "/v1/leads"] = (200, {"items": [lead], "next": "more"})

        site.sign_in().get("/leads?status=qualified&q=mill")

        assert {"status": "qualified", "q": "mill"}.items() <= stub.query("/v1/leads").items()
        assert f'href="/leads/{lead["id"]}"' in site.page
        assert "cursor=more" in site.page

    def test_have_an_empty_and_an_error_state(self, site: Site, stub: Stub) -> None:
        site.sign_in().get("/leads")
        assert "No leads" in site.page
        stub.answers["GET", "/v1/leads"] = AWAY
        site.get("/leads")
        assert "Leads cannot be shown now" in site.page

    @pytest.mark.parametrize(
        ("verb", "method", "sent"),
        [
            ("qualification", "PUT", {}),
            ("disqualification", "PUT", {"reason": "No"}),
            ("conversion", "POST", {"create_deal": True, "use_existing": False}),
        ],
    )
    def test_go_their_way(
        self, site: Site, stub: Stub, verb: str, method: str, sent: dict[str, Any]
    ) -> None:
        lead = kept(stub, "lead", status="working", archived_at=None)
        stub.answers[method, f"/v1/leads/{lead['id']}/{verb}"] = (200, lead)

        site.sign_in().send(
            f"/leads/{lead['id']}/{verb}", on=f"/leads/{lead['id']}", version="2",
            **{"disqualification": {"reason": "No"}, "conversion": {"create_deal": "on"}}.get(
                verb, {}),
        )  # fmt: skip

        assert sent == stub.last(method)[2]

    def test_say_why_they_do_not(self, site: Site, stub: Stub) -> None:
        lead = kept(stub, "lead", status="working", archived_at=None)
        refusal = (422, {"errors": {"phone": ["A number is needed."]}})
        stub.answers["PUT", f"/v1/leads/{lead['id']}/qualification"] = refusal

        answer = site.sign_in().send(
            f"/leads/{lead['id']}/qualification", on=f"/leads/{lead['id']}", version="2"
        )

        assert 422 == answer.status_code
        assert "Phone: A number is needed." in site.page


class TestDocuments:
    def test_are_asked_for_by_kind_state_folder_and_last_day(self, site: Site, stub: Stub) -> None:
        document = example("document")
        stub.answers["GET", "/v1/documents"] = (200, {"items": [document], "next": "more"})
        stub.answers["GET", "/v1/documents/folders"] = listed({"folder": "A/B", "documents": 2})

        site.sign_in().get("/documents?kind=contract&status=active&folder=A/B&until=30")

        asked = stub.query("/v1/documents")
        assert ("contract", "active", "A/B") == (asked["kind"], asked["status"], asked["folder"])
        assert asked["valid_before"]
        assert f"/documents/{document['id']}/file" in site.page
        assert "A/B (2)" in site.page
        assert "cursor=more" in site.page

    def test_are_taken_in_or_say_why_not(self, site: Site, stub: Stub) -> None:
        stub.answers["POST", "/v1/documents"] = (201, {"id": str(ids.new())})
        done = site.sign_in().send(
            "/documents", on="/documents", file=(io.BytesIO(b"%PDF"), "a.pdf")
        )
        assert 303 == done.status_code
        stub.answers["POST", "/v1/documents"] = (415, {"detail": "taken are pdf, png"})

        refused = site.send(
            "/documents", on="/documents", file=(io.BytesIO(b"MZ"), "a.exe"), title="Kept"
        )

        assert (415, True) == (refused.status_code, "taken are pdf, png" in site.page)
        assert 'value="Kept"' in site.page
        assert 422 == site.send("/documents", on="/documents", title="x").status_code

    def test_have_an_empty_and_an_error_state(self, site: Site, stub: Stub) -> None:
        site.sign_in().get("/documents")
        assert "Add the first one below" in site.page
        site.get("/documents?kind=nda")
        assert "No documents like that" in site.page
        stub.answers["GET", "/v1/documents"] = AWAY
        site.get("/documents")
        assert "Documents cannot be shown now" in site.page


class TestRelationships:
    def test_are_added_the_right_way_round(self, site: Site, stub: Stub) -> None:
        me, other, type_id = (str(ids.new()) for _ in range(3))
        kind = {**example("relationship_type"), "id": type_id, "name": "adviser of",
                "inverse_name": "advised by"}  # fmt: skip
        stub.answers["GET", "/v1/relationship-types"] = listed(kind)
        stub.answers["GET", "/v1/contacts"] = listed({"id": other, "name": "Bo"})
        path = f"/customers/{me}/relationships"

        site.sign_in().send(path, on=path, type=f"to:{type_id}", other="Bo", other_kind="contact")

        body = stub.last("POST")[2]
        assert (other, me, type_id) == (body["from"]["id"], body["to"]["id"], body["type_id"])
        site.send(path, on=path, type=f"from:{type_id}", other="Bo", other_kind="contact")
        assert me == stub.last("POST")[2]["from"]["id"]

    def test_are_taken_away(self, site: Site, stub: Stub) -> None:
        found = example("relationship")
        path = f"/customers/{found['from']['id']}/relationships"
        stub.answers["GET", "/v1/relationships"] = listed(found)
        site.sign_in().get(path)
        assert "Take away" in site.page

        site.send(f"{path}/{found['id']}/archive", version="1")

        assert f"/v1/relationships/{found['id']}" == stub.last("DELETE")[0]

    def test_kinds_are_defined_renamed_and_put_away(self, site: Site, stub: Stub) -> None:
        kind = example("relationship_type")
        path = "/settings/relationships"
        site.sign_in().get(path)
        assert "No kinds yet" in site.page
        stub.answers["GET", "/v1/relationship-types"] = listed(kind)

        site.send(path, on=path, name="a", inverse_name="b", from_kind="any", to_kind="account")
        assert {"name": "a", "inverse_name": "b", "from_kind": "any", "to_kind": "account"} == (
            stub.last("POST")[2]
        )
        site.send(f"{path}/{kind['id']}", on=path, version="1", name="c", inverse_name="d")
        assert {"name": "c", "inverse_name": "d"} == stub.last("PATCH")[2]
        stub.answers["DELETE", f"/v1/relationship-types/{kind['id']}"] = (412, {})
        refused = site.send(f"{path}/{kind['id']}/archive", on=path, version="1")
        assert (412, True) == (refused.status_code, "Somebody changed this" in site.page)


class TestSegments:
    def test_are_listed_with_their_size(self, site: Site, stub: Stub) -> None:
        segment = example("segment")
        stub.answers["GET", "/v1/segments"] = listed(segment)
        stub.answers["GET", f"/v1/segments/{segment['id']}/tally"] = (200, {"size": 41})

        site.sign_in().get("/segments?type=dynamic")

        assert "41 contacts" in site.page
        assert "dynamic" == stub.query("/v1/segments")["type"]
        stub.answers["GET", "/v1/segments"] = AWAY
        site.get("/segments")
        assert "Segments cannot be shown now" in site.page

    def test_have_members_sizes_and_snapshots(self, site: Site, stub: Stub) -> None:
        segment = {**example("segment"), "type": "static"}
        path, snapshot = f"/v1/segments/{segment['id']}", {**example("segment"), "name": "Then"}
        stub.answers["GET", path] = (200, segment)
        stub.answers["GET", f"{path}/tally"] = (200, {"size": 1})
        stub.answers["GET", f"{path}/members"] = listed(example("segment_membership"))
        stub.answers["GET", f"{path}/sizes"] = listed({"at": "2026-03-02T12:00:00Z", "size": 1})
        stub.answers["GET", f"{path}/snapshots"] = listed(snapshot)
        page = f"/segments/{segment['id']}"
        site.sign_in().get(page)
        assert "Then" in site.page

        site.send(f"{page}/snapshots", on=page, name="Now")
        assert (f"{path}/snapshots", {"name": "Now"}) == stub.last("POST")[::2]
        site.send(f"{page}/snapshots/{snapshot['id']}/restoration", on=page)
        assert f"{path}/snapshots/{snapshot['id']}/restoration" == stub.last("PUT")[0]


def test_rules_of_deals_are_tried_by_who_keeps_them(site: Site, stub: Stub) -> None:
    deal_id = str(ids.new())
    stub.answers["POST", "/v1/deals/dry-run"] = (
        200, {"checked": 5, "broken": 1, "offenders": [{"id": deal_id, "name": "Desks"}]},
    )  # fmt: skip
    site.sign_in().get("/settings/rules?object=deal")
    assert "Add a naming rule" not in site.page

    site.send(
        "/settings/rules/validation", object="deal", name="N", message="M", check="require",
        fields="amount", when_field="status", when_op="eq", when_value="won", then="try",
    )  # fmt: skip

    path, _, body = stub.last("POST")
    assert ("/v1/deals/dry-run", ["amount"]) == (path, body["require"])
    assert "object" not in body
    assert f'href="/deals/{deal_id}"' in site.page
