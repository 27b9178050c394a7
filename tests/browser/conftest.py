"""A signed-in browser, and a customer with deals and tickets to look at."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.running import Platform

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_MS = 30_000  # test machines are busy
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@dataclass
class World:
    """What a test's browser finds."""

    contact: dict[str, Any]
    deal: dict[str, Any]
    ticket: dict[str, Any]
    pipeline: dict[str, Any]

    @property
    def customer(self) -> str:
        return f"/customers/{self.contact['id']}"

    @property
    def board(self) -> str:
        return f"/pipelines/{self.pipeline['id']}/board"

    @property
    def talk(self) -> str:
        return f"/tickets/{self.ticket['id']}"

    @property
    def pages(self) -> tuple[str, ...]:
        search = f"/?q={self.contact['last_name']}"
        return ("/", search, self.customer, self.board, "/tickets", self.talk, "/nothing-here")


@dataclass
class Visitor:
    """Opens pages of the platform, and remembers what the browser complained about."""

    platform: Platform
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.platform.url + path)
        return self.page

    def has_field(self, key: str, type_: str, label: str) -> None:
        """Give contacts a field, unless they have it."""
        body = {"object": "contact", "key": key, "type": type_, "label": label}
        assert self.platform.once("POST", "/v1/fields", json=body).status_code in {201, 409}

    def sign_in(self) -> "Visitor":
        admin = self.platform
        self.open("/sign-in")
        self.page.get_by_label("E-mail address").fill(admin.email)
        self.page.get_by_label("Password").fill(admin.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()
        return self


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium on this machine")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def world(platform: Platform) -> World:
    """A customer of this test alone."""
    client, mark = platform.api, uuid.uuid4().hex[:8].capitalize()
    contact = client.post(
        "/v1/contacts",
        {
            "first_name": "Ada",
            "last_name": f"L{mark}",
            "emails": [{"value": f"{mark}@example.com"}],
        },
    )
    deal = client.post(
        "/v1/deals",
        {
            "name": f"Arm {mark}",
            "amount": {"amount": "4800.00", "currency": "EUR"},
            "primary_contact_id": contact["id"],
        },
    )
    ticket = client.post(
        "/v1/tickets",
        {"subject": f"Broken {mark}", "body": "It does not stop.", "requester_id": contact["id"]},
    )
    pipeline = client.get(f"/v1/pipelines/{deal['pipeline_id']}")
    return World(contact, deal, ticket, pipeline)


@pytest.fixture
def visitor(
    platform: Platform, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    """A signed-in administrator; parametrise indirectly with options of the browser's context."""
    options = {"viewport": DESKTOP, **getattr(request, "param", {})}
    with chromium.new_context(**options) as context:
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(platform, context, context.new_page())
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitor.page.on("console", lambda line: _note(visitor, line))
        yield visitor.sign_in()


def _note(visitor: Visitor, line: Any) -> None:
    if line.type == "error" and "Failed to load resource" not in line.text:
        visitor.complaints.append(line.text)
