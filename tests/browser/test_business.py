"""Deals, leads, tickets, documents, relationships and segments by hand: desk, telephone, no scripts."""

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE, Visitor
from tests.browser.looking import PLAIN, looks_well

from crm_chassis.testing import wait_until

pytestmark = pytest.mark.browser
DESK_AND_PHONE = pytest.mark.parametrize(
    "visitor", [{}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"]
)


def word() -> str:
    return "B" + uuid.uuid4().hex[:8]


def defined(visitor: Visitor, of: str, **body: object) -> str:
    """Have a field of the company's own, known to the owner of the records; return its key."""
    key = f"f{uuid.uuid4().hex[:10]}"
    field = visitor.platform.api.post(
        "/v1/fields", {"object": of, "key": key, "label": f"Own {key}", **body}
    )
    service = "support" if of == "ticket" else "sales"
    wait_until(lambda: visitor.platform.row(service, "field_copy", field["id"]), timeout=30)
    return key


@DESK_AND_PHONE
def test_a_deal_is_opened_changed_and_gets_roles(visitor: Visitor) -> None:
    key, name = defined(visitor, "deal", type="number"), word()
    ada = visitor.platform.contact()
    page = visitor.open("/deals/new")
    looks_well(page)

    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Amount").fill("12.50")
    page.get_by_label(f"Own {key}").fill("7")
    page.get_by_label("Main contact").fill(ada["name"])
    page.get_by_role("button", name="Open the deal").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator(".facts")).to_contain_text(f"Own {key}")
    looks_well(page)
    page.get_by_label(f"Role of {ada['name']}").fill("champion")
    page.get_by_role("button", name="Save the roles").click()
    expect(page.get_by_label(f"Role of {ada['name']}")).to_have_value("champion")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Next step").fill("Call them")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts")).to_contain_text("Call them")
    (deal,) = visitor.platform.items("/v1/deals", q=name)
    assert ({key: 7}, "champion") == (deal["custom"], deal["contact_roles"][0]["role"])
    assert [] == visitor.complaints


@DESK_AND_PHONE
def test_a_lead_goes_its_way(visitor: Visitor) -> None:
    key, name = defined(visitor, "lead", type="bool"), word()
    page = visitor.open("/leads/new")
    page.get_by_label("Last name").fill(name)
    page.get_by_label(f"Own {key}").select_option("true")
    looks_well(page)
    page.get_by_role("button", name="Capture the lead").click()
    expect(page.locator(".facts")).to_contain_text("Yes")
    looks_well(page)
    page.get_by_role("button", name="It is worth a deal").click()
    expect(page.locator(".states")).to_contain_text("Qualified")

    page = visitor.open(f"/leads?q={name}")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    looks_well(page)
    visitor.open("/leads?q=nobody-is-called-like-that")
    expect(page.get_by_role("heading", name="No leads like that")).to_be_visible()
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["plain"])
def test_a_ticket_is_opened_without_scripts(visitor: Visitor) -> None:
    key, subject = defined(visitor, "ticket", type="string"), word()
    page = visitor.open("/tickets/new")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("What the customer wrote").fill("It squeaks.")
    page.get_by_label(f"Own {key}").fill("Dust")

    page.get_by_role("button", name="Open the ticket").click()

    expect(page.locator(".facts")).to_contain_text("Dust")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label(f"Own {key}").fill("Rust")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts")).to_contain_text("Rust")


@DESK_AND_PHONE
def test_documents_are_found_and_added(visitor: Visitor, tmp_path: Path) -> None:
    title, folder = word(), word()
    file = tmp_path / "offer.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    page = visitor.open("/documents")
    looks_well(page)
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Title").fill(title)
    page.get_by_role("textbox", name="Folder").fill(folder)
    page.get_by_label("Valid until").fill("2020-01-31")
    page.get_by_role("button", name="Add the document").click()

    expect(page.get_by_role("link", name=title)).to_be_visible()
    page = visitor.open(f"/documents?folder={folder}&until=past")
    expect(page.get_by_role("link", name=title)).to_be_visible()
    looks_well(page)
    page = visitor.open(f"/documents?folder={folder}&kind=nda")
    expect(page.get_by_role("heading", name="No documents like that")).to_be_visible()
    assert [] == visitor.complaints


