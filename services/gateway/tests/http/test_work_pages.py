"""Tasks, boards, notes, wishes and tags as a browser without JavaScript gets them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, example
from services.gateway.tests.http.test_forms import filled

from crm_chassis import ids

pytestmark = pytest.mark.integration
Known = Callable[[str], dict[str, Any]]
AWAY = (503, {"detail": "away"})


class TestTasks:
    @pytest.fixture
    def task(self, stub: Stub) -> dict[str, Any]:
        found = example("task")
        stub.answers["GET", "/v1/tasks"] = (200, {"items": [found], "next": "more"})
        stub.answers["GET", f"/v1/tasks/{found['id']}"] = (200, found)
        stub.answers["PATCH", f"/v1/tasks/{found['id']}"] = (200, found)
        return found

    @pytest.mark.parametrize(
        ("query", "asked"),
        [
            ("", {"open": "true", "sort": "due_at"}),
            ("?tab=department&department=sales", {"department": "sales", "open": "true"}),
            ("?tab=overdue", {"overdue": "true"}),
            ("?tab=done", {"status": "done"}),
        ],
    )
    def test_lists_by_whose_they_are(
        self, site: Site, stub: Stub, task: dict[str, Any], query: str, asked: dict[str, str]
    ) -> None:
        site.sign_in().get(f"/tasks{query}")

        assert asked.items() <= stub.query("/v1/tasks").items()
        assert f'href="/tasks/{task["id"]}"' in site.page
        assert "cursor=more" in site.page

    def test_are_added_and_ticked_off(self, site: Site, stub: Stub, task: dict[str, Any]) -> None:
        site.sign_in().send("/tasks", on="/tasks", title="Call", due_on="2026-11-30", tab="all")
        assert ("Call", "2026-11-30T17:00:00+00:00") == tuple(
            stub.last("POST")[2][name] for name in ("title", "due_at")
        )

        answer = site.send(
            f"/tasks/{task['id']}/completion", on="/tasks", version="3", tab="overdue"
        )
        assert '"3"' == stub.last("PUT")[1]["If-Match"]
        assert answer.location.endswith("/tasks?tab=overdue")

    def test_say_why_they_are_not_done(self, site: Site, stub: Stub, task: dict[str, Any]) -> None:
        stub.answers["PUT", f"/v1/tasks/{task['id']}/completion"] = (412, {})

        answer = site.sign_in().send(f"/tasks/{task['id']}/completion", on="/tasks", version="3")

        assert 412 == answer.status_code
        assert "Somebody changed this meanwhile" in site.page

    def test_send_only_what_was_changed_reminders_included(
        self, site: Site, stub: Stub, task: dict[str, Any]
    ) -> None:
        """W1: several reminders of two kinds; collaborators."""
        path = f"/tasks/{task['id']}"
        site.sign_in().get(path)
        given = filled_task(site.page)
        assert ("60", "2026-11-05", "09:00") == tuple(
            given[name] for name in ("reminder.0.minutes", "reminder.1_on", "reminder.1_time")
        )

        site.send(path, **(given | {"reminder.2.minutes": "15"}))

        body = stub.last("PATCH")[2]
        assert {"reminders", "collaborator_ids"} >= body.keys()
        assert [("relative", 60), ("absolute", None), ("relative", 15)] == [
            (each["kind"], each.get("minutes_before")) for each in body["reminders"]
        ]

    def test_are_put_on_a_board(self, site: Site, stub: Stub, task: dict[str, Any]) -> None:
        board = example("board")
        stub.answers["GET", "/v1/boards"] = (200, {"items": [board]})
        column = board["columns"][1]["id"]

        site.sign_in().send(
            f"/tasks/{task['id']}/place", on=f"/tasks/{task['id']}", version="3",
            place=f"{board['id']}/{column}",
        )  # fmt: skip

        assert {"board_id": board["id"], "column_id": column} == stub.last("PUT")[2]

    @pytest.mark.parametrize("path", ["/tasks", "/boards", "/tags"])
    def test_pages_survive_the_service_away(self, site: Site, stub: Stub, path: str) -> None:
        stub.answers["GET", f"/v1{path}"] = AWAY

        assert 200 == site.sign_in().get(path).status_code
        assert "cannot be shown now" in site.page


def filled_task(page: str) -> dict[str, Any]:
    form = page.partition('class="card editing"')[2].partition("</form>")[0]
    return filled(f'id="edit"{form}</form>')


class TestBoard:
    @pytest.fixture
    def board(self, stub: Stub) -> dict[str, Any]:
        found, task = example("board"), example("task")
        stub.answers["GET", f"/v1/boards/{found['id']}"] = (200, found)
        stub.answers["GET", "/v1/tasks"] = (200, {"items": [task]})
        return found

    def test_shows_a_column_each_and_moves_between(
        self, site: Site, stub: Stub, board: dict[str, Any]
    ) -> None:
        """W2."""
        path, task = f"/boards/{board['id']}", example("task")
        site.sign_in().get(path)
        assert len(board["columns"]) == site.page.count('class="cards"')

        column = board["columns"][1]["id"]
        answer = site.send(f"{path}/tasks/{task['id']}", version="3", column_id=column)

        assert {"board_id": board["id"], "column_id": column} == stub.last("PUT")[2]
        assert answer.location == f"{path}#task-{task['id']}"

    def test_takes_columns_and_members(self, site: Site, stub: Stub, board: dict[str, Any]) -> None:
        first, second = board["columns"]
        member = str(ids.new())

        site.sign_in().send(
            f"/boards/{board['id']}/settings", on=f"/boards/{board['id']}", version="3", name="New",
            **{
                "column.0.id": first["id"], "column.0.name": "Now", "column.0.status": "open",
                "column.1.id": second["id"], "column.1.name": "", "column.2.name": "Last",
                "column.2.id": "", "member.0.user_id": member, "member.0.role": "editor",
                "member.1.user_id": str(ids.new()), "member.1.role": "",
            },
        )  # fmt: skip

        body = stub.last("PATCH")[2]
        assert [
            {"id": first["id"], "name": "Now", "status": "open"}, {"name": "Last", "status": None},
        ] == body["columns"]  # fmt: skip
        assert [{"user_id": member, "role": "editor"}] == body["members"]

    def test_says_why_a_task_stays(self, site: Site, stub: Stub, board: dict[str, Any]) -> None:
        task = example("task")
        stub.answers["PUT", f"/v1/tasks/{task['id']}/place"] = (403, {})

        answer = site.sign_in().send(
            f"/boards/{board['id']}/tasks/{task['id']}", on=f"/boards/{board['id']}", version="3"
        )

        assert 403 == answer.status_code
        assert "You may look at this but not change it." in site.page


class TestNotes:
    """W3."""

    def test_show_pinned_ones_mentions_and_reactions(self, site: Site, known: Known) -> None:
        contact, note = known("contacts.contact.created.v1"), known("contacts.note.added.v1")

        site.sign_in().get(f"/customers/{contact['id']}")

        card = site.page.partition(f'id="note-{note["id"]}"')[2]
        assert "Pinned" in card
        assert re.search(r'aria-label="Like, 1"[^>]*>Like 1', card)

    def test_are_answered_and_pinned_where_they_stand(
        self, site: Site, stub: Stub, known: Known
    ) -> None:
        contact, note = known("contacts.contact.created.v1"), example("note")
        path = f"/customers/{contact['id']}"
        stub.answers["GET", f"/v1/notes/{note['id']}"] = (200, note)

        answer = site.sign_in().send(f"/notes/{note['id']}/answers", on=path, body="Yes", back=path)
        body = stub.last("POST")[2]
        assert (note["id"], note["subjects"]) == (body["reply_to_id"], body["subjects"])
        assert f"{path}#notes" == answer.location

        site.send(f"/notes/{note['id']}/pin", on=path, pinned="false", version="3", back=path)
        assert {"pinned": False} == stub.last("PATCH")[2]
        site.send(f"/notes/{note['id']}/reactions/love", on=path, back="//evil.example")
        assert stub.last("PUT")[0].endswith("/reactions/love")

    def test_of_a_ticket_are_about_the_customer_too(self, site: Site, stub: Stub) -> None:
        ticket, note = example("ticket"), example("note")
        stub.answers["GET", f"/v1/tickets/{ticket['id']}"] = (200, ticket)
        stub.answers["GET", "/v1/notes"] = (200, {"items": [note]})

        site.sign_in().send(
            f"/tickets/{ticket['id']}/notes",
            on=f"/tickets/{ticket['id']}",
            body="VIP",
            internal="on",
        )

        body = stub.last("POST")[2]
        assert body["internal"] is True
        assert [ticket["id"], ticket["requester_id"], ticket["account_id"]] == [
            each["id"] for each in body["subjects"]
        ]
        site.get(f"/tickets/{ticket['id']}")
        assert 1 == site.page.count(f'id="note-{note["id"]}"')

    def test_refusals_keep_what_was_typed(self, site: Site, stub: Stub, known: Known) -> None:
        contact, note = known("contacts.contact.created.v1"), example("note")
        path = f"/customers/{contact['id']}"
        stub.answers["GET", f"/v1/notes/{note['id']}"] = (200, note)
        stub.answers["POST", "/v1/notes"] = AWAY

        site.sign_in().send(f"/notes/{note['id']}/answers", on=path, body="My words", back=path)

        assert "My words" in site.page


class TestWishes:
    """C16."""

    def test_are_saved_at_the_version_shown(self, site: Site, stub: Stub, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        path = f"/customers/{contact['id']}"
        site.sign_in().get(path)
        assert "at most 2 a week" in site.page

        site.send(
            f"{path}/preferences", version="3", channel="phone", pause_until="2026-12-31",
            **{"most.email": "1", "per.email": "month", "most.sms": "", "per.sms": "day"},
        )  # fmt: skip

        asked, headers, body = stub.last("PUT")
        assert (asked, '"3"') == (f"/v1/contacts/{contact['id']}/preferences", headers["If-Match"])
        assert {"email": {"most": 1, "per": "month"}} == body["caps"]
        assert "2027-01-01T00:00:00+00:00" == body["pause_until"]

    def test_say_why_they_are_not_saved(self, site: Site, stub: Stub, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        path = f"/customers/{contact['id']}"
        stub.answers["PUT", f"/v1/contacts/{contact['id']}/preferences"] = (
            422, {"errors": {"pause_until": ["Ends before it begins."]}},
        )  # fmt: skip

        answer = site.sign_in().send(f"{path}/preferences", on=path, pause_from="2026-12-31")

        assert 422 == answer.status_code
        assert "Ends before it begins." in site.page


class TestTags:
    """C17."""

    def test_are_renamed_together(self, site: Site, stub: Stub) -> None:
        tag = {"object": "contact", "name": "VIP", "count": 3}
        stub.answers["GET", "/v1/tags"] = (200, {"items": [tag], "next": None})
        job = str(ids.new())
        stub.answers["POST", "/v1/tags/renaming"] = (202, {"id": job})

        answer = site.sign_in().send("/tags/renaming", on="/tags", old=["VIP", "Vip"], new="vip")

        assert {"object": "contact", "old": ["VIP", "Vip"], "new": "vip"} == stub.last("POST")[2]
        assert answer.location.endswith(f"job={job}")
        assert 422 == site.send("/tags/renaming", on="/tags", old=["VIP"]).status_code
        site.send("/tags/renaming", on="/tags", old=["VIP"], drop="1")
        assert stub.last("POST")[2]["new"] is None
