"""/v1/accounts, /v1/interactions, /v1/notes and /v1/tasks as a client sees them."""

import pytest

from crm_chassis import ids

pytestmark = pytest.mark.integration
CONTACT = str(ids.new())
ABOUT = [{"type": "contact", "id": CONTACT}]
CALL = {"type": "call", "at": "2026-11-02T14:05:00+02:00", "subjects": ABOUT}


class TestAccounts:
    def test_lives_like_every_record(self, api, facts):
        made = api.made("/v1/accounts", name="Acme GmbH", domain="https://www.acme.example/")
        path = f"/v1/accounts/{made['id']}"

        changed = api.patch(path, {"renewal_date": "2027-01-31", "lifecycle": "customer"}, 1)
        api.delete(path, 2)
        restored = api.put(f"{path}/restoration", 3)

        assert (made["domain"], made["type"], made["lifecycle"]) == (
            "acme.example",
            "prospect",
            "lead",
        )
        assert changed.json["renewal_date"] == "2027-01-31"
        assert restored.json["version"] == 4
        assert facts() == [
            "account.created",
            "account.lifecycle_changed",
            "account.archived",
            "account.restored",
        ]

    def test_tells_of_a_new_owner(self, api, facts):
        made = api.made("/v1/accounts", name="Acme")

        api.patch(f"/v1/accounts/{made['id']}", {"owner_id": str(ids.new())}, 1)

        assert facts() == ["account.created", "account.assigned"]

    def test_tells_nothing_when_nothing_differs(self, api, facts):
        made = api.made("/v1/accounts", name="Acme")

        answer = api.patch(f"/v1/accounts/{made['id']}", {"name": "Acme"}, 1)

        assert (answer.json["version"], facts()) == (1, ["account.created"])

    def test_is_part_of_another_but_not_of_itself(self, api):
        top = api.made("/v1/accounts", name="Top")["id"]
        middle = api.made("/v1/accounts", name="Middle", parent_id=top)["id"]

        cycle = api.patch(f"/v1/accounts/{top}", {"parent_id": middle}, 1)
        nowhere = api.post("/v1/accounts", {"name": "X", "parent_id": str(ids.new())})

        assert cycle.json["type"].endswith("parent-cycle")
        assert nowhere.json["type"].endswith("parent-unknown")
        assert api.get(f"/v1/accounts?parent_id={top}").json["items"][0]["id"] == middle

    @pytest.mark.parametrize(
        "body", [{}, {"name": ""}, {"name": "A", "domain": "no domain"}, {"name": "A", "type": "x"}]
    )
    def test_refuses_what_is_no_account(self, api, body):
        assert api.post("/v1/accounts", body).status_code == 422

    def test_is_found_by_name_and_domain(self, api):
        api.made("/v1/accounts", name="Acmé GmbH", domain="acme.example")
        api.made("/v1/accounts", name="Globex")

        for query in ("q=acme", "q=ACMÉ%20gm", "domain=www.acme.example"):
            found = api.get(f"/v1/accounts?{query}").json["items"]
            assert [each["name"] for each in found] == ["Acmé GmbH"]

    def test_takes_batches(self, api):
        known = api.made("/v1/accounts", name="Acme")
        operations = [
            {"op": "create", "body": {"name": "Globex"}},
            {"op": "update", "id": known["id"], "version": 1, "body": {"industry": "steel"}},
            {"op": "archive", "id": known["id"]},
        ]

        answer = api.post("/v1/accounts/batch", {"operations": operations})

        assert [each["status"] for each in answer.json["items"]] == [201, 200, 200]

    def test_contacts_of_an_unknown_account_are_not_listed(self, api):
        assert api.get(f"/v1/accounts/{ids.new()}/contacts").status_code == 404


class TestInteractions:
    def test_is_logged_in_utc(self, api, facts):
        made = api.made("/v1/interactions", **CALL, direction="in", duration_seconds=60)

        assert made["at"] == "2026-11-02T12:05:00Z"
        assert made["subjects"] == ABOUT
        assert facts() == ["interaction.logged"]

    def test_is_logged_once_per_source(self, api, facts):
        source = {"source_service": "telephony", "source_id": "call-1"}

        first = api.made("/v1/interactions", **CALL, **source)
        again = api.made("/v1/interactions", **CALL, **source, summary="again")

        assert first == again
        assert facts() == ["interaction.logged"]

    def test_is_never_changed(self, api):
        made = api.made("/v1/interactions", **CALL)

        answer = api.patch(f"/v1/interactions/{made['id']}", {"summary": "x"}, 1)

        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"type": "rumour"},
            {"at": "2026-11-02T14:05:00"},
            {"at": "0001-01-01T00:00:00Z"},
            {"duration_seconds": -1},
            {"duration_seconds": "60"},
            {"subjects": [{"type": "contact"}]},
            {"subjects": [{"type": "Big Contact", "id": CONTACT}]},
        ],
    )
    def test_refuses_what_is_none(self, api, wrong):
        assert api.post("/v1/interactions", CALL | wrong).status_code == 422

    def test_is_listed_by_whom_it_is_about_latest_first(self, api):
        api.made("/v1/interactions", **CALL, subject="first")
        api.made("/v1/interactions", **CALL | {"at": "2026-11-03T00:00:00Z"}, subject="second")
        api.made("/v1/interactions", **CALL | {"subjects": []})

        for query in (f"subject_id={CONTACT}", f"subject_id={CONTACT}&subject_type=contact"):
            found = api.get(f"/v1/interactions?{query}").json["items"]
            assert [each["subject"] for each in found] == ["second", "first"]
        nobody = api.get(f"/v1/interactions?subject_id={CONTACT}&subject_type=deal")
        assert nobody.json["items"] == []

    def test_takes_batches_of_what_may_be_known(self, api, facts):
        one = {"op": "create", "body": {**CALL, "source_service": "t", "source_id": "1"}}
        two = {"op": "create", "body": {**CALL, "source_service": "t", "source_id": "2"}}

        first = api.post("/v1/interactions/batch", {"operations": [one]})
        both = api.post("/v1/interactions/batch", {"operations": [one, two, two]})

        found = [each["id"] for each in both.json["items"]]
        assert found[0] == first.json["items"][0]["id"]
        assert found[1] == found[2]
        assert facts() == ["interaction.logged"] * 2


