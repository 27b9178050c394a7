"""Strangers are recognised, and numbers are said to be right or wrong, by hand."""

import uuid

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, Visitor
from tests.browser.looking import PLAIN, looks_well

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("visitor", [{}, PLAIN], indirect=True)
def test_a_stranger_is_recognised_by_the_address_they_gave(visitor: Visitor) -> None:
    cookie, contact = f"cookie-{uuid.uuid4().hex[:8]}", visitor.platform.contact()
    visitor.platform.api.post("/v1/identities", {"value": cookie, "profile": {"page": "/prices"}})
    page = visitor.open("/visitors")
    stranger = page.locator("li.pair", has_text=cookie)

    stranger.get_by_label("Is", exact=True).fill("nobody@f.example")
    stranger.get_by_role("button", name="Recognise").click()

    expect(page.get_by_role("alert")).to_contain_text("no such contact")
    stranger.get_by_label("Is", exact=True).fill(contact["emails"][0]["value"])
    stranger.get_by_role("button", name="Recognise").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(contact["name"])


def test_a_number_is_said_to_be_wrong_and_why(visitor: Visitor) -> None:
    contact = visitor.platform.contact(phones=[{"value": "+4930901820"}])
    page = visitor.open(f"/customers/{contact['id']}")
    number = page.locator("details.judged", has=page.locator("input[name=phone]"))
    expect(number.locator("summary")).to_have_text("Correct")

    number.locator("summary").click()
    number.get_by_label("How is it known?").fill("nobody there")
    number.get_by_role("button", name="It is wrong").click()

    expect(number.locator("summary")).to_have_text("Incorrect")
    number.locator("summary").click()
    expect(number).to_contain_text("nobody there")


def test_a_channel_is_added_in_the_form(visitor: Visitor) -> None:
    contact = visitor.platform.contact()
    page = visitor.open(f"/contacts/{contact['id']}/edit")

    page.get_by_label("Channel 1", exact=True).select_option("chat")
    page.get_by_label("Number or name on channel 1").fill("telegram:flow")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("telegram:flow")).to_be_visible()


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True)
def test_pages_are_accessible_and_fit(visitor: Visitor) -> None:
    visitor.platform.api.post("/v1/identities", {"value": uuid.uuid4().hex})
    one, other = (
        visitor.platform.api.post("/v1/accounts", {"name": f"Acme {number}"}) for number in (1, 2)
    )
    contact = visitor.platform.contact(phones=[{"value": "+4930901820"}])
    merging = f"/accounts/{one['id']}/merge"
    for path in (
        "/visitors", merging, f"{merging}?with={other['id']}", f"/customers/{contact['id']}",
    ):  # fmt: skip
        looks_well(visitor.open(path))
