"""Tickets over HTTP."""

import pytest
from services.support.tests.factories import slug, unseen

pytestmark = pytest.mark.integration


@pytest.fixture
def ticket(api):
    return api.make(
        "/v1/tickets", {"subject": "Broken", "body": "It is", "requester_id": str(unseen())}
    )


class TestOpen:
    def test_answers_with_the_published_record(self, api, ticket):
        assert ("Broken", "new", "question", "normal") == (
            ticket["subject"],
            ticket["status"],
            ticket["kind"],
            ticket["priority"],
        )
        answer = api.get(f"/v1/tickets/{ticket['id']}")
        assert (ticket, '"1"') == (answer.json, answer.headers["ETag"])


class TestConversation:
    def test_goes_back_and_forth(self, api, ticket, caller):
        path = f"/v1/tickets/{ticket['id']}"

        sent = api.make(f"{path}/messages", {"body": "Try again"})
        assert "pending_customer" == api.get(path).json["status"]
        api.make(f"{path}/messages", {"body": "It is a liar", "visibility": "internal"})
        api.make(f"{path}/messages", {"body": "No", "direction": "in"})

        items = api.get(f"{path}/messages").json["items"]
        assert [("in", "public"), ("out", "public"), ("out", "internal"), ("in", "public")] == [
            (each["direction"], each["audience"]) for each in items
        ]
        assert ("open", caller.actor) == (api.get(path).json["status"], sent["author"])
        assert sent == items[1]

    def test_is_read_in_pages(self, api, ticket):
        path = f"/v1/tickets/{ticket['id']}/messages"
        for number in range(2):
            api.make(path, {"body": f"Message {number}"})

        first = api.get(f"{path}?limit=2").json
        second = api.get(f"{path}?limit=2&cursor={first['next']}").json

        assert ["It is", "Message 0", "Message 1"] == [
            each["body"] for each in first["items"] + second["items"]
        ]
        assert 404 == api.get(f"/v1/tickets/{unseen()}/messages").status_code

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"body": ""},
            {"body": " \n"},
            {"body": "x" * 10_001},
            {"body": "x", "visibility": "secret"},
            {"body": "x", "direction": "up"},
            {"body": "x", "direction": "in", "visibility": "internal"},
            {"body": "x", "author": "somebody else"},
        ],
    )
    def test_refuses_what_is_no_message(self, api, ticket, body):
        answer = api.post(f"/v1/tickets/{ticket['id']}/messages", body)

        assert (422, "invalid") == (answer.status_code, slug(answer))

    def test_holds_the_longest_message_in_any_alphabet(self, api, ticket):
        answer = api.post(f"/v1/tickets/{ticket['id']}/messages", {"body": "🙂" * 10_000})

        assert 201 == answer.status_code


class TestTransitions:
    def test_lead_through_a_tickets_life(self, api, ticket):
        path, someone = f"/v1/tickets/{ticket['id']}", str(unseen())

        answers = [
            api.put(f"{path}/assignment", {"assignee_id": someone}, version=1),
            api.put(f"{path}/priority", {"priority": "urgent"}, version=2),
            api.put(f"{path}/status", {"status": "on_hold"}, version=3),
            api.put(f"{path}/resolution", version=4),
            api.put(f"{path}/reopening", version=5),
            api.put(f"{path}/status", {"status": "closed"}, version=6),
        ]

        assert [200] * 6 == [each.status_code for each in answers]
        assert ["new", "new", "on_hold", "resolved", "open", "closed"] == [
            each.json["status"] for each in answers
        ]
        assert (someone, "urgent", 1) == (
            answers[-1].json["assignee_id"],
            answers[-1].json["priority"],
            answers[-1].json["reopen_count"],
        )

    def test_refuse_in_the_promised_order(self, api, ticket):
        path = f"/v1/tickets/{ticket['id']}"
        api.put(f"{path}/status", {"status": "closed"}, version=1)

        same = api.put(f"{path}/status", {"status": "closed"})
        without = api.put(f"{path}/resolution")
        stale = api.put(f"{path}/resolution", version=1)
        refused = api.put(f"{path}/resolution", version=2)

        assert [200, 428, 412, 409] == [
            each.status_code for each in (same, without, stale, refused)
        ]
        assert "status-not-reachable" == slug(refused)
        assert "ticket-closed" == slug(api.post(f"{path}/messages", {"body": "x"}))

    def test_archive_and_restore(self, api, ticket):
        path = f"/v1/tickets/{ticket['id']}"

        assert api.delete(path, version=1).json["archived_at"]
        assert api.put(f"{path}/restoration", version=2).json["archived_at"] is None