@DESK_AND_PHONE
def test_relationships_are_told_and_their_kinds_named(visitor: Visitor) -> None:
    ada, bo, kind = visitor.platform.contact(), visitor.platform.contact(), word()
    page = visitor.open("/settings/relationships")
    page.get_by_label("One end is the other's").fill(f"{kind} of")
    page.get_by_label("And the other way round").fill(f"{kind}ed by")
    page.get_by_role("button", name="Add the kind").click()
    expect(page.get_by_label(f"One end of {kind} of")).to_be_visible()
    looks_well(page)

    page = visitor.open(f"/customers/{ada['id']}/relationships")
    page.get_by_label(f"{ada['name']} is").select_option(label=f"{kind}ed by")
    page.get_by_label("Whom").fill(bo["name"])
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("link", name=bo["name"])).to_be_visible()
    looks_well(page)
    (told,) = visitor.platform.items("/v1/relationships", subject_id=ada["id"])
    assert (bo["id"], ada["id"]) == (told["from"]["id"], told["to"]["id"])
    page.get_by_role("button", name=f"Take away: {kind}ed by").click()
    expect(page.get_by_role("heading", name="None that we know of")).to_be_visible()
    assert [] == visitor.complaints


@DESK_AND_PHONE
def test_a_segment_is_snapped_and_given_back(visitor: Visitor) -> None:
    ada, name = visitor.platform.contact(), word()
    api = visitor.platform.api
    body = {"name": name, "type": "static", "member_ids": [ada["id"]]}
    segment = api.post("/v1/segments", body)
    path = f"/v1/segments/{segment['id']}"
    wait_until(lambda: api.get(f"{path}/tally")["size"] == 1, timeout=30)
    page = visitor.open(f"/segments?q={name}")
    expect(page.get_by_text("one contact")).to_be_visible()
    looks_well(page)
    page.get_by_role("link", name=name).click()
    page.get_by_label("Name of a new one").fill(f"{name} then")
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_role("link", name=f"{name} then")).to_be_visible()
    looks_well(page)
    page.get_by_role("button", name=f"Restore {name} then").click()
    expect(page.get_by_role("link", name=ada["name"])).to_be_visible()
    assert [] == visitor.complaints


@DESK_AND_PHONE
def test_a_segment_is_made_changed_and_put_away(visitor: Visitor) -> None:
    tag, name = word(), word()
    ada = visitor.platform.contact(tags=[tag])
    page = visitor.open("/segments")
    page.get_by_role("link", name="New segment").click()
    looks_well(page)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Field of condition 1").select_option("Tags")
    page.get_by_label("How condition 1 compares").select_option("contains")
    page.get_by_label("Value of condition 1").fill(tag)

    def shows_ada() -> bool:
        page.get_by_role("button", name="Who would be in it?").click()
        page.get_by_role("status").filter(has_text="as of now").wait_for()
        return page.get_by_role("link", name=ada["name"]).count() == 1

    wait_until(shows_ada, timeout=30)
    looks_well(page)
    page.get_by_role("button", name="Make the segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("#members").get_by_role("link", name=ada["name"])).to_be_visible()
    looks_well(page)

    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Value of condition 1")).to_have_value(tag)
    page.get_by_label("Value of condition 1").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Condition 1: type the value.")
    looks_well(page)
    page.get_by_role("button", name="Put this segment away").click()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    assert [] == visitor.complaints


@DESK_AND_PHONE
def test_a_rule_of_deals_is_tried(visitor: Visitor) -> None:
    source = word()
    visitor.platform.deal(visitor.platform.contact(), source=source)
    page = visitor.open("/settings/rules?object=deal")
    page.get_by_label("Name").first.fill("Needs a step")
    page.get_by_label("What people are told").fill("What comes next?")
    page.get_by_label("Field", exact=True).select_option("source")
    page.get_by_label("Condition").select_option(label="is")
    page.get_by_label("Value").fill(source)
    page.get_by_label("Fields").select_option("next_step")
    page.get_by_role("button", name="Try it on what is there").click()

    expect(page.locator("#trial")).to_contain_text("1 of 1 would break it.")
    looks_well(page)
    assert [] == visitor.complaints
