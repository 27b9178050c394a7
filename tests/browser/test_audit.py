"""The trail in the console: asked, opened for before and after, by key, on a telephone, plainly."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, Visitor, World
from tests.browser.looking import PLAIN, looks_well

from crm_chassis.testing import wait_until

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize(
    "visitor", [{}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"]
)


def changed(visitor: Visitor, world: World) -> None:
    """Give the deal another next step."""
    deal = visitor.platform.api.get(f"/v1/deals/{world.deal['id']}")
    visitor.platform.api.patch(
        f"/v1/deals/{deal['id']}", {"next_step": "Send the offer"}, version=deal["version"]
    )


def row(page: Page, text: str) -> object:
    return page.locator(".trail > li", has_text=text).first


@BOTH
def test_a_records_page_leads_to_what_was_done_to_it(visitor: Visitor, world: World) -> None:
    changed(visitor, world)
    page = visitor.open(f"/deals/{world.deal['id']}")

    page.get_by_role("link", name="Who did what").click()

    expect(page.get_by_role("heading", name="Who did what")).to_be_visible()
    newest = page.locator(".trail > li").first
    expect(newest).to_contain_text("Deal updated")
    looks_well(page)
    newest.locator("summary").focus()
    page.keyboard.press("Enter")
    cells = newest.get_by_role("row", name="Next step")
    expect(cells).to_contain_text("Send the offer")
    expect(newest).to_contain_text("127.0.0.1")
    looks_well(page)
    assert [] == visitor.complaints


@BOTH
def test_it_is_asked_by_who_what_and_when(visitor: Visitor, world: World) -> None:
    changed(visitor, world)
    page = visitor.open("/settings/audit")
    looks_well(page)
    page.get_by_label("To what").select_option("deal")
    page.get_by_label("Record (id or address)").fill(
        f"{visitor.platform.url}/deals/{world.deal['id']}"
    )
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.locator(".trail > li")).to_have_count(2)
    page.get_by_label("Action").fill("deal.won")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing like that")).to_be_visible()
    looks_well(page)
    page.get_by_label("Record (id or address)").fill("what?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Cannot be read: object id")
    looks_well(page)


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["plain"])
def test_older_rows_are_read_without_scripts(visitor: Visitor) -> None:
    for _ in range(52):
        visitor.platform.contact()
    page = visitor.open("/settings/audit?kind=contact")
    first = page.locator(".trail > li").first.inner_text()

    page.get_by_role("link", name="Older").click()

    expect(page.locator(".trail > li").first).to_be_visible()
    assert first != page.locator(".trail > li").first.inner_text()
    page.get_by_role("link", name="Newest").click()
    assert page.locator(".trail > li").count() == 50


@BOTH
def test_a_service_that_is_away_is_named(visitor: Visitor, world: World) -> None:
    visitor.platform.stop("roles:sales-serve")

    def names_it() -> bool:
        page = visitor.open(f"/settings/audit?object_id={world.contact['id']}")
        return page.get_by_text("Sales did not answer").is_visible()

    wait_until(names_it, 30, what="the missing service named")
    expect(visitor.page.locator(".trail > li").first).to_be_visible()
    looks_well(visitor.page)
    visitor.platform.heal()
