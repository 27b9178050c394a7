"""Invited by mail, in by a link; a forgotten password; accounts of services: as people meet them."""

import mailbox
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import Message

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.looking import looks_well

from crm_chassis import clock
from crm_chassis.testing import wait_until

pytestmark = pytest.mark.browser
PASSWORD, OTHER = "correct horse battery staple", "a quite different sentence"


@pytest.fixture
def mailed(visitor: Visitor) -> Callable[[str, str], str]:
    """`mailed(address, "invitations")` waits for the newest link of a kind, and returns its path."""
    folder = visitor.platform.home / "mail"

    def find(address: str, kind: str) -> str:
        def links() -> list[str]:
            box = mailbox.Maildir(folder, create=False)
            texts = [_text(mail) for mail in box if mail["To"] == address]
            return [link for text in texts for link in re.findall(rf"(/{kind}/[\w-]+)", text)]

        wait_until(lambda: bool(links()), timeout=60, what=f"a mail to {address}")
        return links()[-1]

    return find


def _text(mail: Message) -> str:
    part = mail.get_payload(0) if mail.is_multipart() else mail
    return bytes(part.get_payload(decode=True)).decode()  # type: ignore[union-attr]


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"])
def test_somebody_is_invited_comes_in_and_forgets_the_password(
    visitor: Visitor, chromium: Browser, mailed: Callable[[str, str], str]
) -> None:
    address = f"ben-{uuid.uuid4().hex[:8]}@example.com"
    page = visitor.open("/settings/users")
    looks_well(page)
    page.locator("#invitations").get_by_label("E-mail").fill(address)
    page.get_by_role("button", name="Invite them").click()
    expect(page.locator("#invitations li", has_text=address)).to_contain_text("until")

    size = visitor.page.viewport_size or DESKTOP
    theirs = chromium.new_context(base_url=visitor.platform.url, viewport=size).new_page()
    theirs.goto(mailed(address, "invitations"))
    looks_well(theirs)
    theirs.get_by_label("Your name").fill("Ben Invited")
    theirs.get_by_label("A password").fill(PASSWORD)
    theirs.get_by_role("button", name="Begin").click()
    expect(theirs.get_by_role("button", name="Sign out")).to_be_visible()
    theirs.get_by_role("button", name="Sign out").click()

    looks_well(theirs)
    theirs.get_by_role("link", name="Forgotten your password?").click()
    looks_well(theirs)
    theirs.get_by_label("E-mail address").fill(address)
    theirs.get_by_role("button", name="Send me a link").click()
    expect(theirs.get_by_role("status").first).to_contain_text("a link is on its way")
    looks_well(theirs)
    theirs.goto(mailed(address, "password"))
    looks_well(theirs)
    theirs.get_by_label("A new password").fill(OTHER)
    theirs.get_by_role("button", name="Take this password").click()
    theirs.get_by_label("E-mail address").fill(address)
    theirs.get_by_label("Password").fill(OTHER)
    theirs.get_by_role("button", name="Sign in").click()
    expect(theirs.get_by_role("button", name="Sign out")).to_be_visible()
    theirs.context.close()
    assert [] == visitor.complaints


@pytest.mark.parametrize("visitor", [{}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"])
def test_a_service_is_added_and_given_a_key(visitor: Visitor) -> None:
    name = f"Shop {uuid.uuid4().hex[:8]}"
    page = visitor.open("/settings/users")
    page.locator("#services").get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add the service").click()
    account = page.locator("#services details", has_text=name)
    account.locator("summary").click()
    account.get_by_label("New key for").fill("nightly")
    until = (clock.now() + timedelta(days=30)).date().isoformat()
    account.get_by_label("Until").fill(until)
    account.get_by_role("button", name="Make the key").click()

    expect(page.get_by_role("status").filter(has_text="shown this once")).to_contain_text("crm_k_")
    looks_well(page)
    assert [] == visitor.complaints
