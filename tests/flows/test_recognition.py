"""People met twice, mail that comes back, what people allow: one service's record, everywhere."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.running import ROOT, Platform

from crm_chassis.testing import wait_until
from crm_client.errors import Refused

pytestmark = [pytest.mark.flow]


def somebody() -> dict[str, Any]:
    name = uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop"))
    return {"first_name": "Rosalind", "last_name": name.title(), "birthday": "1970-04-01"}


def bounce(path: Path, address: str) -> Path:
    sample = (ROOT / "libs/bounces/tests/mails/hard-postfix.eml").read_text()
    path.write_text(sample.replace("lena@receiver.example", address))
    return path


class TestDuplicates:
    def test_are_queued_blocked_and_found_by_a_scan(self, platform: Platform) -> None:
        """C6, C7: candidates in the refusal, a queue with evidence; what is dismissed stays so."""
        person = somebody()
        first, second = (platform.api.post("/v1/contacts", person) for _ in range(2))

        pairs = platform.items("/v1/duplicates", contact_id=second["id"])
        assert [{first["id"], second["id"]}] == [{each["a_id"], each["b_id"]} for each in pairs]
        assert pairs[0]["evidence"]
        platform.api.put("/v1/duplicates/policy", {"rule": "block"})
        try:
            with pytest.raises(Refused) as refused:
                platform.api.post("/v1/contacts", person)
        finally:
            platform.api.put("/v1/duplicates/policy", {"rule": "warn"})
        found = {each["contact_id"] for each in refused.value.problem["candidates"]}
        assert {first["id"], second["id"]} == found
        path = f"/v1/duplicates/{pairs[0]['id']}/dismissal"
        platform.api.put(path, version=pairs[0]["version"])
        asked = platform.api.request("POST", "/v1/duplicates/scan")
        wait_until(
            lambda: platform.api.get(asked.headers["Location"])["status"] == "done", timeout=60
        )
        again = platform.items("/v1/duplicates", contact_id=second["id"], status="open")
        assert [] == again

    def test_of_a_file_need_nobody(self, platform: Platform, tmp_path: Path) -> None:
        file, truth = tmp_path / "people.csv", tmp_path / "truth.csv"
        file.write_text(
            "id,first name,last name,dob,zip\n1,Anna,Lindqvist,1970-04-01,11320\n"
            "2,Ana,Lindqvist,1970-04-01,11320\n3,Karl,Ott,1985-12-01,90210\n"
        )
        truth.write_text("a,b\n1,2\n")

        done = platform.crm("contacts", "dedupe", str(file), "--truth", str(truth), "--json")

        assert {"precision": 1.0, "recall": 1.0, "pairs": 1} == json.loads(done.stdout)


class TestMailThatComesBack:
    def test_retires_the_address_everywhere(self, platform: Platform, tmp_path: Path) -> None:
        address = f"{uuid.uuid4().hex[:10]}@receiver.example"
        contact = platform.api.post("/v1/contacts", {**somebody(), "emails": [{"value": address}]})

        done = platform.crm("mail", "ingest", str(bounce(tmp_path / "b.eml", address)), "--json")

        assert "bounce:hard" == json.loads(done.stdout)["outcome"], done.stderr
        body = platform.api.get(f"/v1/contacts/{contact['id']}")
        assert ["invalid"] == [each["deliverability"] for each in body["emails"]]
        wait_until(lambda: platform.section(contact["id"], "contacts", "tasks"))
        wait_until(lambda: platform.section(contact["id"], "contacts", "interactions"))
        wait_until(lambda: kept_by_marketing(platform, contact) == "invalid")


class TestConsent:
    def test_a_withdrawal_reaches_marketing_and_the_customers_page(
        self, platform: Platform
    ) -> None:
        """G7: append-only with evidence; the others act on it within a second."""
        contact = platform.contact()
        path = f"/v1/contacts/{contact['id']}/consents"

        said = {"channel": "email", "purpose": "marketing", "status": "withdrawn"}
        evidence = {"form_id": "newsletter-3", "text_version": "2026-01"}
        platform.api.post(path, {**said, "evidence": evidence})

        wait_until(lambda: kept_by_marketing(platform, contact, column="opted_out"), timeout=5)
        wait_until(lambda: platform.section(contact["id"], "contacts", "consents"))
        (kept,) = platform.items(path)
        assert evidence.items() <= kept["evidence"].items()


def test_nothing_differs_after_all_of_it(platform: Platform) -> None:
    wait_until(platform.is_quiet, timeout=60)

    assert platform.differences() == 0


def kept_by_marketing(
    platform: Platform, contact: dict[str, Any], *, column: str = "deliverability"
) -> object:
    return platform.row("marketing", "contact_copy", contact["id"]).get(column)
