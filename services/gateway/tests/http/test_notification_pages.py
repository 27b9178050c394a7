"""The bell, notifications and the palette as a browser without JavaScript gets them; open pages."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from services.gateway.tests import factories as make
from services.gateway.tests.http.conftest import Site, Stub, example

import crm_contracts as contracts
from crm_chassis import clock, db, ids
from crm_contracts import contacts
from crm_gateway import notifications
from crm_gateway.view import ViewFolder
from crm_gateway.view.shapes import all_sources

pytestmark = pytest.mark.integration
AWAY = (503, {"detail": "away"})
Gives = Callable[..., contacts.Task]


@pytest.fixture
def gives(console: tuple[Flask, str]) -> Gives:
    """`gives("Call Ada")` has somebody give the administrator a task."""

    def give(title: str, **given: Any) -> contacts.Task:
        with psycopg.connect(console[1], autocommit=True) as connection:
            found = connection.execute("""select id from "user" limit 1""").fetchone()
            made = {"id": ids.new(), "title": title, "assignee_id": found[0] if found else None}
            sample = contracts.sample(contacts.TaskCreated).record
            task = replace(sample, **{**make.OPEN, **made, "subjects": (), **given})
            fact = make.fact(
                contacts.TaskCreated, task, actor=f"user:{ids.new()}", time=clock.now()
            )
            with connection.transaction():
                ViewFolder(all_sources()).fold(connection, [make.item(fact)])
        sessions = db.sessions(console[0].config["engine"])
        with db.transaction(sessions, db.Context(actor="service:test")) as session:
            notifications.tell(session, fact, now=clock.now())
        return task

    return give


def bell(site: Site) -> str:
    return re.search(r'<span id="bell" data-part>(.*?)</span></a>', site.page, re.DOTALL)[1]  # type: ignore[index]


class TestNotifications:
    def test_says_when_there_is_nothing(self, site: Site) -> None:
        site.sign_in().get("/notifications")

        assert "Nothing new" in site.page
        assert "unread" not in bell(site)

    def test_are_counted_on_every_page_and_listed_by_what_they_are_about(
        self, site: Site, gives: Gives
    ) -> None:
        gives("Call <Ada>"), gives("Write")

        site.sign_in().get("/tasks")
        assert "Notifications, 2 unread" in bell(site)
        site.get("/notifications")
        assert "Call &lt;Ada&gt;" in site.page
        assert 2 == site.page.count("Somebody gave you this task")

    def test_are_read_by_group_or_all_at_once(self, site: Site, gives: Gives) -> None:
        first = gives("First")
        gives("Second"), gives("Third")
        site.sign_in().get("/notifications")
        upto = re.search(r'name="upto" value="(\d+)"', site.page)[1]  # type: ignore[index]

        answer = site.send("/notifications/read", kind="task", id=first.id, upto=upto)
        assert "/notifications" == answer.location
        site.get("/notifications")
        assert "First" not in site.page
        assert "Second" in site.page

        gives("Fourth")
        site.send("/notifications/read", upto=upto)
        site.get("/notifications")
        assert "Fourth" in site.page
        assert "Second" not in site.page
        site.get("/notifications?show=all")
        assert "Second" in site.page

    def test_opening_one_reads_it(self, site: Site, gives: Gives) -> None:
        task = gives("Call")

        answer = site.sign_in().get(f"/notifications/task/{task.id}")

        assert (303, f"/tasks/{task.id}") == (answer.status_code, answer.location)
        site.get("/notifications")
        assert "Nothing new" in site.page
        assert 404 == site.get(f"/notifications/planet/{task.id}").status_code

    def test_the_bell_is_asked_for_in_vain_until_something_is_new(
        self, site: Site, gives: Gives
    ) -> None:
        tag = site.sign_in().get("/notifications/bell").headers["ETag"]
        asking = {"If-None-Match": tag, "X-Requested-With": "fetch"}

        assert 304 == site.get("/notifications/bell", **asking).status_code
        gives("Call")
        assert 200 == site.get("/notifications/bell", **asking).status_code
        assert "1 unread" in site.page

    def test_wishes_are_kept_and_refused_in_words(self, site: Site, gives: Gives) -> None:
        path = "/settings/notifications"
        kinds = {f"mail.{each}": "no" for each in notifications.KINDS}
        site.sign_in().get(path)

        answer = site.send(path, **kinds, hour="7", day=["1", "3"], time_zone="Europe/Berlin")
        assert f"{path}?saved=yes" == answer.location
        site.get(answer.location)
        assert 'value="Europe/Berlin"' in site.page
        assert '<option value="7" selected>' in site.page
        gives("Unwanted")
        site.get("/notifications")
        assert "Nothing new" in site.page

        refused = site.send(path, on=path, **kinds, hour="7", time_zone="Mars/Phobos")
        assert 422 == refused.status_code
        assert "time_zone: cannot be read" in site.page


class TestOpenPages:
    @pytest.mark.parametrize(
        ("path", "listed", "kind"),
        [("/tickets", "/v1/tickets", "ticket"), ("/leads", "/v1/leads", "lead"),
         ("/tasks", "/v1/tasks", "task"), ("/contacts", "/v1/contacts", "contact")],
    )  # fmt: skip
    def test_lists_answer_that_nothing_changed_until_it_has(
        self, site: Site, stub: Stub, path: str, listed: str, kind: str
    ) -> None:
        site.sign_in().get(path)
        assert f'data-live="{path}"' in site.page
        tag = re.search(r'id="main".* data-tag="([^"]+)"', site.page)[1]  # type: ignore[index]
        asking = {"If-None-Match": f'"{tag}"', "X-Requested-With": "fetch"}

        same = site.get(path, **asking)
        again = site.get(path, **{"If-None-Match": f'"{tag}"'})
        stub.answers["GET", listed] = (200, {"items": [example(kind)], "next": None})
        changed = site.get(path, **asking)

        assert (304, b"", 200, 200) == (
            same.status_code, same.data, again.status_code, changed.status_code,
        )  # fmt: skip
        assert 'id="listed" data-part' in site.page

    @pytest.mark.parametrize(
        ("kind", "service", "parts"),
        [("ticket", "support", {"head", "talk", "notes-shown", "side"}),
         ("lead", "sales", {"head", "facts", "next"}), ("deal", "sales", {"head", "facts", "roles"}),
         ("segment", "marketing", {"head", "members", "snapshots"})],
    )  # fmt: skip
    def test_records_do_too_and_ask_for_little(
        self, site: Site, stub: Stub, kind: str, service: str, parts: set[str]
    ) -> None:
        record = example(kind)
        path, asked = f"/{kind}s/{record['id']}", f"/v1/{kind}s/{record['id']}"
        stub.answers["GET", asked] = (200, record)
        site.sign_in().get(path)
        tag = re.search(r'id="main".* data-tag="([^"]+)"', site.page)[1]  # type: ignore[index]
        asking = {"If-None-Match": f'"{tag}"', "X-Requested-With": "fetch"}
        assert parts <= set(re.findall(r'id="([a-z-]+)" (?:class="[^"]*" )?data-part', site.page))

        same = site.get(path, **asking)
        stub.answers["GET", asked] = (200, {**record, "version": record["version"] + 1})
        changed = site.get(path, **asking)

        assert (304, b"", 200) == (same.status_code, same.data, changed.status_code)

    def test_a_form_that_was_refused_is_not_renewed(self, site: Site, stub: Stub) -> None:
        stub.answers["POST", "/v1/tasks"] = (422, {"errors": {"title": ["too long"]}})

        site.sign_in().send("/tasks", on="/tasks", title="x" * 501)

        assert 'id="main" tabindex="-1">' in site.page


class TestGo:
    def test_shows_every_page_and_action_at_first(self, site: Site) -> None:
        site.sign_in().get("/go")

        assert 'href="/contacts/new"' in site.page
        assert 'href="/settings/roles"' in site.page
        assert 'action="/sign-out"' in site.page

    @pytest.mark.parametrize(
        ("typed", "there", "not_there"),
        [("new deal", "/deals/new", "/tickets/new"), ("person", "/contacts/new", "/deals/new"),
         ("KANBAN", "/boards", "/leads"), ("password", "/settings/me", "/leads")],
    )  # fmt: skip
    def test_finds_what_is_called_like_that(
        self, site: Site, typed: str, there: str, not_there: str
    ) -> None:
        site.sign_in().get(f"/go?q={typed}")
        results = site.page.partition('id="results"')[2]

        assert f'href="{there}"' in results
        assert f'href="{not_there}"' not in results

    def test_finds_records_and_says_when_there_is_nothing(
        self, site: Site, known: Callable[..., Any]
    ) -> None:
        contact = known("contacts.contact.created.v1")
        site.sign_in().get(f"/go?q={contact['name'][:4]}")
        assert f"/customers/{contact['id']}" in site.page

        site.get("/go?q=<i>zzzz")
        assert "Nothing is called “&lt;i&gt;zzzz”" in site.page

    def test_our_script_gets_options(self, site: Site) -> None:
        site.sign_in().get("/go?q=sign", **{"X-Requested-With": "fetch"})

        assert 'role="option"' in site.page
        assert 'data-form="sign-out"' in site.page
        assert "<html" not in site.page

    def test_offers_only_what_one_may_do(self, site: Site, console: tuple[Flask, str]) -> None:
        site.sign_in()
        with psycopg.connect(console[1], autocommit=True) as connection:
            connection.execute("""update "user" set roles = '{read-only}'""")
        console[0].extensions["crm"].verifier._known.clear()

        site.get("/go")

        assert 'href="/contacts"' in site.page
        for path in ("/contacts/new", "/settings/roles", "/tasks#t-title"):
            assert f'href="{path}"' not in site.page.partition('id="results"')[2]
