"""Contacts as people keep them: a list with saved views, a form, a page; by hand and by key."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, Visitor, World
from tests.browser.looking import PLAIN, looks_well

pytestmark = pytest.mark.browser


@pytest.fixture
def tag(visitor: Visitor) -> str:
    """A tag that two contacts have."""
    made = f"t{uuid.uuid4().hex[:8]}"
    for name in ("Ann", "Bob"):
        visitor.platform.contact(first_name=name, tags=[made])
    return made


class TestList:
    def test_is_filtered_and_kept_as_a_tab(self, visitor: Visitor, tag: str) -> None:
        page = visitor.open("/contacts")
        page.get_by_label("Tag", exact=True).first.fill(tag)
        page.get_by_label("Sorted by").select_option("name")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator("tbody tr")).to_have_count(2)

        page.get_by_text("Save this view").click()
        page.get_by_label("Name", exact=True).fill(f"View {tag}")
        page.get_by_label("Shown to").select_option("all")
        page.get_by_role("button", name="Save as a new view").click()

        expect(page.get_by_role("link", name=f"View {tag}")).to_have_attribute(
            "aria-current", "page"
        )
        expect(page.locator("tbody tr")).to_have_count(2)
        assert [] == visitor.complaints

    def test_several_are_chosen_by_key_and_tagged(self, visitor: Visitor, tag: str) -> None:
        page = visitor.open(f"/contacts?tag={tag}")

        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator("[data-picked]")).to_have_text("(2)")
        page.locator("#b-tag").fill(f"{tag}-more")
        page.get_by_role("button", name="Do it").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("2 of 2 done")
        assert 2 == len(visitor.platform.items("/v1/contacts", tag=f"{tag}-more"))
        assert [] == visitor.complaints

    @pytest.mark.parametrize("visitor", [PLAIN], indirect=True)
    def test_works_without_javascript(self, visitor: Visitor, tag: str) -> None:
        page = visitor.open(f"/contacts?tag={tag}")

        page.locator("tbody input[type=checkbox]").first.check()
        page.get_by_label("Do", exact=True).select_option("archive")
        page.get_by_role("button", name="Do it").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("1 of 1 done")
        page.get_by_role("link", name="Back to the list").click()
        expect(page.locator("tbody tr")).to_have_count(1)


class TestForm:
    def test_is_opened_in_place_and_saved(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.customer)

        page.get_by_role("link", name="Edit", exact=True).click()
        page.get_by_label("Job title").fill("Captain")
        page.get_by_label("Telephone number 1", exact=True).fill("+49 30 901820")
        page.get_by_role("button", name="Save", exact=True).click()

        expect(page.locator("#who")).to_contain_text("Captain")
        expect(page.locator("#contacts")).to_contain_text("+4930901820")
        assert [] == visitor.complaints

    def test_keeps_what_was_typed_when_somebody_was_faster(
        self, visitor: Visitor, world: World
    ) -> None:
        path = f"/contacts/{world.contact['id']}/edit"
        page = visitor.open(path)
        page.get_by_label("Job title").fill("Captain")
        change = {"job_title": "Cook", "department": "Galley"}
        visitor.platform.api.patch(f"/v1{path.removesuffix('/edit')}", change, version=1)

        page.get_by_role("button", name="Save", exact=True).click()

        expect(page.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile")
        expect(page.locator(".meanwhile")).to_contain_text("Job title is now Cook")
        expect(page.get_by_label("Job title")).to_have_value("Captain")
        expect(page.get_by_label("Department")).to_have_value("Galley")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#who")).to_contain_text("Captain")

    def test_says_who_it_may_be_already(self, visitor: Visitor) -> None:
        """C6: one who is here already is opened, taken up anyway, or merged into."""
        name = uuid.uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop")).title()
        person = {"first_name": "Rosalind", "last_name": name, "birthday": "1970-04-01"}
        known = visitor.platform.api.post("/v1/contacts", person)
        policy = visitor.platform.api.get("/v1/duplicates/policy")
        visitor.platform.api.put("/v1/duplicates/policy", {"rule": "block"})
        try:
            page = visitor.open("/contacts/new")
            page.get_by_label("First name").fill("Rosalind")
            page.get_by_label("Last name").fill(name)
            page.get_by_label("Birthday").fill("1970-04-01")
            page.get_by_label("Department").fill("Law")
            page.get_by_role("button", name="Take up", exact=True).click()
            expect(page.get_by_role("alert")).to_contain_text("may be somebody who is here")

            page.get_by_role("button", name="Merge into this one").click()
            page.get_by_role("button", name="Save", exact=True).click()

            expect(page.locator("#who")).to_contain_text(name)
            merged = visitor.platform.api.get(f"/v1/contacts/{known['id']}")
            assert "Law" == merged["department"]
        finally:
            visitor.platform.api.put("/v1/duplicates/policy", {"rule": policy["rule"]})


class TestPage:
    def test_wishes_and_consents_are_written_down(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.customer)

        page.get_by_text("Change the wishes").click()
        page.get_by_label("How many by email").fill("2")
        page.get_by_role("button", name="Save the wishes").click()
        expect(page.locator("#contacts")).to_contain_text("at most 2 a week")

        page.get_by_text("Write down a consent").click()
        page.get_by_label("How we know").fill("Told Ben")
        page.get_by_label("Legal basis").select_option("contract")
        page.get_by_label("Why it holds").fill("Part of the order")
        page.get_by_role("button", name="Write down", exact=True).click()
        expect(page.locator("#contacts")).to_contain_text("Granted")
        expect(page.locator("#contacts")).to_contain_text("Contract · Told Ben · Part of the order")
        assert [] == visitor.complaints

    def test_a_note_is_answered_pinned_and_liked(self, visitor: Visitor, world: World) -> None:
        page = visitor.open(world.customer)
        page.get_by_label("Note", exact=True).fill("Likes mornings")
        page.get_by_role("button", name="Add note").click()
        note = page.locator(".note").filter(has_text="Likes mornings").first

        note.get_by_role("button", name="Pin to the top").click()
        expect(note).to_contain_text("Pinned")
        note.get_by_role("button", name="Like").click()
        expect(note.get_by_role("button", name="Like, 1")).to_be_visible()
        note.get_by_text("Answer", exact=True).first.click()
        note.get_by_label("Answer").fill("So do I")
        note.get_by_role("button", name="Answer").click()
        expect(page.locator(".answer")).to_contain_text("So do I")
        assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True)
def test_pages_are_accessible_and_fit(visitor: Visitor, world: World, tag: str) -> None:
    contact: dict[str, Any] = world.contact
    paths = (
        "/contacts", f"/contacts?tag={tag}&column=phones&column=tags", "/contacts?q=zzzzzz",
        "/contacts/new", f"/contacts/{contact['id']}/edit", world.customer, "/tags", world.talk,
    )  # fmt: skip
    for path in paths:
        looks_well(visitor.open(path))


def test_a_service_that_is_down_is_named(visitor: Visitor, world: World) -> None:
    visitor.platform.stop("roles:contacts-serve")
    try:
        for path in ("/contacts", f"/contacts/{world.contact['id']}/edit"):
            page = visitor.open(path)
            expect(page.get_by_role("alert").first).to_contain_text("cannot be shown now")
    finally:
        visitor.platform.heal()
