"""Documents through the gateway: in, in versions, out, signed, and over."""

import json
import uuid
from typing import Any

import httpx
import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 6000  # streamed, not held
OLD = "2020-12-31"


def sent(platform: Platform, path: str, content: bytes, name: str, **more: Any) -> httpx.Response:
    form = {
        k: v if isinstance(v, str) else json.dumps(v) for k, v in more.items() if k != "headers"
    }
    return platform.once(
        "POST", path, files={"file": (name, content)}, data=form, headers=more.get("headers", {})
    )


def test_a_contract_lives_on_its_customers_page(platform: Platform) -> None:
    """W4: folders, standing, days of validity, revisions; a file is handed out as it came in."""
    contact = platform.contact()
    about = [{"type": "contact", "id": contact["id"]}]
    mark = uuid.uuid4().hex[:10]
    content = PDF + mark.encode()

    made = sent(
        platform, "/v1/documents", content, f"{mark}.pdf", kind="contract", valid_to=OLD,
        folder=f"Contracts/{mark}", subjects=about,
    )  # fmt: skip
    assert made.status_code == 201, made.text
    path = f"/v1/documents/{made.json()['id']}"
    newer = sent(
        platform, f"{path}/versions", content + b"2", f"{mark}.pdf", headers={"If-Match": '"1"'}
    )
    fetched = platform.once("GET", f"{path}/versions/1/content")

    assert fetched.content == content
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in fetched.headers["Content-Security-Policy"]
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert [each["number"] for each in newer.json()["versions"]] == [1, 2]
    assert [each["id"] for each in platform.items("/v1/documents", folder=f"Contracts/{mark}")] == [
        made.json()["id"]
    ]
    platform.api.put(f"{path}/signature", version=2)
    wait_until(lambda: platform.api.get(path)["status"] == "expired", timeout=90)
    wait_until(
        lambda: (
            [d["status"] for d in platform.section(contact["id"], "contacts", "documents")]
            == ["expired"]
        )
    )
    told = {each["entry_kind"] for each in platform.customer(contact["id"])["timeline"]["items"]}
    assert {
        "document.added",
        "document.version_added",
        "document.signed",
        "document.expired",
    } <= told


def test_what_is_no_document_is_kept_out(platform: Platform) -> None:
    """W4: types by content and size limits hold through the gateway."""
    page = sent(platform, "/v1/documents", b"<html><script>", "page.pdf")
    large = sent(platform, "/v1/documents", b"%PDF-" + bytes(51 * 1024 * 1024), "large.pdf")

    assert (page.status_code, page.json()["type"].rpartition("/")[2]) == (415, "file-type-refused")
    assert (large.status_code, large.json()["type"].rpartition("/")[2]) == (413, "file-too-large")


def test_documents_follow_a_merge(platform: Platform) -> None:
    """C8, W4: what is kept with an absorbed contact is the survivor's, and goes back."""
    one, other = platform.contact(), platform.contact()
    about = [{"type": "contact", "id": other["id"]}]
    made = sent(platform, "/v1/documents", PDF, "a.pdf", subjects=about).json()

    path, body = f"/v1/contacts/{one['id']}/merge", {"absorbed_ids": [other["id"]]}
    merged = platform.api.request("POST", path, json=body, version=1).json()

    def owner() -> str:
        return str(platform.api.get(f"/v1/documents/{made['id']}")["subjects"][0]["id"])

    assert owner() == one["id"]
    platform.api.request("DELETE", f"/v1/merges/{merged['id']}")
    assert owner() == other["id"]


def test_nothing_differs_after_all_of_it(platform: Platform) -> None:
    wait_until(platform.is_quiet, timeout=60)

    assert platform.differences() == 0