class TestClocks:
    def test_explain_themselves(self, api, ticket):
        (clock,) = api.get(f"/v1/tickets/{ticket['id']}/clocks").json["items"]

        assert ("first_response", "running", 8 * 3600) == (
            clock["metric"],
            clock["state"],
            clock["target_seconds"],
        )
        assert ["counted"] == [each["kind"] for each in clock["explain"]]


class TestUpdateAndList:
    def test_changes_fields(self, api, ticket):
        answer = api.patch(
            f"/v1/tickets/{ticket['id']}", {"tags": ["a", "b"], "kind": "incident"}, version=1
        )

        assert (["a", "b"], "incident", "Broken") == (
            answer.json["tags"],
            answer.json["kind"],
            answer.json["subject"],
        )

    def test_filters_and_sorts(self, api):
        account = str(unseen())
        made = {
            priority: api.make(
                "/v1/tickets",
                {"subject": f"A {priority} one", "account_id": account, "priority": priority},
            )
            for priority in ("high", "low", "urgent")
        }
        path = f"/v1/tickets?account_id={account}"

        by_urgency = api.get(f"{path}&sort=-priority").json["items"]
        found = api.get(f"{path}&q=LOW").json["items"]

        assert ["urgent", "high", "low"] == [each["priority"] for each in by_urgency]
        assert [made["low"]] == found
        assert [] == api.get(f"{path}&status=closed").json["items"]

    def test_pages_by_urgency(self, api):
        account, seen, cursor = str(unseen()), [], ""
        for priority in ("low", "urgent", "urgent"):
            api.make(
                "/v1/tickets",
                {"subject": "x", "account_id": account, "priority": priority},
            )
        path = f"/v1/tickets?account_id={account}&limit=1&sort=-priority"

        while cursor is not None:
            page = api.get(f"{path}&cursor={cursor}" if cursor else path).json
            seen += [each["priority"] for each in page["items"]]
            cursor = page["next"]

        assert ["urgent", "urgent", "low"] == seen


class TestBatch:
    def test_opens_updates_and_archives_each_on_its_own(self, api, ticket):
        history = [
            {"body": "Help", "sent_at": "2026-02-01T08:00:00Z"},
            {"body": "Done", "sent_at": "2026-02-01T09:00:00Z", "direction": "out",
             "author": "user:ann"},
        ]  # fmt: skip
        imported = {
            "subject": "Old",
            "imported": True,
            "opened_at": "2026-02-01T08:00:00Z",
            "messages": history,
            "status": "closed",
            "resolved_at": "2026-02-02T08:00:00Z",
            "closed_at": "2026-02-09T08:00:00Z",
        }
        operations = [
            {"op": "create", "body": {"subject": "New", "body": "Help"}},
            {"op": "create", "body": imported},
            {"op": "create", "body": {"subject": "x", "status": "closed"}},
            {"op": "create", "body": {**imported, "opened_at": "2026-02-02T08:00:00Z"}},
            {"op": "update", "id": ticket["id"], "version": 1, "body": {"subject": "Renamed"}},
            {"op": "archive", "id": ticket["id"], "version": 9},
        ]

        items = api.post("/v1/tickets/batch", {"operations": operations}).json["items"]

        assert [201, 201, 422, 422, 200, 412] == [each["status"] for each in items]
        path = f"/v1/tickets/{items[1]['id']}"
        old, (clock,) = api.get(path).json, api.get(f"{path}/clocks").json["items"]
        assert ("closed", "2026-02-01T08:00:00Z", "2026-02-09T08:00:00Z", "met") == (
            old["status"],
            old["created_at"],
            old["closed_at"],
            clock["state"],
        )
        messages = api.get(f"{path}/messages").json["items"]
        assert ["customer", "user:ann"] == [each["author"] for each in messages]

    def test_writes_in_sets(self, api, app):
        from sqlalchemy import event

        engine, statements = app.extensions["crm"].sessions.kw["bind"], []
        count = lambda *args: statements.append(args[2])  # noqa: E731
        messages = [
            {"body": f"Message {n}", "sent_at": f"2026-02-0{n + 1}T08:00:00Z"} for n in range(4)
        ]
        operations = [
            {
                "op": "create",
                "body": {
                    "subject": "Old",
                    "requester_id": str(unseen()),
                    "imported": True,
                    "opened_at": "2026-02-01T08:00:00Z",
                    "messages": messages,
                },
            }
            for _ in range(100)
        ]

        event.listen(engine, "before_cursor_execute", count)
        answer = api.post("/v1/tickets/batch", {"operations": operations})
        event.remove(engine, "before_cursor_execute", count)

        assert {201} == {each["status"] for each in answer.json["items"]}
        assert len(statements) < 20, statements
