"""What every page is looked at for: accessible, and no wider than the screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
PLAIN = {"java_script_enabled": False}


def looks_well(page: Page) -> None:
    """Assert that nothing stands in anybody's way."""
    found = Axe().run(page, options=WCAG).response["violations"]

    assert [] == [(each["id"], [n["html"][:160] for n in each["nodes"]]) for each in found], (
        page.url
    )
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, (page.url, wide)
