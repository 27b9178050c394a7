"""Fields and rules in the console as a browser without JavaScript gets them."""

import re
from typing import Any

import pytest
from flask import Flask, render_template_string
from services.gateway.tests.http.conftest import Site, Stub, example

from crm_gateway.console import own_fields

pytestmark = pytest.mark.integration
AWAY = (503, {"detail": "away"})
FIELDS, RULES, NAMINGS = "/v1/fields", "/v1/validation-rules", "/v1/naming-rules"


def listed(*items: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"items": list(items), "next": None}


class TestFields:
    def test_says_what_to_do_when_there_are_none(self, site: Site) -> None:
        site.sign_in().get("/settings/fields")

        assert "No fields yet" in site.page
        assert "Add the field" in site.page

    def test_says_when_they_cannot_be_shown(self, site: Site, stub: Stub) -> None:
        stub.answers["GET", FIELDS] = AWAY

        site.sign_in().get("/settings/fields")

        assert "The fields cannot be shown now." in site.page
        assert "Add the field" not in site.page

    def test_makes_a_key_of_the_name(self, site: Site, stub: Stub) -> None:
        site.sign_in().get("/settings/fields")
        site.send(
            "/settings/fields", object="account", label="Größe (EU)", type="enum",
            options="a = Large\n\nb", searchable="on",
        )  # fmt: skip

        _, headers, body = stub.last("POST")
        assert ("gr_e_eu", ["Large", "b"]) == (body["key"], [o["label"] for o in body["options"]])
        assert (True, False) == (body["searchable"], body["required"])
        assert headers["Idempotency-Key"]

    def test_keeps_what_was_typed_when_it_is_refused(self, site: Site, stub: Stub) -> None:
        stub.answers["POST", FIELDS] = (422, {"errors": {"key": ["taken"]}})
        site.sign_in().get("/settings/fields")

        answer = site.send("/settings/fields", object="contact", label="Shoe", type="number")

        assert 422 == answer.status_code
        assert "Key: taken" in site.page
        assert 'value="Shoe"' in site.page

    def test_is_changed_by_the_version_shown(self, site: Site, stub: Stub) -> None:
        field = example("field")
        path = f"{FIELDS}/{field['id']}"
        stub.answers["GET", path] = (200, field)
        stub.answers["PATCH", path] = (412, {})
        site.sign_in().get(f"/settings/fields/{field['id']}")

        answer = site.send(f"/settings/fields/{field['id']}", version="3", label="New")

        assert 412 == answer.status_code
        assert "Somebody changed this meanwhile" in site.page
        path, headers, body = stub.last("PATCH")
        assert ('"3"', "New") == (headers["If-Match"], body["label"])
        assert not {"object", "key", "type", "sensitive"} & body.keys()

    def test_moves_a_field_by_numbering_those_that_change_places(
        self, site: Site, stub: Stub
    ) -> None:
        ids = [f"01930000-0000-7000-8000-00000000000{n}" for n in range(3)]
        stub.answers["GET", FIELDS] = listed(
            *({**example("field"), "id": id_, "position": (n + 1) * 10}
              for n, id_ in enumerate(ids))
        )  # fmt: skip
        site.sign_in().get("/settings/fields")

        site.send(f"/settings/fields/{ids[2]}/move", object="contact", where="earlier")

        moved = {path[-1]: body for method, path, _, body in stub.asked if method == "PATCH"}
        assert {"2": {"position": 20}, "1": {"position": 30}} == moved


