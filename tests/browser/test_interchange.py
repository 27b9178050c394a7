"""Files of people in the console: with and without scripts, by key, on a telephone."""

import re
import uuid
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_console import PLAIN, WCAG

pytestmark = pytest.mark.browser


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Nine people and one who is nobody, in a table whose dates put the day first."""
    made, mark = tmp_path / "people.csv", uuid.uuid4().hex[:8]
    rows = [f"Ada{n};B{mark};a{n}{mark}@x.example;{n + 13}/04/1985;38" for n in range(9)]
    made.write_text(
        "\n".join(["First Name;Last Name;E-mail;Birthday;Shoe size", *rows, "Boss;;nobody;;", ""])
    )
    return made


def sent(visitor: Visitor, file: Path) -> Page:
    page = visitor.open("/imports")
    page.get_by_label("A file from another program").set_input_files(file)
    page.get_by_role("button", name="Send and look").click()
    return page


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options=WCAG).response["violations"]
    assert [] == [(each["id"], each["nodes"][0]["html"][:200]) for each in found]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= (page.viewport_size or {})["width"]


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"])
def test_a_file_is_looked_at_taken_over_and_undone(visitor: Visitor, file: Path) -> None:
    visitor.has_field("shoe_size", "number", "Shoe size")
    page = sent(visitor, file)

    expect(page.get_by_role("button", name="Take over")).to_be_visible()
    expect(page.locator("#import")).to_contain_text("Day first (31/12)")
    expect(page.locator("#import")).to_contain_text("born 1985-04-13")
    assert_accessible(page)
    expect(page.get_by_label("Shoe size")).to_have_value("custom.shoe_size")
    page.get_by_label("Shoe size").select_option(label="Do not take over")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_label("Shoe size")).to_have_value("ignore")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("heading", name="Refused rows")).to_be_visible()
    expect(page.get_by_label("Counts")).to_have_text(re.compile(r"New\s*9\s*Refused\s*1"))
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Fetch the refused rows").click()
    assert "people.refused.csv" == download.value.suggested_filename
    assert "Boss" in Path(download.value.path()).read_text()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_label("Counts")).to_have_text(re.compile(r"Undone\s*9"))
    page.goto(visitor.platform.url + "/imports")
    assert_accessible(page)
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["plain"])
def test_works_without_scripts(visitor: Visitor, file: Path) -> None:
    page = sent(visitor, file)

    expect(page.get_by_role("button", name="Take over")).to_be_visible()  # it refreshes itself
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible()
    expect(page.get_by_label("Counts")).to_contain_text("Refused")


def test_goes_by_key_alone(visitor: Visitor, file: Path) -> None:
    page = sent(visitor, file)
    expect(page.get_by_role("button", name="Take over")).to_be_visible()

    page.get_by_label("People").focus()
    for _ in range(4):  # look-alikes, dates, look again, take over
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Take over")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Undo this import")).to_be_visible()


def test_says_what_is_wrong_with_a_file(visitor: Visitor, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("\n")

    page = sent(visitor, empty)

    expect(page.get_by_role("alert")).to_contain_text("the file is empty")


def test_contacts_leave_as_a_file(visitor: Visitor) -> None:
    page = visitor.open("/")

    page.get_by_role("button", name="Export as table").click()
    expect(page.get_by_role("link", name="Fetch the file")).to_be_visible()

    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Fetch the file").click()
    assert "Rapport ID" in Path(download.value.path()).read_text(encoding="utf-8-sig")
