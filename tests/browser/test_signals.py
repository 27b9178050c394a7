"""Open pages keep up with what others do; the bell; the palette: two people at once, real browsers."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import PATIENCE_MS, PHONE, Visitor, World
from tests.browser.looking import PLAIN, looks_well

from crm_client import Client

pytestmark = pytest.mark.browser
PASSWORD = "a-long-word-for-tests"
WITHIN_SECONDS = 3.0


@pytest.fixture
def colleague(visitor: Visitor) -> Iterator[Visitor]:
    """Somebody else, signed in in a browser of their own."""
    email = f"{uuid.uuid4().hex}@u.example"
    name = f"Colleague {email[:6]}"
    body = {"email": email, "name": name, "password": PASSWORD, "roles": ["member"]}
    made = visitor.platform.api.post("/v1/users", body)
    browser = visitor.context.browser
    assert browser is not None
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        found = Visitor(visitor.platform, context, context.new_page())
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page = found.open("/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        found.user = made  # type: ignore[attr-defined]
        with Client(visitor.platform.url, email=email, password=PASSWORD) as api:
            found.api = api  # type: ignore[attr-defined]
            yield found


def options(page: Page, **given: Any) -> Locator:
    """Return what the palette found."""
    return page.get_by_role("listbox", name="What was found").get_by_role("option", **given)


def after(work: Callable[[], Any], place: Locator, text: str) -> float:
    """Do something elsewhere; return after how many seconds the open page shows it."""
    work()
    began = time.monotonic()
    expect(place).to_contain_text(text)
    return time.monotonic() - began


class TestOpenPages:
    def test_a_customer_keeps_up_with_two_people(
        self, visitor: Visitor, colleague: Any, world: World
    ) -> None:
        page, other = visitor.open(world.customer), colleague.open(world.customer)
        page.get_by_label("Note").fill("Half a sen")
        about = [{"type": "contact", "id": world.contact["id"]}]

        took = after(
            lambda: colleague.api.post("/v1/notes", {"body": "From Ben", "subjects": about}),
            page.locator("#contacts"), "From Ben",
        )  # fmt: skip
        expect(other.locator("#contacts")).to_contain_text("From Ben")

        assert took < WITHIN_SECONDS
        expect(page.get_by_label("Note")).to_be_focused()
        expect(page.get_by_label("Note")).to_have_value("Half a sen")
        assert [] == visitor.complaints + colleague.complaints

    def test_a_list_shows_what_is_new_but_keeps_who_was_chosen(
        self, visitor: Visitor, colleague: Any, world: World
    ) -> None:
        page = visitor.open("/contacts")
        mark = uuid.uuid4().hex[:8]

        def adds(name: str) -> Callable[[], Any]:
            return lambda: colleague.api.post("/v1/contacts", {"last_name": name})

        assert after(adds(f"First{mark}"), page.locator("#listed"), f"First{mark}") < WITHIN_SECONDS
        chosen = page.get_by_role("checkbox", name=f"Choose First{mark}")
        chosen.check()
        adds(f"Second{mark}")()
        with page.expect_response(lambda each: "/contacts" in each.url and each.status == 200):
            pass
        expect(chosen).to_be_checked()
        expect(chosen).to_be_focused()
        expect(page.locator("#listed")).not_to_contain_text(f"Second{mark}")
        chosen.uncheck()
        expect(page.locator("#listed")).to_contain_text(f"Second{mark}")
        expect(page.get_by_role("checkbox", name=f"Choose First{mark}")).to_be_focused()
        page.get_by_role("checkbox", name="Choose all on this page").check()
        expect(page.get_by_role("checkbox", name=f"Choose Second{mark}")).to_be_checked()
        assert [] == visitor.complaints

    def test_a_ticket_shows_an_answer_while_one_is_being_typed(
        self, visitor: Visitor, colleague: Any, world: World
    ) -> None:
        page = visitor.open(world.talk)
        page.get_by_label("Reply").fill("Half a rep")
        answer = {"body": "Ben knows", "direction": "out", "visibility": "internal"}

        took = after(
            lambda: colleague.api.post(f"/v1/tickets/{world.ticket['id']}/messages", answer),
            page.locator("#talk"), "Ben knows",
        )  # fmt: skip

        assert took < WITHIN_SECONDS
        expect(page.get_by_label("Reply")).to_be_focused()
        expect(page.get_by_label("Reply")).to_have_value("Half a rep")
        assert [] == visitor.complaints

    def test_a_lead_shows_what_became_of_it_unless_one_types(
        self, visitor: Visitor, colleague: Any
    ) -> None:
        api = colleague.api
        lead = api.post("/v1/leads", {"last_name": f"Open {uuid.uuid4().hex[:6]}"})
        page, path = visitor.open(f"/leads/{lead['id']}"), f"/v1/leads/{lead['id']}"
        page.get_by_text("Give it up").first.click()
        page.get_by_label("Why").fill("No bud")

        changed = api.patch(path, {"company": "Acme"}, version=lead["version"])
        expect(page.locator("#facts")).to_contain_text("Acme", timeout=WITHIN_SECONDS * 1000)
        api.put(f"{path}/qualification", {}, version=changed["version"])
        expect(page.locator("#head")).to_contain_text("Qualified", timeout=WITHIN_SECONDS * 1000)

        expect(page.get_by_label("Why")).to_have_value("No bud")
        expect(page.get_by_role("button", name="It is worth a deal")).to_be_visible()
        assert [] == visitor.complaints

    def test_a_board_moves_what_others_move_under_a_focused_card(
        self, visitor: Visitor, world: World
    ) -> None:
        page, stages = visitor.open(world.board), world.pipeline["stages"]
        card = page.locator(f"#deal-{world.deal['id']}")
        card.focus()

        visitor.platform.api.put(
            f"/v1/deals/{world.deal['id']}/stage", {"stage_id": stages[1]["id"]}, version=1
        )

        there = page.locator(f"#cards-{stages[1]['id']}").locator(card)
        expect(there).to_be_visible(timeout=WITHIN_SECONDS * 1000)
        expect(card).to_have_count(1)
        expect(card).to_be_focused()
        page.keyboard.press("]")
        expect(page.get_by_role("status")).to_contain_text(f"Moved to {stages[2]['name']}")
        assert [] == visitor.complaints


class TestBell:
    def test_rings_where_somebody_is_mentioned_and_is_quiet_when_read(
        self, visitor: Visitor, colleague: Any, world: World
    ) -> None:
        page = colleague.open("/tickets")
        about = [{"type": "contact", "id": world.contact["id"]}]
        body = {"body": f"@{colleague.user['name']} look", "subjects": about}
        _until_known(visitor, colleague.user["id"])

        bell = page.locator("#bell")
        took = after(lambda: visitor.platform.api.post("/v1/notes", body), bell, "1 unread")

        assert took < WITHIN_SECONDS
        page.get_by_role("link", name="Notifications, 1 unread").click()
        expect(page.locator("#listed")).to_contain_text("mentioned you in a note")
        looks_well(page)
        page.set_viewport_size(PHONE)
        looks_well(page)
        page.get_by_role("link", name=world.contact["name"]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(world.contact["name"])
        expect(bell).not_to_contain_text("unread")
        assert [] == colleague.complaints

    @pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE])
    def test_wishes_look_well_and_are_kept(self, visitor: Visitor, viewport: Any) -> None:
        page = visitor.open("/settings/notifications")
        page.set_viewport_size(viewport)
        looks_well(page)

        page.get_by_role("group", name="My team wins a deal").get_by_label("By mail").select_option(
            "Never"
        )
        page.get_by_role("button", name="Save").click()

        expect(page.get_by_text("Saved.")).to_be_visible()

    def test_works_without_scripts(self, visitor: Visitor, colleague: Any) -> None:
        task = {"title": "Sweep", "assignee_id": colleague.user["id"]}
        visitor.platform.api.post("/v1/tasks", task)
        browser = colleague.context.browser
        state = colleague.context.storage_state()
        with browser.new_context(**PLAIN, storage_state=state) as context:
            page = context.new_page()
            _reload_until(page, f"{visitor.platform.url}/notifications", "Sweep")
            page.get_by_role("button", name="Mark Sweep as read").click()
            expect(page.get_by_role("heading", name="Nothing new")).to_be_visible()
            page.goto(f"{visitor.platform.url}/go?q=new contact")
            page.get_by_role("link", name="New contact").click()
            expect(page).to_have_url(f"{visitor.platform.url}/contacts/new")


class TestPalette:
    def test_goes_anywhere_by_keyboard(self, visitor: Visitor, world: World) -> None:
        page = visitor.open("/tickets")

        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox", name="Find or do something")
        expect(box).to_be_focused()
        looks_well(page)
        page.keyboard.type("new dea")
        expect(options(page).first).to_have_text("New deal")
        expect(box).to_have_attribute("aria-activedescendant", "go-1")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{visitor.platform.url}/deals/new")

        page.keyboard.press("Control+k")
        page.keyboard.type(world.contact["last_name"])
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(world.contact["name"])
        assert [] == visitor.complaints

    def test_chooses_by_arrows_and_gives_the_focus_back(self, visitor: Visitor) -> None:
        page = visitor.open("/tickets")
        page.get_by_role("link", name="New ticket").focus()

        page.keyboard.press("/")
        page.keyboard.type("tickets")
        expect(options(page).first).to_have_text("Tickets")
        page.keyboard.press("ArrowDown")
        expect(options(page, selected=True)).to_have_text("My tickets")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(options(page).last).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Escape")

        expect(page.get_by_role("link", name="New ticket")).to_be_focused()
        assert [] == visitor.complaints

    def test_signs_out(self, visitor: Visitor) -> None:
        page = visitor.open("/tickets")

        page.keyboard.press("Control+k")
        page.keyboard.type("sign out")
        page.keyboard.press("Enter")

        expect(page).to_have_url(f"{visitor.platform.url}/sign-in")

    @pytest.mark.parametrize("visitor", [{"viewport": PHONE}], indirect=True)
    def test_fits_a_telephone(self, visitor: Visitor) -> None:
        looks_well(visitor.open("/go"))
        page = visitor.open("/tickets")
        page.keyboard.press("Control+k")
        expect(options(page).first).to_be_visible()
        looks_well(page)


def _until_known(visitor: Visitor, user_id: str) -> None:
    """A name can be mentioned once contacts knows who has it."""
    from crm_chassis.testing import wait_until

    wait_until(lambda: visitor.platform.row("contacts", "user_copy", user_id).get("version"))


def _reload_until(page: Page, url: str, text: str) -> None:
    from crm_chassis.testing import wait_until

    def shows() -> bool:
        page.goto(url)
        return page.get_by_text(text).count() > 0

    wait_until(shows)
