"""Fields and rules in the console: made, ordered, changed, put away; by key, on a telephone, plainly."""

import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_console import PLAIN, WCAG

pytestmark = pytest.mark.browser


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options=WCAG).response["violations"]
    assert [] == [(each["id"], each["nodes"][0]["html"][:200]) for each in found]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= (page.viewport_size or {})["width"]


def word() -> str:
    return "S" + uuid.uuid4().hex[:8]


def add(page: Page, label: str, kind: str, **more: str) -> None:
    page.get_by_label("Name", exact=True).fill(label)
    page.get_by_label("What it holds").select_option(label=kind)
    for name, text in more.items():
        page.get_by_label(name).fill(text)
    page.get_by_role("button", name="Add the field").click()


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"])
def test_a_field_is_made_changed_and_put_away(visitor: Visitor) -> None:
    label = word()
    page = visitor.open("/settings/fields?object=account")
    assert_accessible(page)

    add(page, label, "One of a list")
    expect(page.get_by_role("alert")).to_contain_text("Needed by what can be chosen")
    page.get_by_label("Choices").fill("gold = Gold customer\nsilver")
    page.get_by_role("button", name="Add the field").click()
    page.get_by_role("link", name=label).click()
    assert_accessible(page)
    page.get_by_label("Heading it stands under").fill("Worth")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("li", has_text=label)).to_contain_text("Worth")
    (field,) = [
        each for each in visitor.platform.items("/v1/fields", object="account")
        if each["label"] == label
    ]  # fmt: skip
    assert ["Gold customer", "silver"] == [each["label"] for each in field["options"]]
    page.get_by_role("link", name=label).click()
    page.get_by_role("button", name="Put it away").click()
    expect(page.locator("section", has_text="Put away")).to_contain_text(label)
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["plain"])
def test_fields_are_ordered_without_scripts(visitor: Visitor) -> None:
    first, second = word(), word()
    page = visitor.open("/settings/fields")
    for label in (first, second):
        add(page, label, "Number")

    page.get_by_role("button", name=f"Show {second} earlier").focus()
    page.keyboard.press("Enter")

    page.wait_for_url("**#field-*")
    labels = page.locator(".settings-list a").all_inner_texts()
    assert labels.index(second) < labels.index(first)
    for label in (first, second):
        page.get_by_role("link", name=label).click()
        page.get_by_role("button", name="Put it away").click()


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"])
def test_a_rule_is_tried_before_it_counts(visitor: Visitor) -> None:
    name, tag = word(), word()
    visitor.platform.contact(department=tag)
    page = visitor.open("/settings/rules")
    assert_accessible(page)

    form = page.locator("#validation")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("What people are told").fill("Not without a title.")
    form.get_by_label("Field", exact=True).select_option("department")
    form.get_by_label("Condition").select_option(label="is")
    form.get_by_label("Value").fill(tag)
    form.get_by_label("Fields", exact=True).select_option("job_title")
    form.get_by_role("button", name="Try it on what is there").click()
    expect(page.locator("#trial")).to_contain_text("1 of 1 would break it")
    assert_accessible(page)
    page.get_by_role("button", name="Add the rule").click()
    row = page.locator("li", has_text=name)
    expect(row).to_contain_text("Not without a title.")
    body = {"first_name": "A", "department": tag}
    assert 422 == visitor.platform.once("POST", "/v1/contacts", json=body).status_code
    page.get_by_role("button", name=f"Let rest: {name}").click()
    expect(row).to_contain_text("Rests")
    page.get_by_role("button", name=f"Put away: {name}").click()
    expect(page.get_by_text(name)).to_have_count(0)
    assert [] == visitor.complaints


def test_a_naming_rule_is_added(visitor: Visitor) -> None:
    name = word()
    page = visitor.open("/settings/rules?object=account")

    form = page.locator("#naming")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("Kind").select_option(label="Legal forms")
    form.get_by_label("Words, one a line").fill(f"{name}GmbH = {name}gmbh")
    form.get_by_label("Who writes otherwise").select_option(label="Write it as it should be")
    form.get_by_role("button", name="Add the naming rule").click()

    expect(page.locator("li", has_text=name)).to_contain_text("Legal forms")
    made = visitor.platform.api.post("/v1/accounts", {"name": f"Pumps {name}gmbh"})
    assert f"Pumps {name}GmbH" == made["name"]
    page.get_by_role("button", name=f"Put away: {name}").click()
