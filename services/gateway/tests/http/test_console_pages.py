"""Search, customers, board and tickets as a browser without JavaScript gets them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, an_id, example

pytestmark = pytest.mark.integration
Known = Callable[[str], dict[str, Any]]
AWAY = (503, {"detail": "away"})


class TestHome:
    def test_says_what_to_do_when_there_is_nobody(self, site: Site) -> None:
        site.sign_in().get("/")

        assert "No contacts yet" in site.page

    def test_lists_the_newest_contacts(self, site: Site, stub: Stub) -> None:
        contact = example("contact")
        stub.answers["GET", "/v1/contacts"] = (200, {"items": [contact], "next": "abc"})

        site.sign_in().get("/")

        assert f"/customers/{contact['id']}" in site.page
        assert "?cursor=abc" in site.page

    def test_survives_a_service_that_is_away(self, site: Site, stub: Stub) -> None:
        stub.answers["GET", "/v1/contacts"] = AWAY

        assert 200 == site.sign_in().get("/").status_code
        assert "Contacts cannot be shown now." in site.page

    def test_finds_by_a_part_of_a_name_grouped_by_kind(self, site: Site, known: Known) -> None:
        contact = known("contacts.contact.created.v1")

        site.sign_in().get(f"/?q={contact['name'][:4]}")

        assert f"/customers/{contact['id']}" in site.page
        assert "Contacts <span" in site.page

    def test_says_when_nothing_is_found(self, site: Site) -> None:
        site.sign_in().get("/?q=<script>zzz")

        assert "Nothing found for “&lt;script&gt;zzz”" in site.page


class TestCustomer:
    def test_shows_every_section_with_its_freshness(self, site: Site, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        deal = known("sales.deal.created.v1")
        ticket = known("support.ticket.opened.v1")

        site.sign_in().get(f"/customers/{contact['id']}")

        assert deal["name"] in site.page
        assert ticket["subject"] in site.page
        assert 4 == site.page.count('class="fresh ')
        assert "Some of this is not current" in site.page

    def test_polls_with_its_tag(self, site: Site, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        path = f"/customers/{contact['id']}"
        site.sign_in().get(path)
        tag = re.search(r'class="customer".* data-tag="([^"]+)"', site.page)[1]  # type: ignore[index]

        same = site.get(f"{path}/sections", **{"If-None-Match": f'"{tag}"'})
        known("sales.deal.created.v1")
        changed = site.get(f"{path}/sections", **{"If-None-Match": f'"{tag}"'})

        assert 304 == same.status_code
        assert 200 == changed.status_code
        assert 'id="sales"' in site.page
        assert "<html" not in site.page

    def test_adds_a_note_once_per_rendered_form(self, site: Site, stub: Stub, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        path = f"/customers/{contact['id']}"

        response = site.sign_in().send(
            f"{path}/notes", on=path, body="Call her", key="key-1", kind="contact"
        )

        _, headers, body = stub.last("POST")
        assert f"{path}#contacts" == response.location
        assert "key-1" == headers["Idempotency-Key"]
        assert {"type": "contact", "id": contact["id"]} == body["subjects"][0]

    @pytest.mark.parametrize("form", ["notes", "tasks", "interactions"])
    def test_keeps_what_was_typed_when_refused(
        self, site: Site, stub: Stub, known: Known, form: str
    ) -> None:
        contact = known("contacts.contact.created.v1")
        path = f"/customers/{contact['id']}"
        stub.answers["POST", f"/v1/{form}"] = AWAY

        response = site.sign_in().send(
            f"{path}/{form}", on=path, body="My words", title="My words", summary="My words"
        )

        assert 503 == response.status_code
        assert "My words" in site.page
        assert "The contacts service does not answer" in site.page

    def test_filters_the_timeline_by_kind(self, site: Site, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        known("sales.deal.created.v1")

        site.sign_in().get(f"/customers/{contact['id']}?kind=deals")

        entries = site.page.partition('class="entries"')[2]
        assert "Deal created" in entries
        assert "Contact created" not in entries

    @pytest.mark.parametrize("path", [f"/customers/{an_id(1)}", "/customers/nope"])
    def test_is_not_found_when_nobody_knows_it(self, site: Site, path: str) -> None:
        response = site.sign_in().get(path)

        assert response.status_code in {404, 503}
        assert "text/html" in response.content_type

    def test_refuses_a_bad_place_in_the_timeline(self, site: Site, known: Known) -> None:
        contact = known("contacts.contact.created.v1")

        assert 422 == site.sign_in().get(f"/customers/{contact['id']}?before=zzz").status_code


class TestBoard:
    @pytest.fixture
    def path(self, stub: Stub) -> str:
        pipeline, deal = example("pipeline"), example("deal")
        deal["stage_id"], deal["pipeline_id"] = pipeline["stages"][0]["id"], pipeline["id"]
        stub.answers["GET", f"/v1/pipelines/{pipeline['id']}"] = (200, pipeline)
        stub.answers["GET", "/v1/pipelines"] = (200, {"items": [pipeline]})
        stub.answers["GET", "/v1/deals"] = (200, {"items": [deal], "next": "more-deals"})
        stub.answers["GET", f"/v1/deals/{deal['id']}"] = (200, deal)
        return f"/pipelines/{pipeline['id']}/board"

    def send(self, site: Site, path: str, **values: str) -> Any:
        pipeline, deal = example("pipeline"), example("deal")
        return site.sign_in().send(
            f"/deals/{deal['id']}/move", on=path, version="7", pipeline_id=pipeline["id"],
            stage_id=pipeline["stages"][1]["id"], **values,
        )  # fmt: skip

    def test_deals_lead_to_the_default_pipeline(self, site: Site, path: str) -> None:
        assert path == site.sign_in().get("/deals").location

    def test_says_when_there_is_no_pipeline(self, site: Site) -> None:
        site.sign_in().get("/deals")

        assert "No pipeline yet" in site.page

    def test_shows_a_column_per_stage_and_more(self, site: Site, path: str) -> None:
        site.sign_in().get(path)

        assert len(example("pipeline")["stages"]) == site.page.count('class="cards"')
        assert "cursor=more-deals" in site.page

    def test_moves_at_the_version_it_was_shown_at(self, site: Site, stub: Stub, path: str) -> None:
        response = self.send(site, path)

        _, headers, body = stub.last("PUT")
        assert '"7"' == headers["If-Match"]
        assert {"stage_id": example("pipeline")["stages"][1]["id"]} == body
        assert f"{path}#deal-{example('deal')['id']}" == response.location

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (412, "Somebody changed this meanwhile"),
            (409, "is won already"),
            (503, "does not answer"),
        ],
    )
    def test_says_why_a_deal_stays(
        self, site: Site, stub: Stub, path: str, status: int, reason: str
    ) -> None:
        stub.answers["PUT", f"/v1/deals/{example('deal')['id']}/stage"] = (
            status, {"detail": "It is won already."},
        )  # fmt: skip

        response = self.send(site, path)

        assert status == response.status_code
        assert reason in site.page

    @pytest.mark.parametrize("pipeline_id", ["", "x"])
    def test_refuses_a_form_without_its_pipeline(
        self, site: Site, path: str, pipeline_id: str
    ) -> None:
        response = site.sign_in().send(f"/deals/{an_id(1)}/move", on=path, pipeline_id=pipeline_id)

        assert 422 == response.status_code

    def test_answers_our_script_with_the_card_and_the_reason(
        self, site: Site, stub: Stub, path: str
    ) -> None:
        deal = example("deal")
        stub.answers["PUT", f"/v1/deals/{deal['id']}/stage"] = (412, {})
        site.sign_in().get(path)
        site.client.environ_base["HTTP_X_REQUESTED_WITH"] = "fetch"

        response = self.send(site, path)

        assert 412 == response.status_code
        assert "data-reason" in site.page
        assert f'id="deal-{deal["id"]}"' in site.page
        assert "<html" not in site.page

    def test_survives_sales_away(self, site: Site, stub: Stub, path: str) -> None:
        stub.answers["GET", path.removesuffix("/board").replace("/pipelines", "/v1/pipelines")] = (
            AWAY
        )

        assert 200 == site.sign_in().get(path).status_code
        assert "Deals cannot be shown now." in site.page


class TestTickets:
    @pytest.fixture
    def path(self, stub: Stub) -> str:
        ticket = example("ticket")
        stub.answers["GET", "/v1/tickets"] = (200, {"items": [ticket], "next": "more-tickets"})
        stub.answers["GET", f"/v1/tickets/{ticket['id']}"] = (200, ticket)
        message = (200, {"items": [example("ticket_message")]})
        stub.answers["GET", f"/v1/tickets/{ticket['id']}/messages"] = message
        return f"/tickets/{ticket['id']}"

    def test_lists_and_filters(self, site: Site, stub: Stub, path: str) -> None:
        site.sign_in().get("/tickets?status=open&assignee=me")

        assert path in site.page
        assert "cursor=more-tickets" in site.page

    def test_shows_the_conversation(self, site: Site, path: str) -> None:
        site.sign_in().get(path)

        assert example("ticket_message")["body"] in site.page
        assert f"/customers/{example('ticket')['requester_id']}" in site.page

    @pytest.mark.parametrize("audience", ["public", "internal"])
    def test_replies(self, site: Site, stub: Stub, path: str, audience: str) -> None:
        site.sign_in().send(f"{path}/messages", on=path, body="Hello", visibility=audience)

        asked, _, body = stub.last("POST")
        assert f"/v1{path}/messages" == asked
        assert {"body": "Hello", "direction": "out", "visibility": audience} == body

    @pytest.mark.parametrize(
        ("part", "field"),
        [("status", "status"), ("priority", "priority"), ("assignment", "assignee_id")],
    )
    def test_changes_at_the_version_it_was_shown_at(
        self, site: Site, stub: Stub, path: str, part: str, field: str
    ) -> None:
        response = site.sign_in().send(f"{path}/{part}", on=path, version="3", **{field: "x"})

        asked, headers, body = stub.last("PUT")
        assert f"/v1{path}/{part}" == asked
        assert '"3"' == headers["If-Match"]
        assert "x" == body[field]
        assert 303 == response.status_code

    def test_keeps_a_reply_that_was_not_sent(self, site: Site, stub: Stub, path: str) -> None:
        stub.answers["POST", f"/v1{path}/messages"] = AWAY

        response = site.sign_in().send(f"{path}/messages", on=path, body="Long answer")

        assert 503 == response.status_code
        assert "Long answer" in site.page

    def test_survives_support_away(self, site: Site, stub: Stub, path: str) -> None:
        stub.answers["GET", "/v1/tickets"] = AWAY

        assert 200 == site.sign_in().get("/tickets").status_code
        assert "Tickets cannot be shown now." in site.page
