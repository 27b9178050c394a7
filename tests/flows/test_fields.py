"""Fields and rules of the company's own, made while everything runs: known on every path at once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.flows.defining import definitions, mark, patched, refused
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


@pytest.fixture
def has(platform: Platform) -> Iterator[Any]:
    with definitions(platform) as define:
        yield define


def imported(platform: Platform, text: str, **settings: Any) -> dict[str, Any]:
    answer = platform.once(
        "POST", "/v1/imports", files={"file": ("people.csv", text.encode(), "text/csv")},
        data={"settings": json.dumps({"duplicates": "create", **settings})},
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    path = f"/v1/imports/{answer.json()['id']}"
    wait_until(lambda: platform.api.get(path)["status"] in {"completed", "failed"}, timeout=60)
    return dict(platform.api.get(path))


def custom_of(platform: Platform, schema: str) -> dict[str, Any]:
    document = platform.once("GET", "/openapi.json").json()
    found = document["components"]["schemas"][schema]["properties"]["custom"]
    return dict(found.get("properties", {}))


class TestCustomFields:
    """C15: fields defined at run time appear everywhere without a deploy."""

    def test_are_known_to_api_document_import_segments_and_search(
        self, platform: Platform, has: Any
    ) -> None:
        """C15: API, OpenAPI, import, segments and search know a field within seconds."""
        key, word = mark(), mark()
        has("fields", object="contact", key=key, label=f"Size {key}", type="number")
        has("fields", object="contact", key=f"{key}_h", label="Hobby", type="string",
            searchable=True)  # fmt: skip
        ada = platform.contact(custom={key: "38", f"{key}_h": f"{word} watching"})

        assert {key: 38, f"{key}_h": f"{word} watching"} == ada["custom"]
        with refused(f"custom.{key}"):
            platform.contact(custom={key: "many"})
        with refused("custom.nothing"):
            platform.contact(custom={"nothing": 1})
        assert [ada["id"]] == [
            each["id"] for each in platform.items("/v1/contacts", **{f"custom.{key}": "38"})
        ]
        where = {"all": [{"field": f"custom.{key}", "op": "gt", "value": 37},
                         {"field": "last_name", "op": "eq", "value": ada["last_name"]}]}  # fmt: skip
        assert 1 == len(platform.items("/v1/contacts", where=json.dumps(where)))
        assert 1 == len(platform.items("/v1/contacts", q=word))
        wait_until(lambda: key in custom_of(platform, "ContactsContactIn"), timeout=30)
        wait_until(
            lambda: platform.once("GET", "/v1/search", params={"q": word}).json()["items"],
            timeout=30,
        )
        file = f"First name,E-mail,Size {key}\nBo,{mark()}@f.example,41\nCy,{mark()}@f.example,x\n"
        assert {"rows": 2, "created": 1, "refused": 1} == imported(platform, file)["counts"]
        segment = self.segment_of(platform, f"custom.{key}", 40)
        assert 1 == wait_until(
            lambda: len(platform.items(f"/v1/segments/{segment}/members")), timeout=60
        )

    @staticmethod
    def segment_of(platform: Platform, field: str, least: int) -> str:
        """A segment by the field, as soon as marketing knows it."""
        body = {
            "name": f"By {field}", "type": "dynamic",
            "predicate": {"field": field, "op": "gte", "value": least},
        }  # fmt: skip
        wait_until(
            lambda: platform.once("POST", "/v1/segments/preview", json={
                "predicate": body["predicate"]}).status_code == 200,
            timeout=30,
        )  # fmt: skip
        return str(platform.api.post("/v1/segments", body)["id"])

    def test_may_come_while_a_file_is_taken_over(self, platform: Platform, has: Any) -> None:
        """C15: a field that is made while an import runs breaks nothing of it."""
        key, mail = mark(), mark()
        rows = "".join(f"P{n},{mail}{n}@f.example\n" for n in range(3_000))
        answer = platform.once(
            "POST", "/v1/imports",
            files={"file": ("people.csv", f"First name,E-mail\n{rows}".encode(), "text/csv")},
            data={"settings": json.dumps({"duplicates": "create"})},
        )  # fmt: skip
        made = [has("fields", object="contact", key=f"{key}_{n}", label=f"{key} {n}",
                    type="string") for n in range(5)]  # fmt: skip
        path = f"/v1/imports/{answer.json()['id']}"

        wait_until(lambda: platform.api.get(path)["status"] in {"completed", "failed"}, timeout=90)

        assert 5 == len(made)
        assert {"rows": 3_000, "created": 3_000} == platform.api.get(path)["counts"]


class TestRequired:
    """C10: required fields per object and per state, on every path."""

    def test_fields_are_needed_on_every_path(self, platform: Platform, has: Any) -> None:
        """C10: API, batch, import and lead conversion refuse who lacks what their state needs."""
        tag = mark()
        has(
            "validation-rules", object="contact", name=f"Number for {tag}", require=["phone"],
            when={"field": "source", "op": "eq", "value": tag}, message="A number is needed.",
        )  # fmt: skip
        mail = f"{tag}@f.example"

        with refused("phone"):
            platform.contact(source=tag)
        ada = platform.contact()
        assert 422 == patched(platform, f"/v1/contacts/{ada['id']}", {"source": tag})["status"]
        operations = [{"op": "create", "body": {"first_name": "B", "source": tag}}]
        [item] = platform.once("POST", "/v1/contacts/batch", json={"operations": operations}
                               ).json()["items"]  # fmt: skip
        assert 422 == item["status"]
        done = imported(platform, f"First name,E-mail\nCy,c{mail}\n", source=tag)
        assert {"rows": 1, "refused": 1} == done["counts"]
        lead = platform.api.post("/v1/leads", {"last_name": tag, "email": mail, "source": tag})
        path = f"/v1/leads/{lead['id']}"
        self.converted(platform, path)
        reason = platform.api.get(path)["conversion_refused_reason"]
        assert "rules-broken: contact.phone" == reason
        assert (
            "+442079460018"
            == platform.contact(source=tag, phones=[{"value": "+44 20 7946 0018"}])["phones"][0][
                "value"
            ]
        )

    @staticmethod
    def converted(platform: Platform, path: str) -> None:
        """Qualify a lead, ask for its conversion, and wait for the answer."""
        version = platform.api.get(path)["version"]
        headers = {"If-Match": f'"{version}"'}
        qualified = platform.once("PUT", f"{path}/qualification", headers=headers)
        headers = {"If-Match": f'"{qualified.json().get("version", version)}"'}
        asked = platform.once("POST", f"{path}/conversion", json={}, headers=headers)
        assert asked.status_code == 202, asked.text
        wait_until(lambda: platform.api.get(path)["conversion_refused_reason"], timeout=30)

    def test_a_fact_is_never_refused_but_noted(self, platform: Platform, has: Any) -> None:
        """C10: a won deal makes its contact a customer, and what the contact lacks is listed."""
        ada = platform.contact()
        rule = has(
            "validation-rules", object="contact", name="Customers have a number",
            require=["phone"], message="A customer needs a number.",
            when={"all": [{"field": "lifecycle", "op": "eq", "value": "customer"},
                          {"field": "last_name", "op": "eq", "value": ada["last_name"]}]},
        )  # fmt: skip
        deal = platform.deal(ada)
        headers = {"If-Match": f'"{deal["version"]}"'}
        assert 200 == platform.once("PUT", f"/v1/deals/{deal['id']}/win", headers=headers
                                    ).status_code  # fmt: skip

        path = f"/v1/contacts/{ada['id']}"
        wait_until(lambda: platform.api.get(path)["lifecycle"] == "customer", timeout=30)
        [noted] = platform.items("/v1/rule-breaches", rule_id=rule["id"])
        assert (ada["id"], "phone") == (noted["record_id"], noted["field"])


def test_validation_rules_are_tried_blocked_and_warned_of(platform: Platform, has: Any) -> None:
    """C11: rules as data, per field and cross-field, block or warn, with a dry run first."""
    tag = mark()
    for name in ("start", "end"):
        has("fields", object="account", key=f"{tag}_{name}", label=name, type="date")
    custom = {f"{tag}_start": "2026-02-01", f"{tag}_end": "2026-01-01"}
    account = platform.api.post("/v1/accounts", {"name": tag, "custom": custom})
    rule = {
        "object": "account", "when": {"field": "name", "op": "starts", "value": tag},
        "range": {f"custom.{tag}_end": {"min": {"field": f"custom.{tag}_start"}}},
    }  # fmt: skip

    tried = platform.api.post("/v1/validation-rules/dry-run", rule)
    made = has("validation-rules", **rule, name=tag, message="It ends before it begins.")

    assert (1, 1, [account["id"]]) == (
        tried["checked"], tried["broken"], [each["id"] for each in tried["offenders"]],
    )  # fmt: skip
    with refused(f"custom.{tag}_end"):
        platform.api.post("/v1/accounts", {"name": tag, "custom": custom})
    headers = {"If-Match": '"1"'}
    platform.once("PATCH", f"/v1/validation-rules/{made['id']}", json={"severity": "warn"},
                  headers=headers)  # fmt: skip
    warned = platform.once("POST", "/v1/accounts", json={"name": tag, "custom": custom})
    assert 201 == warned.status_code
    [told] = json.loads(warned.headers["X-CRM-Warnings"])
    assert ("It ends before it begins.", "warn") == (told["message"], told["severity"])


def test_naming_rules_suggest_and_correct(platform: Platform, has: Any) -> None:
    """C12: naming conventions and standardised values for accounts, with a suggestion."""
    tag = mark()
    form = {f"{tag}GmbH": [f"{tag}gmbh"]}
    rule = has("naming-rules", name=tag, legal_suffix=form, severity="block")
    has("naming-rules", name=f"{tag} industries", field="industry", severity="correct",
        standard={f"{tag} Steam": [f"{tag} st"]})  # fmt: skip

    with refused("name") as caught:
        platform.api.post("/v1/accounts", {"name": f"Engines {tag}gmbh"})
    assert {"name": f"Engines {tag}GmbH"} == caught.value.problem["suggestions"]
    done = imported(platform, f"First name,E-mail,Company\nA,{tag}@f.example,Pumps {tag}GMBH\n")
    assert {"rows": 1, "refused": 1} == done["counts"]
    platform.once("PATCH", f"/v1/naming-rules/{rule['id']}", json={"severity": "correct"},
                  headers={"If-Match": '"1"'})  # fmt: skip
    body = {"name": f"Engines {tag}gmbh", "industry": f"{tag} ST"}
    made = platform.api.post("/v1/accounts", body)
    assert (f"Engines {tag}GmbH", f"{tag} Steam") == (made["name"], made["industry"])


def test_history_tells_every_value_with_who_and_where_from(platform: Platform, has: Any) -> None:
    """G3: property history with source, user and time for every value; sensitive ones masked."""
    key = mark()
    has("fields", object="contact", key=key, label=key, type="string")
    has("fields", object="contact", key=f"{key}_s", label="Secret", type="string", sensitive=True)
    ada = platform.contact(custom={key: "a", f"{key}_s": "hidden"})
    path = f"/v1/contacts/{ada['id']}"
    patched(platform, path, {"custom": {key: "b", f"{key}_s": "other"}, "job_title": "Boss"})

    [newest, first] = platform.api.get(f"{path}/history")["items"]

    assert {"custom." + key: ("a", "b"), f"custom.{key}_s": ("•••", "•••"),
            "job_title": (None, "Boss")} == {
        each["field"]: (each["old"], each["new"]) for each in newest["changes"]
    }  # fmt: skip
    assert ("api", ada["created_by"], first["version"]) == (newest["source"], newest["actor"], 1)
    assert newest["at"] >= first["at"]
    assert {f"{key}_s": "other"} == platform.api.get(f"{path}/sensitive")["custom"]
    assert "hidden" not in platform.once("GET", f"/v1/customers/{ada['id']}").text
    bo = platform.contact(job_title="Aide")
    platform.api.request(
        "POST", f"/v1/contacts/{bo['id']}/merge", json={"absorbed_ids": [ada["id"]]}, version=1
    )
    assert "merge" == platform.api.get(f"/v1/contacts/{bo['id']}/history")["items"][0]["source"]
