"""Going anywhere: pages and actions by name, and every record; as a page, or as one types."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, redirect, request

from crm_chassis import web
from crm_gateway.console import home
from crm_gateway.console import pages as rendering
from crm_gateway.console.deeds import SETTINGS, Deed, settings_of

MOST_DEEDS, MOST_FOUND = 8, 8

pages = Blueprint("going", __name__)
DEEDS = (
    Deed("New contact", "/contacts/new", "create add person", ("contact", "create")),
    Deed("New account", "/accounts/new", "create add company", ("account", "create")),
    Deed("New deal", "/deals/new", "create add sale", ("deal", "create")),
    Deed("New lead", "/leads/new", "create add capture", ("lead", "create")),
    Deed("New ticket", "/tickets/new", "create add question complaint", ("ticket", "create")),
    Deed("New task", "/tasks#t-title", "create add to do", ("task", "create")),
    Deed("Customers", "/", "home start newest", ("contact", "read")),
    Deed("Contacts", "/contacts", "people list", ("contact", "read")),
    Deed("Accounts", "/accounts", "companies list", ("account", "read")),
    Deed("My tasks", "/tasks", "to do", ("task", "read")),
    Deed("Overdue tasks", "/tasks?tab=overdue", "late", ("task", "read")),
    Deed("Boards", "/boards", "tasks kanban", ("task", "read")),
    Deed("Deals", "/deals", "pipeline board sales", ("deal", "read")),
    Deed("Leads", "/leads", "", ("lead", "read")),
    Deed("Tickets", "/tickets", "support", ("ticket", "read")),
    Deed("My tickets", "/tickets?assignee=me", "support", ("ticket", "read")),
    Deed("Segments", "/segments", "marketing", ("segment", "read")),
    Deed("New segment", "/segments/new", "create add list marketing", ("segment", "create")),
    Deed("Documents", "/documents", "files contracts", ("document", "read")),
    Deed("Duplicates", "/duplicates", "merge twice", ("contact", "merge")),
    Deed("Import contacts", "/imports", "bring in csv vcard file", ("contact", "create")),
    Deed("Visitors", "/visitors", "web", ("identity", "read")),
    Deed("Data quality", "/quality", "audit completeness", ("contact", "read")),
    Deed("Tags", "/tags", "", ("contact", "read")),
    Deed("Notifications", "/notifications", "news bell"),
    Deed("What I am told", "/settings/notifications", "notification preferences mail digest"),
    Deed("My account", "/settings/me", "password codes sessions"),
    *SETTINGS,
    Deed("Sign out", "", "log out leave", form="sign-out"),
)  # fmt: skip


@pages.get("/go")
def go() -> Response:
    """Show what some words may mean; nothing typed: every page and action."""
    text = request.args.get("q", "").strip()[:200]
    deeds = list(_deeds(text))
    found = list(_found(text)) if text else []
    if rendering.wants_fragment():
        html = rendering.block("go.html", "options", q=text, deeds=deeds[:MOST_DEEDS], found=found)
        return Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})
    return rendering.page("go.html", q=text, deeds=deeds, found=found)


@pages.get("/settings")
def settings() -> Any:
    """Go to the first of the settings that somebody has a right to: everybody has their own."""
    mine = settings_of(web.principal())
    return redirect(mine[0].href if mine else "/settings/me", 303)


def _deeds(text: str) -> Iterator[Deed]:
    """Yield what begins with the words typed, by its label first, then by what else it is called."""
    who, typed = web.principal(), text.casefold().split()
    mine = [each for each in DEEDS if each.is_open_to(who)]
    by_label = [each for each in mine if _begins(typed, each.label)]
    yield from by_label
    yield from (
        each
        for each in mine
        if each not in by_label and _begins(typed, f"{each.label} {each.words}")
    )


def _begins(typed: list[str], words: str) -> bool:
    known = words.casefold().split()
    return all(any(word.startswith(each) for word in known) for each in typed)


def _found(text: str) -> Iterator[dict[str, Any]]:
    for each in rendering.viewer().search(text, web.principal(), limit=MOST_FOUND):
        if href := home.href(each):
            yield {"title": each["title"], "kind": each["kind"], "href": href}
