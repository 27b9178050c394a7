"""Tickets have the company's own fields and keep to its rules."""

import json
from dataclasses import replace

import pytest
from libs.fields.tests.telling import told
from services.support.tests.conftest import token_for
from services.support.tests.factories import Api, slug

import crm_contracts as contracts
from crm_chassis import ids
from crm_chassis.auth import Principal
from crm_contracts.sales import DealWon
from crm_support import reactions
from crm_support.copies import COPIES

pytestmark = pytest.mark.integration
RESOLVED = {"field": "status", "op": "eq", "value": "resolved"}


@pytest.fixture
def tell(sessions):
    with told(sessions, COPIES) as telling:
        yield telling


@pytest.fixture
def admin(app):
    who = Principal(actor="user:admin", user_id=ids.new(), roles=frozenset({"admin"}))
    return Api(app.test_client(), token_for(who))


@pytest.fixture
def ticket(api):
    return api.make("/v1/tickets", {"subject": "It squeaks"})


class TestValues:
    def test_are_read_refused_and_asked_for(self, api, tell):
        tell.field("ticket", "serial", unique=True, searchable=True)
        made = api.make("/v1/tickets", {"subject": "S", "custom": {"serial": "Q-77"}})

        unknown = api.post("/v1/tickets", {"subject": "S", "custom": {"nothing": 1}})
        taken = api.post("/v1/tickets", {"subject": "S", "custom": {"serial": "q-77"}})

        assert {"serial": "Q-77"} == made["custom"]
        assert (422, ["custom.nothing"]) == (unknown.status_code, [*unknown.json["errors"]])
        assert (409, "value-taken") == (taken.status_code, slug(taken))
        for asked in ({"custom.serial": "Q-77"}, {"q": "q-77"},
                      {"where": '{"field": "custom.serial", "op": "eq", "value": "Q-77"}'}):  # fmt: skip
            items = api.get("/v1/tickets", query_string=asked).json["items"]
            assert [made["id"]] == [each["id"] for each in items], asked

    def test_a_patch_is_merged(self, api, tell):
        for key in ("a", "b"):
            tell.field("ticket", key)
        made = api.make("/v1/tickets", {"subject": "S", "custom": {"a": "1", "b": "2"}})

        changed = api.patch(
            f"/v1/tickets/{made['id']}", {"custom": {"a": None, "b": "3"}}, version=1
        )

        assert {"b": "3"} == changed.json["custom"]

    def test_every_field_that_may_be_asked_for(self, api, ticket):
        from crm_fields import OPS
        from crm_fields.objects import FIELDS, Held

        for name, kind in FIELDS[Held.TICKET].items():
            op = "not_empty" if "not_empty" in OPS[kind] else "eq"
            where = json.dumps({"not": [{"field": name, "op": op}]})
            answer = api.get("/v1/tickets", query_string={"where": where, "limit": 1})
            assert 200 == answer.status_code, (name, answer.json)

    @pytest.mark.parametrize(("least", "found"), [(1e14, 0), (0.5, 0), (-0.5, 1)])
    def test_numbers_are_compared_exactly(self, api, least, found):
        made = api.make("/v1/tickets", {"subject": "Counted"})
        where = {"all": [{"field": "reopen_count", "op": "gt", "value": least},
                         {"field": "subject", "op": "eq", "value": made["subject"]}]}  # fmt: skip

        items = api.get("/v1/tickets", query_string={"where": json.dumps(where)}).json["items"]

        assert bool(found) == bool(items)


class TestRules:
    def test_fields_are_needed_to_resolve(self, api, tell, ticket):
        tell.field("ticket", "cause")
        tell.rule("ticket", require=["custom.cause"], when=RESOLVED, message="Why was it?")
        path = f"/v1/tickets/{ticket['id']}"

        refused = [
            api.put(f"{path}/resolution", version=1),
            api.put(f"{path}/status", {"status": "resolved"}, version=1),
        ]

        assert [(422, "rules-broken")] * 2 == [(e.status_code, slug(e)) for e in refused]
        assert {"custom.cause": ["Why was it?"]} == refused[0].json["errors"]
        api.patch(path, {"custom": {"cause": "Dust"}}, version=1)
        assert "resolved" == api.put(f"{path}/resolution", version=2).json["status"]

    def test_what_customers_say_is_heard_all_the_same(self, api, admin, tell, ticket):
        rule = tell.rule("ticket", require=["requester_id"])
        path = f"/v1/tickets/{ticket['id']}"

        said = api.post(f"{path}/messages", {"body": "Still squeaks", "direction": "in"})

        assert 201 == said.status_code
        kept = admin.get("/v1/tickets/rule-breaches", query_string={"rule_id": str(rule.id)})
        assert [ticket["id"]] == [each["record_id"] for each in kept.json["items"]]
        assert 422 == api.put(f"{path}/priority", {"priority": "high"}, version=2).status_code

    def test_a_won_deal_opens_its_ticket_all_the_same(self, desk, api, tell):
        tell.field("ticket", "cause", required=True)
        sample = contracts.sample(DealWon)
        fact = replace(sample, record=replace(sample.record, id=ids.new()))

        desk.do(
            lambda session, told_of, *, now: reactions.deal_won(session, told_of, now=now), fact
        )

        asked = {"origin": f"onboarding:{fact.record.id}"}
        assert 1 == len(api.get("/v1/tickets", query_string=asked).json["items"])
        assert 422 == api.post("/v1/tickets", {"subject": "S"}).status_code

    def test_a_warning_is_told_beside_the_record(self, api, tell):
        tell.rule("ticket", require=["account_id"], severity="warn", message="Whose?")

        answer = api.post("/v1/tickets", {"subject": "S"})

        assert "Whose?" in answer.headers["X-CRM-Warnings"]

    def test_a_trial_counts_by_words_and_numbers(self, api, tell, ticket):
        tagged = api.make("/v1/tickets", {"subject": "Tried", "tags": ["tried"]})
        when = {"field": "tags", "op": "contains", "value": "tried"}

        answer = api.post(
            "/v1/tickets/dry-run", {"when": when, "range": {"reopen_count": {"min": 1}}}
        )

        assert (1, 1, [tagged["id"]]) == (
            answer.json["checked"], answer.json["broken"],
            [each["id"] for each in answer.json["offenders"]],
        )  # fmt: skip


def test_history_tells_each_value(api, tell):
    tell.field("ticket", "cause")
    made = api.make("/v1/tickets", {"subject": "S", "custom": {"cause": "A"}})
    path = f"/v1/tickets/{made['id']}"
    api.patch(path, {"custom": {"cause": "B"}}, version=1)

    newest = api.get(f"{path}/history").json["items"][0]

    assert [("custom.cause", "A", "B")] == [
        (each["field"], each["old"], each["new"]) for each in newest["changes"]
    ]