class TestNotes:
    def test_lives_like_every_record(self, api, facts):
        made = api.made("/v1/notes", body="Prefers mornings", subjects=ABOUT)
        path = f"/v1/notes/{made['id']}"

        pinned = api.patch(path, {"pinned": True}, 1)
        api.patch(path, {"pinned": True}, 2)
        api.delete(path, 2)
        api.put(f"{path}/restoration", 3)

        assert (made["author"], made["owner_id"]) == (made["created_by"], made["created_by"][5:])
        assert pinned.json["pinned"]
        assert facts() == ["note.added", "note.updated", "note.archived", "note.restored"]

    def test_is_shared_between_departments_unless_private(self, api, calling):
        api.made("/v1/notes", body="for all", subjects=ABOUT)
        api.made("/v1/notes", body="for me", subjects=ABOUT, visibility="private")
        support = calling("member", user_id=ids.new())

        mine = api.get(f"/v1/notes?subject_id={CONTACT}&q=for").json["items"]
        theirs = support.get(f"/v1/notes?subject_id={CONTACT}").json["items"]

        assert (len(mine), [each["body"] for each in theirs]) == (2, ["for all"])

    def test_takes_batches(self, api):
        body = {"body": "x", "subjects": ABOUT}

        answer = api.post("/v1/notes/batch", {"operations": [{"op": "create", "body": body}] * 2})

        assert [each["status"] for each in answer.json["items"]] == [201, 201]


class TestTasks:
    def test_is_completed_once(self, api, facts):
        made = api.made("/v1/tasks", title="Call", due_at="2026-12-01T09:00:00Z", priority="high")
        path = f"/v1/tasks/{made['id']}"

        blind = api.put(f"{path}/completion")
        done = api.put(f"{path}/completion", 1)
        again = api.put(f"{path}/completion", 1)

        assert (blind.status_code, done.status_code, again.status_code) == (428, 200, 200)
        assert (done.json["status"], done.json["done_at"]) == ("done", done.json["updated_at"])
        assert facts() == ["task.created", "task.completed"]

    def test_a_cancelled_one_is_not_completed(self, api):
        made = api.made("/v1/tasks", title="Call", status="cancelled")

        answer = api.put(f"/v1/tasks/{made['id']}/completion", 1)

        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (
            409,
            "task-cancelled",
        )

    def test_tells_the_most_specific_fact(self, api, facts):
        path = f"/v1/tasks/{api.made('/v1/tasks', title='Call')['id']}"

        api.patch(path, {"title": "Call back"}, 1)
        api.patch(path, {"assignee_id": str(ids.new()), "title": "Call again"}, 2)
        api.patch(path, {"status": "done"}, 3)
        reopened = api.patch(path, {"status": "open"}, 4)
        api.delete(path, 5)
        api.put(f"{path}/restoration", 6)

        assert reopened.json["done_at"] is None
        assert facts()[1:] == [
            "task.updated",
            "task.assigned",
            "task.completed",
            "task.updated",
            "task.archived",
            "task.restored",
        ]

    def test_is_listed_by_who_has_to_do_it(self, api):
        who = str(ids.new())
        api.made("/v1/tasks", title="Mine", assignee_id=who)
        api.made("/v1/tasks", title="Done", assignee_id=who, status="done")
        api.made("/v1/tasks", title="Other")

        found = api.get(f"/v1/tasks?assignee_id={who}&status=open").json["items"]

        assert [each["title"] for each in found] == ["Mine"]

    @pytest.mark.parametrize(
        "wrong", [{"title": ""}, {"status": "never"}, {"due_at": "soon"}, {"origin": "me"}]
    )
    def test_refuses_what_is_none(self, api, wrong):
        assert api.post("/v1/tasks", {"title": "Call"} | wrong).status_code == 422

    def test_takes_batches(self, api):
        known = api.made("/v1/tasks", title="Call")
        operations = [
            {"op": "create", "body": {"title": "Write"}},
            {"op": "update", "id": known["id"], "version": 1, "body": {"status": "done"}},
            {"op": "archive", "id": known["id"], "version": 7},
        ]

        answer = api.post("/v1/tasks/batch", {"operations": operations})

        assert [each["status"] for each in answer.json["items"]] == [201, 200, 412]


class TestDocument:
    def test_describes_every_route(self, api):
        document = api.get("/openapi.json").json

        assert set(document["paths"]) >= {
            f"/v1/{plural}{rest}"
            for plural in ("contacts", "accounts", "notes", "tasks")
            for rest in ("", "/batch")
        }
        assert document["openapi"] == "3.1.0"
