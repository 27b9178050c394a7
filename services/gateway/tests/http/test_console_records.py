"""Purchases, documents and the quality of data as a browser without JavaScript gets them."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, an_id, example

pytestmark = pytest.mark.integration
Known = Callable[[str], dict[str, Any]]


class TestCustomer:
    def test_shows_what_was_bought_and_what_is_owed(self, site: Site, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        order, invoice = known("contacts.order.placed.v1"), known("contacts.invoice.overdue.v1")
        subscription = known("contacts.subscription.started.v1")

        site.sign_in().get(f"/customers/{contact['id']}")

        for shown in (order["number"], invoice["number"], subscription["plan"], "1 overdue:"):
            assert shown in site.page
        assert "€1,000 of this customer is overdue" in site.page

    def test_has_documents_and_takes_more(self, site: Site, stub: Stub, known: Known) -> None:
        contact, document = (
            known("contacts.contact.created.v1"),
            known("contacts.document.added.v1"),
        )
        path = f"/customers/{contact['id']}"
        stub.answers["POST", "/v1/documents"] = (201, {})
        site.sign_in().get(path)

        assert f"/documents/{document['id']}/file" in site.page
        sent = site.send(
            f"{path}/documents", title="Offer", document_kind="proposal", kind="contact",
            file=(io.BytesIO(b"%PDF-1.7"), "offer.pdf"),
        )  # fmt: skip

        assert 303 == sent.status_code
        _, headers, body = stub.last("POST")
        assert headers["Idempotency-Key"]
        for part in (b"%PDF-1.7", b"offer.pdf", b"proposal", str(contact["id"]).encode()):
            assert part in body

    def test_says_why_a_document_was_not_taken(self, site: Site, stub: Stub, known: Known) -> None:
        contact = known("contacts.contact.created.v1")
        path = f"/customers/{contact['id']}"
        stub.answers["POST", "/v1/documents"] = (415, {"detail": "taken are pdf, png"})

        site.sign_in().get(path)
        refused = site.send(f"{path}/documents", file=(io.BytesIO(b"MZ"), "a.exe"), title="Kept")
        assert 415 == refused.status_code
        assert "taken are pdf, png" in site.page
        assert 'value="Kept"' in site.page
        assert 422 == site.send(f"{path}/documents", title="x").status_code
        assert "Choose a file first." in site.page

    def test_hands_a_content_out_as_a_file(self, site: Site, stub: Stub) -> None:
        document_id = an_id(1)
        stub.answers["GET", f"/v1/documents/{document_id}/content"] = (200, {"content": "x"})

        answer = site.sign_in().get(f"/documents/{document_id}/file")

        assert (200, "nosniff") == (answer.status_code, answer.headers["X-Content-Type-Options"])


class TestQuality:
    def test_says_that_nobody_looked_yet(self, site: Site) -> None:
        site.sign_in().get("/quality")

        assert "Nobody has looked yet" in site.page

    def test_shows_counts_and_links_what_to_fix(self, site: Site, stub: Stub) -> None:
        audit = example("quality_audit") | {"status": "done"}
        finding = {
            "number": 1, "kind": "contact", "record_id": str(an_id(1)), "reason": "no-email",
            "advice": "Add an e-mail address.", "name": "Marta", "public_no": 7,
        }  # fmt: skip
        path = f"/v1/quality-audits/{audit['id']}/findings"
        stub.answers["GET", "/v1/quality-audits"] = (200, {"items": [audit], "next": None})
        stub.answers["GET", path] = (200, {"items": [finding], "next": "9"})

        site.sign_in().get("/quality?of=contact.no-email")

        assert "Contact: no email <strong>77</strong>" in site.page
        assert f"/customers/{finding['record_id']}" in site.page
        assert "cursor=9" in site.page
        assert f"/quality/{audit['id']}/file?of=contact.no-email" in site.page
        assert "81 %" in site.page

    def test_asks_for_an_audit_once(self, site: Site, stub: Stub) -> None:
        stub.answers["POST", "/v1/quality-audits"] = (202, example("quality_audit"))
        site.sign_in().get("/quality")

        assert 303 == site.send("/quality").status_code
        assert stub.last("POST")[1]["Idempotency-Key"]

    def test_survives_a_service_that_is_away(self, site: Site, stub: Stub) -> None:
        stub.answers["GET", "/v1/quality-audits"] = (503, {"detail": "away"})

        assert 200 == site.sign_in().get("/quality").status_code
        assert "Data quality cannot be shown now." in site.page
