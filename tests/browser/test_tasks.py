"""Tasks: one's own by key, with reminders, and on a board."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, Visitor
from tests.browser.looking import PLAIN, looks_well

pytestmark = pytest.mark.browser


@pytest.fixture
def board(visitor: Visitor) -> dict[str, Any]:
    """A board with one task."""
    api = visitor.platform.api
    made = api.post("/v1/boards", {"name": f"Launch {uuid.uuid4().hex[:6]}", "department": "sales"})
    place = {"board_id": made["id"], "column_id": made["columns"][0]["id"]}
    task = api.post("/v1/tasks", {"title": f"Write {uuid.uuid4().hex[:6]}", **place})
    return {**made, "task": task}


def test_a_task_is_added_and_ticked_off_by_key(visitor: Visitor) -> None:
    """W1."""
    title = f"Call {uuid.uuid4().hex[:8]}"
    page = visitor.open("/tasks")
    page.get_by_label("What is to be done").fill(title)
    page.get_by_label("Due on").fill("2020-01-01")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name=title)
    expect(link).to_be_visible()

    link.focus()
    page.keyboard.press("d")

    expect(link).to_have_count(0)
    page.get_by_role("link", name="Done", exact=True).click()
    expect(page.get_by_role("link", name=title)).to_be_visible()
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [{}, PLAIN], indirect=True)
def test_a_task_gets_reminders_of_both_kinds(visitor: Visitor, board: dict[str, Any]) -> None:
    """W1."""
    page = visitor.open(f"/tasks/{board['task']['id']}")

    page.get_by_label("Due on").fill("2030-05-02")
    page.get_by_label("Minutes before it is due").first.fill("30")
    page.get_by_label("or on").nth(1).fill("2030-05-01")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_label("Minutes before it is due").first).to_have_value("30")
    shown = visitor.platform.api.get(f"/v1/tasks/{board['task']['id']}")
    assert ["relative", "absolute"] == [each["kind"] for each in shown["reminders"]]


def test_a_task_is_moved_by_key(visitor: Visitor, board: dict[str, Any]) -> None:
    """W2."""
    page = visitor.open(f"/boards/{board['id']}")
    card = page.locator(f"#task-{board['task']['id']}")

    card.focus()
    page.keyboard.press("]")

    doing = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Doing"))
    expect(doing.locator(f"#task-{board['task']['id']}")).to_be_visible()
    expect(card).to_be_focused()
    shown = visitor.platform.api.get(f"/v1/tasks/{board['task']['id']}")
    assert "in_progress" == shown["status"]
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True)
def test_a_board_is_made_and_changed_without_javascript(visitor: Visitor) -> None:
    """W2."""
    name = f"Board {uuid.uuid4().hex[:6]}"
    page = visitor.open("/boards")
    page.get_by_label("Name of a new board").fill(name)
    page.get_by_role("button", name="Make the board").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)

    page.get_by_text("Change the board").click()
    page.get_by_label("Column 5", exact=True).fill("Parked")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Parked")).to_be_visible()


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True)
def test_pages_are_accessible_and_fit(visitor: Visitor, board: dict[str, Any]) -> None:
    paths = (
        "/tasks?tab=all", "/tasks?tab=department&department=finance", "/boards",
        f"/boards/{board['id']}", f"/tasks/{board['task']['id']}",
    )  # fmt: skip
    for path in paths:
        looks_well(visitor.open(path))
