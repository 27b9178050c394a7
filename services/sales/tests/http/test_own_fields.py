"""Deals and leads have the company's own fields and keep to its rules."""

import json

import pytest
from libs.fields.tests.telling import told
from services.sales.tests.conftest import token_for
from services.sales.tests.factories import Api, slug, unseen

from crm_chassis import ids
from crm_chassis.auth import Principal
from crm_sales.commands.conversions import CompleteConversion, complete_conversion
from crm_sales.copies import COPIES

pytestmark = pytest.mark.integration


@pytest.fixture
def tell(sessions):
    with told(sessions, COPIES) as telling:
        yield telling


@pytest.fixture
def admin(app):
    who = Principal(actor="user:admin", user_id=ids.new(), roles=frozenset({"admin"}))
    return Api(app.test_client(), token_for(who))


def a_deal(api, **more):
    return api.make("/v1/deals", {"name": "Ten desks", **more})


def found(api, **asked):
    answer = api.get("/v1/deals", query_string=asked)
    assert 200 == answer.status_code, answer.json
    return [each["id"] for each in answer.json["items"]]


class TestValues:
    def test_are_read_by_their_type_and_merged(self, api, tell):
        tell.field("deal", "seats", "number")
        tell.field("deal", "floor", "enum", options=_options("ground", "first"))
        deal = a_deal(api, custom={"seats": "40", "floor": "First"})
        path = f"/v1/deals/{deal['id']}"

        changed = api.patch(path, {"custom": {"seats": None}}, version=1).json

        assert {"seats": 40, "floor": "first"} == deal["custom"]
        assert {"floor": "first"} == changed["custom"]

    @pytest.mark.parametrize("custom", [{"nothing": 1}, {"seats": "many"}, {"gone": "x"}])
    def test_are_refused_by_name(self, api, tell, custom):
        tell.field("deal", "seats", "number")
        gone = tell.field("deal", "gone")
        tell.again(gone, archived_at=gone.created_at)
        [key] = custom

        answer = api.post("/v1/deals", {"name": "A", "custom": custom})

        assert (422, [f"custom.{key}"]) == (answer.status_code, [*answer.json["errors"]])
        assert 422 == api.post("/v1/leads", {"last_name": "L", "custom": custom}).status_code

    def test_are_checked_in_batches_and_imports(self, api, tell):
        tell.field("lead", "seats", "number")
        wrong = {"last_name": "L", "custom": {"seats": "x"}}
        operations = [
            {"op": "create", "body": {"last_name": "L", "custom": {"seats": "7"}}},
            {"op": "create", "body": wrong},
            {"op": "create", "body": {**wrong, "imported": True,
                                      "created_at": "2026-01-01T00:00:00Z"}},
        ]  # fmt: skip

        items = api.post("/v1/leads/batch", {"operations": operations}).json["items"]

        assert [201, 422, 422] == [each["status"] for each in items]
        assert {"seats": 7} == api.get(f"/v1/leads/{items[0]['id']}").json["custom"]

    def test_that_must_be_unique_are(self, api, tell):
        tell.field("deal", "order_no", unique=True)
        first = a_deal(api, custom={"order_no": "A-1"})
        other = a_deal(api)

        answer = api.post("/v1/deals", {"name": "B", "custom": {"order_no": "a-1"}})
        moved = api.patch(f"/v1/deals/{other['id']}", {"custom": {"order_no": "A-1"}}, version=1)
        api.delete(f"/v1/deals/{first['id']}", version=1)
        free = api.post("/v1/deals", {"name": "B", "custom": {"order_no": "a-1"}})

        assert (409, "value-taken") == (answer.status_code, slug(answer))
        assert (409, 201) == (moved.status_code, free.status_code)
        back = api.put(f"/v1/deals/{first['id']}/restoration", version=2)
        assert (409, "value-taken") == (back.status_code, slug(back))

    def test_become_unique_by_a_fact_that_cannot_be_refused(self, api, tell):
        field = tell.field("deal", "order_no")
        for _ in range(2):
            a_deal(api, custom={"order_no": "B-1"})

        tell.again(field, unique=True)

        assert 409 == api.post(
            "/v1/deals", {"name": "C", "custom": {"order_no": "B-1"}}
        ).status_code  # fmt: skip

    def test_of_an_option_that_went_away_stay(self, api, tell):
        field = tell.field("deal", "floor", "enum", options=_options("ground", "first"))
        deal = a_deal(api, custom={"floor": "first"})
        tell.again(field, options=_options("ground"))
        path = f"/v1/deals/{deal['id']}"

        kept = api.patch(path, {"name": "B", "custom": {"floor": "first"}}, version=1)

        assert (200, {"floor": "first"}) == (kept.status_code, kept.json["custom"])
        assert 422 == api.post(
            "/v1/deals", {"name": "C", "custom": {"floor": "first"}}
        ).status_code  # fmt: skip

    def test_that_are_sensitive_stand_apart(self, api, admin, reader, tell):
        tell.field("lead", "income", "number", sensitive=True)
        lead = api.make("/v1/leads", {"last_name": "L", "custom": {"income": 5}})
        path = f"/v1/leads/{lead['id']}"

        again = api.patch(path, {"custom": lead["custom"], "company": "C"}, version=1)

        assert lead["custom"]["income"]["sensitive"] is True
        assert lead["custom"] == again.json["custom"]
        assert {"income": 5} == admin.get(f"{path}/sensitive").json["custom"]
        assert 403 == reader.get(f"{path}/sensitive").status_code
        told_of = api.get(f"{path}/history").json["items"]
        assert ["•••"] == [each["new"] for each in told_of[-1]["changes"]
                           if each["field"] == "custom.income"]  # fmt: skip