class TestRules:
    def test_says_what_to_do_when_there_are_none(self, site: Site) -> None:
        site.sign_in().get("/settings/rules")

        assert "No rules yet" in site.page

    def test_says_when_they_cannot_be_shown(self, site: Site, stub: Stub) -> None:
        stub.answers["GET", RULES] = AWAY

        site.sign_in().get("/settings/rules")

        assert "The rules cannot be shown now." in site.page

    def test_shows_both_kinds(self, site: Site, stub: Stub) -> None:
        stub.answers["GET", RULES] = listed(example("validation_rule"))
        stub.answers["GET", NAMINGS] = listed({**example("naming_rule"), "active": False})

        site.sign_in().get("/settings/rules")

        assert "A customer needs a telephone number." in site.page
        assert "Count again" in site.page

    @pytest.mark.parametrize(
        ("form", "expected"),
        [
            ({"check": "require", "fields": "phone"}, {"require": ["phone"], "when": None}),
            ({"check": "match", "fields": "custom.vat", "pattern": "[A-Z]+"},
             {"match": {"custom.vat": "[A-Z]+"}}),
            ({"check": "range", "fields": "custom.size", "min": "3", "max": ""},
             {"range": {"custom.size": {"min": "3"}}}),
            ({"check": "forbid", "fields": "tags", "when_field": "do_not_call", "when_op": "eq",
              "when_value": "true"},
             {"when": {"field": "do_not_call", "op": "eq", "value": True}}),
            ({"check": "unique", "fields": "email", "predicate": '{"all": []}'},
             {"when": {"all": []}}),
        ],
    )  # fmt: skip
    def test_means_what_its_form_says(
        self, site: Site, stub: Stub, form: dict[str, str], expected: dict[str, Any]
    ) -> None:
        site.sign_in().get("/settings/rules")
        site.send("/settings/rules/validation", name="N", message="M", then="have", **form)

        path, _, body = stub.last("POST")
        assert RULES == path
        assert expected == {name: body[name] for name in expected}

    def test_is_tried_first(self, site: Site, stub: Stub) -> None:
        found = {"checked": 7, "broken": 2, "offenders": [{"id": "x", "name": "Ada <b>"}]}
        stub.answers["POST", f"{RULES}/dry-run"] = (200, found)
        site.sign_in().get("/settings/rules")

        site.send("/settings/rules/validation", check="require", fields="phone", then="try")

        assert "2 of 7 would break it." in site.page
        assert "Ada &lt;b&gt;" in site.page

    @pytest.mark.parametrize(
        ("form", "reason"),
        [
            ({"check": "require"}, "Choose at least one field."),
            ({"check": "require", "fields": "phone", "predicate": "{"}, "The condition is not JSON."),
        ],
    )  # fmt: skip
    def test_says_what_is_missing(
        self, site: Site, stub: Stub, form: dict[str, str], reason: str
    ) -> None:
        site.sign_in().get("/settings/rules")

        assert 422 == site.send("/settings/rules/validation", **form).status_code
        assert reason in site.page

    def test_reads_spellings(self, site: Site, stub: Stub) -> None:
        site.sign_in().get("/settings/rules")
        site.send(
            "/settings/rules/naming", object="account", name="N", field="name",
            style="legal_suffix", words="GmbH = gmbh, g.m.b.h.\nLtd", severity="correct",
        )  # fmt: skip

        assert {"GmbH": ["gmbh", "g.m.b.h."], "Ltd": []} == stub.last("POST")[2]["legal_suffix"]


class TestValues:
    """The macro that other pages show the company's own fields by."""

    SHOW = '{% from "_custom_fields.html" import custom_fields %}{{ custom_fields(f, v, e) }}'

    def shown(self, console: tuple[Flask, str], type_: str, value: Any, **more: Any) -> str:
        field = {**example("field"), "type": type_, "key": "k", "label": "Kind", **more}
        with console[0].test_request_context("/"):
            return render_template_string(self.SHOW, f=[field], v={"k": value}, e={"k": "Wrong."})

    @pytest.mark.parametrize(
        ("type_", "value", "expected"),
        [
            ("string", 'a"b', 'value="a&#34;b"'),
            ("text", "a\nb", ">a\nb</textarea>"),
            ("number", 0, 'value="0"'),
            ("bool", False, '<option value="false" selected>'),
            ("enum", "b", '<option value="b" selected>'),
            ("multi_enum", ["b"], 'value="b" checked'),
            ("money", {"amount": "1.50", "currency": "EUR"}, 'value="1.50 EUR"'),
            ("date", "2026-01-31", 'type="date"'),
            ("phone", None, 'type="tel"'),
        ],
    )
    def test_are_shown_by_type(
        self, console: tuple[Flask, str], type_: str, value: Any, expected: str
    ) -> None:
        options = [{"value": each, "label": each.upper()} for each in "ab"]

        page = self.shown(console, type_, value, options=options if "enum" in type_ else [])

        assert expected in page
        assert "Wrong." in page
        assert re.search(r'for="custom.k"|aria-labelledby="label-k"', page)

    def test_are_never_shown_where_they_are_sensitive(self, console: tuple[Flask, str]) -> None:
        mask = {"sensitive": True, "set_at": None}

        page = self.shown(console, "string", mask, sensitive=True)

        assert 'value=""' in page
        assert "leave it empty to keep it" in page

    def test_are_read_from_a_form(self, console: tuple[Flask, str]) -> None:
        kinds = {"a": "string", "b": "multi_enum", "c": "multi_enum", "d": "number", "e": "string"}
        fields = [
            {**example("field"), "key": key, "type": type_, "sensitive": key == "e"}
            for key, type_ in kinds.items()
        ]
        form = {
            "custom.a": " x ", "custom.b.shown": "1", "custom.b": ["u", "v"], "custom.c.shown": "1",
            "custom.d": "", "custom.e": "",
        }  # fmt: skip
        with console[0].test_request_context("/", method="POST", data=form):
            found = own_fields.posted(fields)

        assert {"a": "x", "b": ["u", "v"], "c": None, "d": None} == found
