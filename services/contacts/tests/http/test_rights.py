"""Ranges and limited fields in contacts: files that go out and come in, pasts, lists, tags."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from services.contacts.tests.conftest import Caller
from services.contacts.tests.files import finished, upload
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import auth, db, ids
from crm_chassis.testing import keys
from crm_contacts.commands import jobs, trials

pytestmark = pytest.mark.integration
Holding = Callable[..., Caller]
EXPORTS = {"contact": {"read": "all", "export": "own", "create": "own", "bulk": "all"}}


@pytest.fixture
def holding(app: Flask, sessions: sessionmaker[Session]) -> Holding:
    """`holding({"contact": {"read": "own"}}, {"contact": {"emails": "hidden"}})` is somebody new."""

    def hold(grants: Any, fields: Any = None, special: Sequence[str] = ()) -> Caller:
        role, me = ids.new(), ids.new()
        with db.transaction(sessions, db.Context(actor="service:test")) as session:
            session.execute(
                text("insert into role_copy (id, version, grants, fields, special)"
                     " values (:id, 1, :grants, :fields, :special)"),
                {"id": role, "grants": json.dumps(grants), "fields": json.dumps(fields or {}),
                 "special": list(special)},
            )  # fmt: skip
        who = auth.Principal(
            actor=f"user:{me}", user_id=me, roles=frozenset({str(role)}),
            role_versions=((str(role), 1),),
        )  # fmt: skip
        token = auth.Signer(json.dumps(keys("gateway")[0])).token("contacts", who)
        caller = Caller(app.test_client(), token)
        caller.user_id = str(me)  # type: ignore[attr-defined]
        return caller

    return hold


def exported(caller: Caller, sessions: Any, **body: Any) -> list[dict[str, str]]:
    answer = caller.post("/v1/exports", {"format": "csv", **body})
    done = finished(caller, sessions, answer)
    file = caller.get(f"/v1/exports/{done['id']}/file")
    assert 200 == file.status_code, file.text
    return list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))


class TestExports:
    def test_hold_what_is_in_reach_without_what_is_hidden(self, holding, admin, sessions):
        ida = holding(EXPORTS, {"contact": {"emails": "hidden"}})
        people = {"emails": [{"value": "ada@a.example"}], "owner_id": ida.user_id}
        admin.made("/v1/contacts", first_name="Ada", **people)
        admin.made("/v1/contacts", first_name="Ben")

        rows = exported(ida, sessions)

        assert ["Ada"] == [row["First Name"] for row in rows]
        assert "ada@a.example" not in str(rows)

    def test_are_not_filtered_by_what_is_hidden(self, holding):
        ida = holding(EXPORTS, {"contact": {"emails": "hidden"}})

        answer = ida.post("/v1/exports", {"format": "csv", "filter": {"email": "ada@a.example"}})

        assert 403 == answer.status_code

    def test_need_the_right(self, holding):
        answer = holding({"contact": {"read": "all"}}).post("/v1/exports", {"format": "csv"})

        assert 403 == answer.status_code


class TestLists:
    LIMITS = {"contact": {"emails": "hidden", "custom": "hidden"}}  # noqa: RUF012

    @pytest.mark.parametrize("query", ["email=ada@a.example", "q=ada", "sort=-custom"])
    def test_do_not_answer_by_what_is_hidden(self, holding, query):
        ida = holding({"contact": {"read": "all"}}, self.LIMITS)

        assert 403 == ida.get(f"/v1/contacts?{query}").status_code

    def test_count_tags_of_what_is_in_reach(self, holding, admin):
        ida = holding({"contact": {"read": "own"}})
        admin.made("/v1/contacts", first_name="Ada", tags=["press"], owner_id=ida.user_id)
        admin.made("/v1/contacts", first_name="Ben", tags=["press", "secret"])

        items = ida.get("/v1/tags?object=contact").json["items"]

        assert [("press", 1)] == [(each["name"], each["count"]) for each in items]

    def test_of_an_accounts_contacts_need_both(self, holding, admin):
        account = admin.made("/v1/accounts", name="Engines")["id"]
        path = f"/v1/accounts/{account}/contacts"

        assert 404 == holding({"contact": {"read": "all"}}).get(path).status_code
        assert 403 == holding({"account": {"read": "all"}}).get(path).status_code
        both = holding({"account": {"read": "all"}, "contact": {"read": "all"}})
        assert 200 == both.get(path).status_code


class TestNumbers:
    """What is counted, and who is named with it, is of what the caller sees."""

    RULE = {"object": "contact", "require": ["phone"]}  # noqa: RUF012
    RULES = {"contact": {"read": "own"}, "rule": {"bulk": "all"}}  # noqa: RUF012

    def test_of_a_rule_that_is_tried_are_of_what_is_in_reach(self, holding, admin, api):
        ida = holding(self.RULES)
        admin.made("/v1/contacts", first_name="Ada", owner_id=ida.user_id)
        admin.made("/v1/contacts", first_name="Ben")
        admin.made("/v1/contacts", first_name="Cy", visibility="private", owner_id=str(ids.new()))

        told = {
            name: caller.post("/v1/validation-rules/dry-run", self.RULE).json
            for name, caller in (("ida", ida), ("member", api), ("admin", admin))
        }

        names = {who: [each["name"] for each in of["offenders"]] for who, of in told.items()}
        assert {"ida": ["Ada"], "member": ["Ada", "Ben"], "admin": ["Ada", "Ben", "Cy"]} == names
        assert [1, 2, 3] == [of["checked"] for of in told.values()]

    def test_of_a_rule_that_is_tried_in_the_background_too(
        self, holding, admin, sessions, monkeypatch
    ):
        monkeypatch.setattr(trials, "LARGEST_AT_ONCE", 1)
        ida = holding(self.RULES)
        for name, owner in (("Ada", ida.user_id), ("Ben", None)):
            admin.made("/v1/contacts", first_name=name, owner_id=owner)

        asked = ida.post("/v1/validation-rules/dry-run", self.RULE)
        jobs.run(sessions)

        result = ida.get(asked.headers["Location"]).json["result"]
        assert (1, ["Ada"]) == (result["checked"], [each["name"] for each in result["offenders"]])

    @pytest.mark.parametrize(
        "rule",
        [
            {"require": ["phone"]},
            {"match": {"phone": "[+]49.*"}},
            {"require": ["name"], "when": {"field": "phone", "op": "not_empty"}},
        ],
    )
    def test_of_a_rule_about_what_is_hidden_are_not_told(self, holding, rule):
        ida = holding(
            {"contact": {"read": "all"}, "rule": {"bulk": "all"}}, {"contact": {"phones": "hidden"}}
        )

        answer = ida.post("/v1/validation-rules/dry-run", {"object": "contact", **rule})

        assert 403 == answer.status_code, answer.text

    def test_of_what_breaks_rules_are_of_what_is_in_reach(self, holding, admin):
        ida = holding({"contact": {"read": "own"}}, special=["manage_rules"])
        mine = admin.made("/v1/contacts", first_name="Ada", owner_id=ida.user_id)["id"]
        other = admin.made("/v1/contacts", first_name="Ben")["id"]
        rule = {**self.RULE, "name": "Phone", "message": "A phone", "severity": "warn"}
        admin.made("/v1/validation-rules", **rule)
        for record_id in (mine, other):
            admin.patch(f"/v1/contacts/{record_id}", {"job_title": "Cook"}, 1)

        seen = ida.get("/v1/rule-breaches?object=contact").json["items"]

        assert [mine] == [each["record_id"] for each in seen]
        assert 2 == len(admin.get("/v1/rule-breaches?object=contact").json["items"])

    def test_of_everybodys_data_are_for_who_reads_them_all(self, holding, admin, sessions):
        admin.made("/v1/contacts", first_name="Ben", visibility="all")
        asked = admin.post("/v1/quality-audits", {})
        finished(admin, sessions, asked)

        for reach, is_told in (("team", False), ("all", True)):
            ida = holding(
                {"contact": {"read": reach}, "account": {"read": "all"}, "job": {"read": "all"}}
            )
            path = f"/v1/quality-audits/{asked.json['id']}"
            read, [listed, *_] = ida.get(path).json, ida.get("/v1/quality-audits").json["items"]
            for found in (read, listed):
                assert "done" == found["status"]
                assert is_told is bool(found["checked"])
                assert is_told is bool(found["findings"])
                assert is_told is bool(found["scores"])
            assert is_told is bool(ida.get(f"{path}/teams").json["items"])


class TestPasts:
    def test_leave_out_what_is_hidden(self, holding, admin):
        ada = admin.made("/v1/contacts", first_name="Ada", job_title="Engineer")
        path = f"/v1/contacts/{ada['id']}"
        admin.patch(path, {"job_title": "Director", "source": "fair"}, version=1)
        ida = holding({"contact": {"read": "all"}}, {"contact": {"job_title": "hidden"}})

        answer = ida.get(f"{path}/history")

        assert "source" in answer.text
        assert "job_title" not in answer.text
        assert "Director" not in answer.text


class TestMerges:
    def test_need_the_right_on_each_contact(self, holding, admin):
        ida = holding({"contact": {"read": "all", "merge": "own"}})
        mine = admin.made("/v1/contacts", first_name="Ada", owner_id=ida.user_id)["id"]
        other = admin.made("/v1/contacts", first_name="Ada")["id"]
        again = admin.made("/v1/contacts", first_name="Ada", owner_id=ida.user_id)["id"]

        def merged(*absorbed: str) -> int:
            body = {"absorbed_ids": list(absorbed)}
            return ida.post(f"/v1/contacts/{mine}/merge", body, version=1).status_code

        assert (403, 201) == (merged(other), merged(again))


class TestImports:
    def test_set_no_field_that_is_fixed_and_change_nobody_out_of_reach(
        self, holding, admin, sessions
    ):
        grants = {"contact": {"read": "all", "create": "all", "update": "own", "bulk": "all"}}
        ida = holding(grants, {"contact": {"job_title": "read"}})
        admin.made("/v1/contacts", first_name="Ben", emails=[{"value": "ben@a.example"}])
        content = (
            "First Name,Last Name,Email,Job Title\n"
            "Ada,Lovelace,ada@a.example,Engineer\n"
            "Ben,Changed,ben@a.example,\n"
            "Eve,Free,eve@a.example,\n"
        )

        done = finished(ida, sessions, upload(ida, content, mode="upsert"))
        rows = ida.get(f"/v1/imports/{done['id']}/rows").json["items"]

        assert ["refused", "refused", "created"] == [row["status"] for row in rows]
        assert "job_title" in str(rows[0]["reasons"])


class TestTakenAddresses:
    def test_are_refused_in_a_batch_naming_nobody_who_is_out_of_reach(self, holding, admin):
        ida = holding({"contact": {"read": "own", "create": "own", "bulk": "all"}})
        body = {"first_name": "Ida", "emails": [{"value": f"{ids.new().hex}@taken.example"}]}
        made = admin.post("/v1/contacts", {**body, "visibility": "private"}).json

        def told(caller: Caller) -> tuple[int, str | None]:
            operations = [{"op": "create", "body": body}]
            answer = caller.post("/v1/contacts/batch", {"operations": operations})
            (item,) = answer.json["items"]
            return item["status"], item["problem"].get("contact_id")

        assert (409, made["id"]) == told(admin)
        assert (409, None) == told(ida)
