"""What people do in the console, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import PATIENCE_MS, PHONE, Visitor, World

pytestmark = pytest.mark.browser
PLAIN = {"java_script_enabled": False}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


def card(page: Page, world: World) -> Locator:
    return page.locator(f"#deal-{world.deal['id']}")


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name=name, exact=True)
    )


def drag(page: Page, what: Locator, where: Locator) -> None:
    """Drag by hand: press, a first small way, the rest, let go."""
    start, end = what.bounding_box(), where.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 20, steps=4)
    page.mouse.move(end["x"] + 80, end["y"] + 40, steps=12)
    page.mouse.up()


def names(world: World) -> list[str]:
    return [stage["name"] for stage in world.pipeline["stages"]]


class TestSearch:
    def test_slash_leads_to_what_is_typed(self, visitor: Visitor, world: World) -> None:
        page = visitor.open("/tickets")

        page.keyboard.press("/")
        page.keyboard.type(world.contact["last_name"])
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1)).to_have_text(world.contact["name"])
        assert [] == visitor.complaints

    def test_results_come_while_typing(self, visitor: Visitor, world: World) -> None:
        page = visitor.open("/")

        page.get_by_role("searchbox").press_sequentially(world.ticket["subject"].split()[-1])

        expect(page.get_by_role("link", name=world.ticket["subject"])).to_be_visible()
        assert [] == visitor.complaints


class TestCustomer:
    def test_a_note_is_seen_at_once(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.customer)

        page.get_by_label("Note").fill("Likes mornings")
        page.get_by_role("button", name="Add note").click()

        expect(page.locator("#contacts")).to_contain_text("Likes mornings")
        expect(page.locator("#sales")).to_contain_text(world.deal["name"])
        expect(page.locator("#support")).to_contain_text(world.ticket["subject"])

    def test_a_task_is_added_and_ticked_off(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.customer)

        page.get_by_text("Add a task").click()
        page.get_by_label("What is to be done").fill("Send the offer")
        page.get_by_role("button", name="Add task").click()
        page.get_by_role("button", name="Done: Send the offer").click()

        expect(page.get_by_role("button", name="Done: Send the offer")).to_be_disabled()

    def test_an_open_page_keeps_up_and_keeps_the_focus(
        self, visitor: Visitor, world: World
    ) -> None:
        page = visitor.open(world.customer)
        page.get_by_label("Note").fill("Half a sen")
        body = {
            "body": "From elsewhere",
            "subjects": [{"type": "contact", "id": world.contact["id"]}],
        }

        visitor.platform.api.post("/v1/notes", body)

        expect(page.locator("#contacts")).to_contain_text("From elsewhere")
        expect(page.get_by_label("Note")).to_be_focused()
        expect(page.get_by_label("Note")).to_have_value("Half a sen")
        assert [] == visitor.complaints


class TestBoard:
    def test_drags_a_deal_to_another_stage(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.board)

        drag(page, card(page, world).locator("h3"), column(page, names(world)[1]).locator(".cards"))

        expect(page.get_by_role("status")).to_contain_text(f"Moved to {names(world)[1]}")
        deal = visitor.platform.api.get(f"/v1/deals/{world.deal['id']}")
        assert world.pipeline["stages"][1]["id"] == deal["stage_id"]
        assert [] == visitor.complaints

    def test_moves_by_key_there_and_back(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.board)

        card(page, world).focus()
        page.keyboard.press("]")
        page.keyboard.press("]")
        page.keyboard.press("[")

        there = page.locator(f"[data-stage-id='{world.pipeline['stages'][1]['id']}']").and_(
            card(page, world)
        )
        expect(there.locator("[name=version][value='4']")).to_be_attached()
        expect(there).to_be_focused()

    def test_the_menu_asks_why_a_deal_is_lost(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.board)

        card(page, world).focus()
        page.keyboard.press("m")
        page.get_by_label("Stage").and_(page.locator(":focus")).select_option(names(world)[-1])
        card(page, world).get_by_role("button", name="Move").click()
        page.get_by_role("dialog").get_by_label("Reason").fill("Too dear")
        page.get_by_role("dialog").get_by_role("button", name="Move").click()

        expect(column(page, names(world)[-1])).to_contain_text("Too dear")

    def test_a_deal_somebody_changed_goes_back(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.board)
        version = world.deal["version"]
        visitor.platform.api.patch(
            f"/v1/deals/{world.deal['id']}", {"next_step": "Call"}, version=version
        )

        card(page, world).focus()
        page.keyboard.press("]")

        expect(page.get_by_role("status")).to_contain_text("Somebody changed this meanwhile")
        expect(column(page, names(world)[0]).locator(f"#deal-{world.deal['id']}")).to_be_visible()

    def test_works_without_javascript(self, plain: Visitor, world: World) -> None:
        page = plain.open(world.board)

        card(page, world).get_by_text("Move to…").click()
        card(page, world).get_by_label("Stage").select_option(names(world)[1])
        card(page, world).get_by_role("button", name="Move").click()

        expect(column(page, names(world)[1]).locator(f"#deal-{world.deal['id']}")).to_be_visible()


class TestTicket:
    def test_a_reply_is_part_of_the_conversation(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.talk)

        page.get_by_label("Reply").fill("We are on it.")
        page.get_by_role("button", name="Send").click()

        expect(page.locator(".message-out")).to_contain_text("We are on it.")
        expect(page.get_by_label("Status", exact=True)).to_have_value("pending_customer")

    def test_is_noted_assigned_and_prioritised_without_javascript(
        self, plain: Visitor, world: World
    ) -> None:
        page = plain.open(world.talk)

        page.get_by_label("Reply").fill("Among ourselves")
        page.get_by_text("Internal note").click()
        page.get_by_role("button", name="Send").click()
        page.get_by_label("Priority", exact=True).select_option("urgent")
        page.get_by_role("button", name="Set the priority").click()
        page.get_by_label("Assignee", exact=True).select_option("Administrator")
        page.get_by_role("button", name="Set the assignee").click()

        expect(page.locator(".message-note")).to_contain_text("Among ourselves")
        expect(page.get_by_label("Priority", exact=True)).to_have_value("urgent")
        expect(page.get_by_label("Assignee", exact=True)).not_to_have_value("")


class TestEverybody:
    @pytest.mark.parametrize("visitor", [{}, {"color_scheme": "dark"}], indirect=True)
    def test_axe_finds_nothing(self, visitor: Visitor, world: World) -> None:
        found = []

        for path in world.pages:
            result = Axe().run(visitor.open(path), options=WCAG)
            found += [
                (path, each["id"], node["target"], node["failureSummary"])
                for each in result.response["violations"]
                for node in each["nodes"]
            ]

        assert [] == found

    @pytest.mark.parametrize("visitor", [{"viewport": PHONE}], indirect=True)
    def test_nothing_scrolls_sideways_at_360_pixels(self, visitor: Visitor, world: World) -> None:
        widths = {
            path: visitor.open(path).evaluate("document.documentElement.scrollWidth")
            for path in world.pages
        }

        assert dict.fromkeys(world.pages, 360) == widths

    def test_signing_in_leads_back_to_the_page_wanted(self, visitor: Visitor, world: World) -> None:
        page = visitor.open("/")
        page.get_by_role("button", name="Sign out").click()

        visitor.open(world.talk)
        admin = visitor.platform
        page.get_by_label("E-mail address").fill(admin.email)
        page.get_by_label("Password").fill(admin.password)
        page.get_by_role("button", name="Sign in").click()

        expect(page).to_have_url(re.compile(world.talk))


@pytest.fixture
def plain(visitor: Visitor, world: World) -> Iterator[Visitor]:
    """The visitor without JavaScript."""
    browser = visitor.context.browser
    assert browser is not None
    context = browser.new_context(**PLAIN, storage_state=visitor.context.storage_state())
    context.set_default_timeout(PATIENCE_MS)
    yield Visitor(visitor.platform, context, context.new_page())
    context.close()
