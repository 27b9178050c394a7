"""Accounts in a list, in their form, and where they stand among others."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, Visitor
from tests.browser.looking import PLAIN, looks_well

from crm_chassis.testing import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def family(visitor: Visitor) -> dict[str, Any]:
    """An account with a part, somebody who works there, and an open deal."""
    api, mark = visitor.platform.api, uuid.uuid4().hex[:8]
    top = api.post("/v1/accounts", {"name": f"Top {mark}"})
    part = api.post("/v1/accounts", {"name": f"Part {mark}", "parent_id": top["id"]})
    link = {"account_id": part["id"], "role": "buyer", "is_primary": True}
    contact = visitor.platform.contact(account_links=[link])
    amount = {"amount": "4800.00", "currency": "EUR"}
    visitor.platform.deal(contact, account_id=part["id"], amount=amount)
    return {"mark": mark, "top": top, "part": part, "contact": contact}


@pytest.mark.parametrize("visitor", [{}, PLAIN], indirect=True)
def test_an_account_is_taken_up_as_part_of_another(
    visitor: Visitor, family: dict[str, Any]
) -> None:
    """C3."""
    page = visitor.open("/accounts/new")

    page.get_by_label("Name", exact=True).fill(f"Leaf {family['mark']}")
    page.get_by_label("Part of").fill(family["part"]["name"])
    page.get_by_role("button", name="Take up").click()

    tree = page.locator("#tree")
    expect(tree.locator(".depth-2")).to_contain_text(f"Leaf {family['mark']}")
    expect(tree.get_by_role("link", name=family["top"]["name"])).to_be_visible()


def test_a_ring_is_refused_with_what_was_typed(visitor: Visitor, family: dict[str, Any]) -> None:
    """C3."""
    page = visitor.open(f"/accounts/{family['top']['id']}/edit")

    page.get_by_label("Industry").fill("ships")
    page.get_by_label("Part of").fill(family["part"]["name"])
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("cannot be part of itself")
    expect(page.get_by_label("Industry")).to_have_value("ships")


def test_the_page_shows_people_with_roles_and_what_is_open_below(
    visitor: Visitor, family: dict[str, Any]
) -> None:
    """C2, C3."""
    part = family["part"]["id"]
    wait_until(lambda: visitor.platform.section(part, "sales", "deals"))
    page = visitor.open(f"/customers/{family['top']['id']}")

    expect(page.locator("#tree")).to_contain_text("€4,800")
    page.locator("#tree").get_by_role("link", name=family["part"]["name"]).click()
    expect(page.locator("#contacts")).to_contain_text("buyer")


def test_a_list_is_filtered_by_its_kind(visitor: Visitor, family: dict[str, Any]) -> None:
    page = visitor.open("/accounts")

    page.get_by_label("Words").fill(family["mark"])
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name=family["part"]["name"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(family["part"]["name"])
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True)
def test_pages_are_accessible_and_fit(visitor: Visitor, family: dict[str, Any]) -> None:
    part = family["part"]["id"]
    paths = (
        "/accounts", f"/accounts?q={family['mark']}", "/accounts?q=zzzzzz", "/accounts/new",
        f"/accounts/{part}/edit", f"/customers/{part}",
    )  # fmt: skip
    for path in paths:
        looks_well(visitor.open(path))