class TestAsking:
    def test_lists_by_value_and_predicate(self, api, tell):
        tell.field("deal", "seats", "number")
        few, many = (a_deal(api, custom={"seats": n}, source=f"s{n}") for n in (1, 60))
        where = {"all": [{"field": "custom.seats", "op": "gt", "value": 50},
                         {"field": "status", "op": "eq", "value": "open"},
                         {"field": "probability", "op": "lt", "value": 1}]}  # fmt: skip

        assert [few["id"]] == found(api, **{"custom.seats": "1"})
        assert [many["id"]] == found(api, where=json.dumps(where))
        assert [many["id"]] == found(api, where=json.dumps({"not": [
            {"field": "custom.seats", "op": "lte", "value": 50},
            {"field": "custom.seats", "op": "empty"}]}))  # fmt: skip

    @pytest.mark.parametrize(
        "asked",
        [{"where": "no"}, {"where": '{"field": "x", "op": "eq"}'}, {"custom.none": "1"},
         {"where": '{"field": "amount", "op": "gt", "value": "much"}'}],
    )  # fmt: skip
    def test_refuses_what_it_does_not_understand(self, api, asked):
        assert 422 == api.get("/v1/deals", query_string=asked).status_code
        assert 422 == api.get("/v1/leads", query_string=asked).status_code

    def test_every_field_that_may_be_asked_for(self, api, tell):
        """Each compiles and is run."""
        from crm_fields import OPS
        from crm_fields.objects import FIELDS, Held

        for held, path in ((Held.DEAL, "/v1/deals"), (Held.LEAD, "/v1/leads")):
            for name, kind in FIELDS[held].items():
                op = "not_empty" if "not_empty" in OPS[kind] else "eq"
                where = json.dumps({"not": [{"field": name, "op": op}]})
                answer = api.get(path, query_string={"where": where, "limit": 1})
                assert 200 == answer.status_code, (name, answer.json)

    def test_finds_words_of_searched_fields(self, api, tell):
        tell.field("deal", "hall", searchable=True)
        tell.field("lead", "hall", searchable=True)
        deal = a_deal(api, custom={"hall": "Élysée Nord"})
        lead = api.make("/v1/leads", {"last_name": "L", "custom": {"hall": "Élysée Nord"}})

        assert [deal["id"]] == found(api, q="elysee nord")
        assert [lead["id"]] == [each["id"] for each in api.get("/v1/leads?q=nord").json["items"]]

    def test_the_document_shows_the_fields_at_once(self, api, tell):
        before = api.get("/openapi.json").json["components"]["schemas"]
        tell.field("deal", "seats", "number")
        after = api.get("/openapi.json").json["components"]["schemas"]

        for name in ("DealIn", "DealPatch", "DealOut"):
            assert "seats" not in before[name]["properties"]["custom"].get("properties", {})
            assert "seats" in after[name]["properties"]["custom"]["properties"]


