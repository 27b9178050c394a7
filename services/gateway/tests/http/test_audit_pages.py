"""The trail's page: for whom it is, what it says when it cannot, and where forms come from."""

import re
from typing import Any
from uuid import UUID

import psycopg
import pytest
from services.gateway.tests.http.conftest import EMAIL, Site, Stub, example

from crm_chassis import clock, db
from crm_gateway import identity

pytestmark = pytest.mark.integration
PASSWORD = "a quite different sentence"


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_shows_what_was_done_here_and_names_who_did_not_answer(site: Site) -> None:
    site.sign_in().get("/settings/audit")

    shown = text(site.page)

    assert "Session started" in shown
    assert "Contacts, Marketing, Sales, Support did not answer" in shown
    assert "127.0.0.1" in shown
    assert EMAIL in shown  # of the person that was made
    assert "password_hash" not in shown


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("object_id=x", "object id"),
        ("since=monday", "since"),
        ("cursor=x", "the place in the list"),
    ],
)
def test_says_what_it_cannot_read(site: Site, query: str, named: str) -> None:
    answer = site.sign_in().get(f"/settings/audit?{query}")

    assert (answer.status_code, f"Cannot be read: {named}" in text(site.page)) == (422, True)


def test_says_that_nothing_is_like_that_and_keeps_what_was_asked(site: Site) -> None:
    site.sign_in().get("/settings/audit?kind=deal&action=deal.won&since=2026-01-02")

    assert "Nothing like that" in text(site.page)
    assert 'value="2026-01-02"' in site.page
    assert '<option value="deal" selected>' in site.page


def test_is_not_there_for_who_has_no_right_to_it(site: Site, console: Any) -> None:
    assert site.get("/settings/audit").status_code == 303  # a stranger signs in first
    app, _ = console
    mia = identity.CreateUser(
        email="mia@example.com", name="Mia", roles=["member"], password=PASSWORD
    )
    with db.transaction(app.extensions["crm"].sessions, db.Context(actor="x")) as session:
        identity.create_user(session, mia, now=clock.now())
    other = Site(app.test_client())
    other.send("/sign-in", on="/sign-in", email=mia.email, password=PASSWORD)

    assert other.get("/settings/audit").status_code == 404


def test_what_a_form_asks_of_a_service_says_where_its_sender_is(site: Site, stub: Stub) -> None:
    stub.answers["POST", "/v1/tasks"] = (201, example("task"))

    site.sign_in().send("/tasks", on="/tasks", title="Call")

    posted = [headers for method, _, headers, _ in stub.asked if method == "POST"]
    assert {"127.0.0.1"} == {headers.get("X-Crm-Address") for headers in posted}
    assert posted


def test_a_form_that_shows_somebody_is_noted_as_a_look_at_them(
    site: Site, stub: Stub, console: Any
) -> None:
    app, url = console
    contact = example("contact")
    stub.answers["GET", f"/v1/contacts/{contact['id']}"] = (200, contact)

    assert site.sign_in().get(f"/contacts/{contact['id']}/edit").status_code == 200

    app.extensions["looks"].flush()
    with psycopg.connect(url) as connection:
        rows = connection.execute("select object_id from audit where action = 'customer.read'")
        assert [(UUID(contact["id"]),)] == rows.fetchall()
