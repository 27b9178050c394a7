"""The quality of data, through the gateway: of one record, of all, as a list of what to do."""

import csv
import io
import uuid

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def test_an_audit_lists_what_to_fix(platform: Platform) -> None:
    """C22: completeness, validity and freshness per record and per team; what to fix, with reasons."""
    name = f"Bare {uuid.uuid4().hex[:10]}"
    bare = platform.api.post("/v1/contacts", {"last_name": name})

    found = platform.api.get(f"/v1/contacts/{bare['id']}/quality")
    asked = platform.api.request("POST", "/v1/quality-audits", json={})
    job = asked.headers["Location"]
    wait_until(lambda: platform.api.get(job)["status"] == "done", timeout=90)
    audit = platform.api.get(f"/v1/quality-audits/{asked.json()['id']}")

    assert "no-email" in {each["reason"] for each in found["reasons"]}
    assert found["completeness"] < found["validity"] == 100
    assert audit["findings"]["contact.no-email"] >= 1
    assert 0 <= audit["scores"]["contact"]["score"] <= 100
    path = f"/v1/quality-audits/{audit['id']}"
    listed = platform.items(f"{path}/findings", reason="no-email")
    assert bare["id"] in {each["record_id"] for each in listed}
    assert platform.api.get(f"{path}/teams")["items"]
    table = platform.once("GET", f"{path}/findings/file", params={"reason": "no-email"}).text
    assert name in {row["name"] for row in csv.DictReader(io.StringIO(table))}