class TestRules:
    def test_fields_are_needed_where_the_rule_speaks_of_the_state(self, api, tell):
        """A deal enters `won` only with its amount and its reference."""
        tell.field("deal", "reference")
        won = {"field": "status", "op": "eq", "value": "won"}
        rule = tell.rule("deal", require=["amount", "custom.reference"], when=won)
        deal = a_deal(api)
        path = f"/v1/deals/{deal['id']}"

        answer = api.put(f"{path}/win", version=1)

        assert (422, "rules-broken") == (answer.status_code, slug(answer))
        assert {"amount", "custom.reference"} == set(answer.json["errors"])
        assert str(rule.id) == answer.json["rules"][0]["rule_id"]
        assert ("open", 1) == tuple(api.get(path).json[name] for name in ("status", "version"))
        worth = {"amount": {"amount": "5", "currency": "EUR"}, "custom": {"reference": "R"}}
        assert 200 == api.patch(path, worth, version=1).status_code
        assert "won" == api.put(f"{path}/win", version=2).json["status"]

    def test_a_stage_may_ask_for_more(self, api, tell):
        deal = a_deal(api)
        stage = api.get(f"/v1/pipelines/{deal['pipeline_id']}").json["stages"][1]
        entered = {"field": "stage_id", "op": "changed_to", "value": stage["id"]}
        tell.rule("deal", require=["next_step"], when=entered)
        path = f"/v1/deals/{deal['id']}"

        assert 422 == api.put(f"{path}/stage", {"stage_id": stage["id"]}, version=1).status_code
        api.patch(path, {"next_step": "Call"}, version=1)
        moved = api.put(f"{path}/stage", {"stage_id": stage["id"]}, version=2)
        assert stage["id"] == moved.json["stage_id"]

    def test_warnings_are_told_and_kept(self, api, admin, tell):
        rule = tell.rule("lead", require=["phone"], severity="warn", message="No number.")

        answer = api.post("/v1/leads", {"last_name": "Warned"})

        assert 201 == answer.status_code
        assert [("No number.", "warn")] == [
            (each["message"], each["severity"])
            for each in json.loads(answer.headers["X-CRM-Warnings"])
        ]
        kept = admin.get("/v1/leads/rule-breaches", query_string={"rule_id": str(rule.id)}).json
        assert [answer.json["id"]] == [each["record_id"] for each in kept["items"]]
        assert 403 == api.get("/v1/leads/rule-breaches").status_code
        api.patch(f"/v1/leads/{answer.json['id']}", {"phone": "030 123"}, version=1)
        assert [] == admin.get("/v1/leads/rule-breaches").json["items"]

    def test_hold_every_verb_of_a_lead(self, api, tell):
        lead = api.make("/v1/leads", {"last_name": "L"})
        path = f"/v1/leads/{lead['id']}"
        rule = tell.rule("lead", require=["company"], when={
            "field": "status", "op": "in", "value": ["qualified", "disqualified", "converting"]})  # fmt: skip

        refused = [
            api.put(f"{path}/qualification", version=1),
            api.put(f"{path}/disqualification", {"reason": "No"}, version=1),
            api.post(f"{path}/conversion"),
        ]

        assert [422] * 3 == [each.status_code for each in refused]
        tell.again(rule, active=False)
        assert 200 == api.put(f"{path}/qualification", version=1).status_code

    def test_do_not_refuse_what_contacts_answered(self, api, admin, desk, tell):
        lead = api.make("/v1/leads", {"last_name": "L", "company": "Mill"})
        api.post(f"/v1/leads/{lead['id']}/conversion", {"create_deal": True})
        tell.field("deal", "reference", required=True)
        tell.rule("lead", require=["phone"])

        desk.do(complete_conversion, CompleteConversion(
            lead_id=lead["id"], contact_id=unseen(), account_id=None))  # fmt: skip

        done = api.get(f"/v1/leads/{lead['id']}").json
        assert "converted" == done["status"]
        [kept] = admin.get("/v1/deals/rule-breaches", query_string={
            "record_id": done["deal_id"]}).json["items"]  # fmt: skip
        assert "custom.reference" == kept["field"]

    def test_unique_together_means_others(self, api, tell):
        tell.rule("deal", unique=["name", "amount.currency"])
        worth = {"amount": {"amount": "5", "currency": "SEK"}}
        first = a_deal(api, **worth)

        assert 422 == api.post("/v1/deals", {"name": "Ten desks", **worth}).status_code
        own = api.patch(f"/v1/deals/{first['id']}", {"source": "fair"}, version=1)
        assert 200 == own.status_code

    def test_one_that_is_not_understood_rests(self, api, tell):
        """A newer release may tell of fields that this one does not know."""
        tell.rule("deal", require=["invented_later"])

        assert a_deal(api)["id"]


