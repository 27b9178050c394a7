"""Taking up and changing contacts and accounts by form, somebody else being faster included."""

import html
import json
import re
from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, example

from crm_chassis import ids

pytestmark = pytest.mark.integration


@pytest.fixture
def contact(stub: Stub) -> dict[str, Any]:
    found = example("contact")
    stub.answers["GET", f"/v1/contacts/{found['id']}"] = (200, found)
    stub.answers["PATCH", f"/v1/contacts/{found['id']}"] = (200, found)
    return found


def filled(page: str) -> dict[str, Any]:
    """Return what a browser would send of the form being edited."""
    form = page.partition('id="edit"')[2].partition("</form>")[0]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        kind = found.get("type", "text")
        if kind in {"checkbox", "radio"} and " checked" not in tag:
            continue
        values[found["name"]] = html.unescape(found.get("value", "on"))
    for name, options in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    return values


class TestChange:
    def test_sends_only_what_differs(self, site: Site, stub: Stub, contact: dict[str, Any]) -> None:
        path = f"/contacts/{contact['id']}/edit"
        site.sign_in().get(path)

        answer = site.send(path, **(filled(site.page) | {"job_title": "Chair"}))

        _, headers, body = stub.last("PATCH")
        assert {"job_title": "Chair"} == body
        assert f'"{contact["version"]}"' == headers["If-Match"]
        assert f"/customers/{contact['id']}" == answer.location

    def test_sends_nothing_where_nothing_was_changed(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        path = f"/contacts/{contact['id']}/edit"
        site.sign_in().get(path)

        answer = site.send(path, **filled(site.page))

        assert (303, []) == (answer.status_code, [a for a in stub.asked if a[0] == "PATCH"])

    def test_keeps_many_addresses_with_one_primary(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        """C1: e-mail addresses are added, taken away, made primary; flags are shown."""
        path = f"/contacts/{contact['id']}/edit"
        site.sign_in().get(path)
        assert "Opted out" in site.page
        first = filled(site.page)["email.0.value"]

        site.send(
            path,
            **(filled(site.page) | {
                "email.1.value": "", "email.2.value": "new@x.example", "email.primary": "2",
            }),
        )  # fmt: skip

        assert [(first, False), ("new@x.example", True)] == [
            (each["value"], each["primary"]) for each in stub.last("PATCH")[2]["emails"]
        ]

    def test_belongs_to_several_accounts_with_a_role(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        """C2: a role per account, and what is inactive."""
        other = example("account") | {"id": str(ids.new()), "name": "Second"}
        stub.answers["GET", "/v1/accounts"] = (200, {"items": [other]})
        path = f"/contacts/{contact['id']}/edit"
        site.sign_in().get(path)
        given = filled(site.page) | {"link.new.account": "second", "link.new.role": "advisor"}
        given.pop("link.0.active")

        site.send(path, **given)

        old, new = stub.last("PATCH")[2]["account_links"]
        assert (False, True) == (old["active"], new["active"])
        assert (other["id"], "advisor") == (new["account_id"], new["role"])

    def test_stays_with_what_was_typed_where_somebody_was_faster(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        path = f"/contacts/{contact['id']}/edit"
        site.sign_in().get(path)
        mine = filled(site.page) | {"job_title": "Chair"}
        now = contact | {"version": 9, "job_title": "Boss", "department": "Law"}
        stub.answers["GET", f"/v1/contacts/{contact['id']}"] = (200, now)
        stub.answers["PATCH", f"/v1/contacts/{contact['id']}"] = (412, {"detail": "stale"})

        answer = site.send(path, **mine)

        again = filled(site.page)
        assert 412 == answer.status_code
        assert ("Chair", "Law", "9") == tuple(
            again[each] for each in ("job_title", "department", "version")
        )
        assert re.search(r"Job title</strong> is now\s+Boss", site.page)
        stub.answers["PATCH", f"/v1/contacts/{contact['id']}"] = (200, now)
        site.send(path, **again)
        assert {"job_title": "Chair"} == stub.last("PATCH")[2]

    def test_own_fields_are_sent_where_they_differ(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        """C15: fields of the company's own are in the form with no restart."""
        contact["custom"] = {"shoe_size": 39, "vip": True}
        shared = {"options": [], "required": False, "sensitive": False, "group": None, "help": None}
        fields = [
            {"key": "shoe_size", "label": "Shoe size", "type": "number", **shared},
            {"key": "vip", "label": "VIP", "type": "bool", **shared},
            {"key": "hat", "label": "Hat", "type": "string", **shared},
        ]
        stub.answers["GET", "/v1/fields"] = (200, {"items": fields})
        path = f"/contacts/{contact['id']}/edit"
        site.sign_in().get(path)
        given = filled(site.page)
        assert ("39", "true") == (given["custom.shoe_size"], given["custom.vip"])

        site.send(path, **(given | {"custom.hat": "bowler"}))
        assert {"custom": {"hat": "bowler"}} == stub.last("PATCH")[2]
        site.get(path)
        site.send(path, **(given | {"custom.vip": "", "custom.shoe_size": "40"}))
        assert {"custom": {"vip": None, "shoe_size": "40"}} == stub.last("PATCH")[2]

    def test_asks_which_account_is_meant(
        self, site: Site, stub: Stub, contact: dict[str, Any]
    ) -> None:
        path = f"/contacts/{contact['id']}/edit"
        site.sign_in().get(path)

        answer = site.send(
            path, **(filled(site.page) | {"link.new.account": "Nowhere", "job_title": "Kept"})
        )

        assert 422 == answer.status_code
        assert "No account is called: Nowhere" in site.page
        assert "Kept" == filled(site.page)["job_title"]

    @pytest.mark.parametrize(
        ("archived", "method", "part"),
        [(None, "DELETE", "archive"), ("2026-11-02T00:00:00Z", "PUT", "restoration")],
    )
    def test_is_put_away_and_brought_back(
        self, site: Site, stub: Stub, contact: dict[str, Any], archived: Any, method: str, part: str
    ) -> None:
        contact["archived_at"] = archived
        path = f"/contacts/{contact['id']}"

        site.sign_in().send(f"{path}/{part}", on=f"{path}/edit", version="3")

        asked, headers, _ = stub.last(method)
        assert ('"3"', True) == (headers["If-Match"], asked.startswith(f"/v1{path}"))

    def test_says_when_the_service_is_away(self, site: Site, stub: Stub) -> None:
        path = f"/accounts/{ids.new()}"
        stub.answers["GET", f"/v1{path}"] = (503, {})

        assert 503 == site.sign_in().get(f"{path}/edit").status_code
        assert "The account cannot be shown now." in site.page


class TestTakeUp:
    def test_sends_what_was_typed(self, site: Site, stub: Stub) -> None:
        stub.answers["POST", "/v1/contacts"] = (201, example("contact"))
        site.sign_in().get("/contacts/new")

        site.send(
            "/contacts/new",
            **(filled(site.page) | {
                "last_name": "Ngo", "email.0.value": "n@x.example", "tags": "a, b,,a",
            }),
        )  # fmt: skip

        body = stub.last("POST")[2]
        assert [{"value": "n@x.example", "label": None, "primary": True}] == body["emails"]
        assert (["a", "b"], "Ngo") == (body["tags"], body["last_name"])

    def test_shows_who_it_may_be_already(self, site: Site, stub: Stub) -> None:
        """C6: open it, take up anyway, or merge what was typed into it."""
        known = example("contact")
        evidence = [{"name": "same name", "weight": 7.0}]
        candidate = {"contact_id": known["id"], "score": 11.0, "evidence": evidence}
        stub.answers["POST", "/v1/contacts"] = (409, {"candidates": [candidate]})
        stub.answers["GET", f"/v1/contacts/{known['id']}"] = (200, known)
        site.sign_in().get("/contacts/new")
        given = filled(site.page) | {"last_name": "Okafor", "phone.0.value": "+4930123456"}

        assert 409 == site.send("/contacts/new", **given).status_code
        assert "11.0: same name" in site.page
        assert "take up anyway" in site.page

        site.send(f"/contacts/{known['id']}/filling", **given)
        merged = filled(site.page)
        assert (known["phones"][0]["value"], "+4930123456") == tuple(
            merged[f"phone.{n}.value"] for n in (0, 1)
        )
        assert known["first_name"] == merged["first_name"]
        assert "0" == merged["phone.primary"]

        stub.answers["POST", "/v1/contacts"] = (201, known)
        site.send("/contacts/new", anyway="1", **given)
        assert {"allow_duplicate": "true"} == stub.query("/v1/contacts")

    def test_names_who_has_the_address(self, site: Site, stub: Stub) -> None:
        known = example("contact")
        stub.answers["POST", "/v1/contacts"] = (409, {"contact_id": known["id"]})
        site.sign_in().get("/contacts/new")

        site.send("/contacts/new", **(filled(site.page) | {"email.0.value": "a@x.example"}))

        assert f'href="/customers/{known["id"]}"' in site.page
        assert "take up anyway" not in site.page

    def test_an_account_is_part_of_the_one_named(self, site: Site, stub: Stub) -> None:
        """C3: the parent is named by its name; a ring is refused with what was typed kept."""
        parent = example("account")
        stub.answers["GET", "/v1/accounts"] = (200, {"items": [parent]})
        refusal = {"type": "x/parent-cycle", "detail": "An account cannot be part of itself"}
        stub.answers["POST", "/v1/accounts"] = (422, refusal)
        site.sign_in().get("/accounts/new")

        answer = site.send(
            "/accounts/new", **(filled(site.page) | {"name": "Part", "parent": parent["name"]})
        )

        assert parent["id"] == stub.last("POST")[2]["parent_id"]
        assert 422 == answer.status_code
        assert "An account cannot be part of itself" in site.page
        assert "Part" == filled(site.page)["name"]

    def test_what_was_shown_travels_with_the_form(
        self, site: Site, contact: dict[str, Any]
    ) -> None:
        site.sign_in().get(f"/contacts/{contact['id']}/edit")

        assert contact["job_title"] == json.loads(filled(site.page)["was"])["job_title"]
