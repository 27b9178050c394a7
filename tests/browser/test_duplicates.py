"""Two contacts are looked at side by side, made one, and two again."""

import re
import uuid
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, Visitor

from crm_chassis.testing import wait_until

pytestmark = pytest.mark.browser
PLAIN = {"java_script_enabled": False}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture
def pair(visitor: Visitor) -> dict[str, Any]:
    """Two contacts of one name and birthday, on the queue."""
    name = uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop")).title()
    person = {"first_name": "Rosalind", "last_name": name, "birthday": "1970-04-01"}
    api = visitor.platform.api
    first = api.post("/v1/contacts", person | {"job_title": "Buyer"})
    second = api.post("/v1/contacts", person | {"job_title": "Boss", "tags": ["vip"]})
    visitor.platform.deal(second)
    (found,) = visitor.platform.items("/v1/duplicates", contact_id=second["id"])
    return {"id": found["id"], "name": first["name"], "first": first, "second": second}


def test_merging_by_hand_and_undoing_it(visitor: Visitor, pair: dict[str, Any]) -> None:
    page = visitor.open(f"/duplicates/{pair['id']}")
    expect(page.locator(".moves")).to_contain_text(re.compile(r"Sales\s+1 . deal"))

    page.get_by_label("Boss").check()
    page.get_by_role("button", name="Merge into").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Merged")
    contact = visitor.platform.api.get(f"/v1/contacts/{pair['second']['id']}")
    assert (pair["first"]["id"], "Boss", ["vip"]) == (
        contact["id"],
        contact["job_title"],
        contact["tags"],
    )
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two again")
    assert [] == visitor.complaints


def test_merging_accounts_by_hand_and_undoing_it(visitor: Visitor) -> None:
    name, post = uuid.uuid4().hex[:10], visitor.platform.api.post
    first = post("/v1/accounts", {"name": name, "industry": "steel"})
    second = post("/v1/accounts", {"name": f"{name} Ltd", "industry": "retail"})
    page = visitor.open(f"/customers/{first['id']}")
    page.get_by_role("link", name="Merge", exact=True).click()
    page.get_by_label("Which is the same").fill(name)
    page.get_by_role("button", name="Look", exact=True).click()
    page.get_by_role("link", name=f"{name} Ltd").click()

    page.get_by_label("retail").check()
    page.get_by_role("button", name="Merge into").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Merged")
    account = visitor.platform.api.get(f"/v1/accounts/{second['id']}")
    assert (first["id"], "retail") == (account["id"], account["industry"])
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two again")
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True)
def test_a_pair_is_dismissed_without_javascript(visitor: Visitor, pair: dict[str, Any]) -> None:
    page = visitor.open(f"/duplicates/{pair['id']}")

    page.get_by_role("button", name="They are two people").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Duplicates")
    page.get_by_role("link", name="Dismissed").click()
    expect(page.get_by_role("link", name=pair["name"]).first).to_be_visible()


def test_what_somebody_changed_meanwhile_is_not_merged_blindly(
    visitor: Visitor, pair: dict[str, Any]
) -> None:
    page = visitor.open(f"/duplicates/{pair['id']}")
    path = f"/v1/contacts/{pair['first']['id']}"
    version = visitor.platform.api.get(path)["version"]
    visitor.platform.api.request("PATCH", path, json={"job_title": "Chair"}, version=version)

    page.get_by_role("button", name="Merge into").click()

    expect(page.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile")
    expect(page.get_by_label("Chair")).to_be_visible()


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True)
def test_pages_are_accessible_and_fit(visitor: Visitor, pair: dict[str, Any]) -> None:
    merged = visitor.platform.api.request(
        "POST",
        f"/v1/contacts/{visitor.platform.contact()['id']}/merge",
        json={"absorbed_ids": [visitor.platform.contact()["id"]]},
        version=1,
    ).json()
    wait_until(lambda: visitor.platform.api.get(f"/v1/merges/{merged['id']}")["awaited"] == [])
    empty = "/duplicates?status=merged&cursor="
    for path in ("/duplicates", f"/duplicates/{pair['id']}", f"/merges/{merged['id']}", empty):
        page = visitor.open(path)

        found = Axe().run(page, options=WCAG)

        assert [] == found.response["violations"], path
        wide, screen = "document.documentElement.scrollWidth", "window.innerWidth"
        assert page.evaluate(f"{wide} <= {screen}"), path


def test_a_service_that_is_down_is_named(visitor: Visitor, pair: dict[str, Any]) -> None:
    visitor.platform.stop("roles:contacts-serve")
    try:
        page = visitor.open("/duplicates")

        expect(page.get_by_role("alert")).to_contain_text("Duplicates cannot be shown now")
    finally:
        visitor.platform.heal()