class TestTrial:
    def test_counts_what_is_there(self, api, tell):
        tell.field("deal", "hall")
        cheap, dear = (
            a_deal(api, name=f"Trial {n}", amount={"amount": n, "currency": "EUR"},
                   custom={"hall": f"H{n}"})
            for n in ("1", "100")
        )  # fmt: skip
        when = {"field": "name", "op": "starts", "value": "Trial"}

        ranged = api.post("/v1/deals/dry-run", {"when": when, "range": {"amount": {"min": 50}}})
        matched = api.post("/v1/deals/dry-run", {"when": when, "match": {"custom.hall": "H1"}})
        shared = api.post("/v1/deals/dry-run", {"when": when, "unique": ["amount.currency"]})

        assert (2, 1, [cheap["id"]]) == _told(ranged)
        assert (2, 1, [dear["id"]]) == _told(matched)
        assert (2, 2) == _told(shared)[:2]

    @pytest.mark.parametrize(
        "rule",
        [{}, {"require": ["nobody"]}, {"require": ["name"], "forbid": ["name"]},
         {"match": {"name": "("}}, {"require": ["name"], "when": {"field": "name", "op": "changed"}}],
    )  # fmt: skip
    def test_refuses_what_cannot_be_tried(self, api, rule):
        assert 422 == api.post("/v1/leads/dry-run", rule).status_code

    def test_is_not_for_readers(self, reader):
        assert 403 == reader.post("/v1/deals/dry-run", {"require": ["name"]}).status_code


def test_history_tells_each_value_with_who_and_where_from(api, tell, caller):
    tell.field("deal", "hall")
    deal = a_deal(api, custom={"hall": "A"})
    path = f"/v1/deals/{deal['id']}"
    api.headers["X-CRM-Source"] = "ui"
    api.patch(path, {"custom": {"hall": "B"}, "next_step": "Call"}, version=1)

    [newest, _] = api.get(f"{path}/history").json["items"]

    assert ("ui", caller.actor) == (newest["source"], newest["actor"])
    assert {"custom.hall": ("A", "B"), "next_step": (None, "Call")} == {
        each["field"]: (each["old"], each["new"]) for each in newest["changes"]
    }


def _options(*values):
    from crm_contracts.contacts import FieldOption

    return tuple(FieldOption(value=each, label=each.title()) for each in values)


def _told(answer):
    body = answer.json
    return body["checked"], body["broken"], [each["id"] for each in body["offenders"]]
