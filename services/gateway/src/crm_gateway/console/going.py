"""Going anywhere: pages and actions by name, and every record; as a page, or as one types."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from crm_chassis import web
from crm_chassis.auth import Principal
from crm_chassis.rights import Range
from crm_gateway.console import home
from crm_gateway.console import pages as rendering

MOST_DEEDS, MOST_FOUND = 8, 8

pages = Blueprint("going", __name__)


@dataclass(frozen=True, slots=True)
class Deed:
    """A page to go to or an action, for who has the right; `form`: it is sent, not gone to."""

    label: str
    href: str
    words: str = ""
    needs: tuple[str, str] | None = None
    is_for_admins: bool = False
    form: str = ""

    def is_open_to(self, who: Principal) -> bool:
        """Say whether somebody may do it."""
        if who.is_admin or (self.needs is None and not self.is_for_admins):
            return True
        return self.needs is not None and who.rights.range_of(*self.needs) is not Range.NONE


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
    Deed("Fields", "/settings/fields", "settings custom", is_for_admins=True),
    Deed("Rules", "/settings/rules", "settings validation", is_for_admins=True),
    Deed("Kinds of relationships", "/settings/relationships", "settings", is_for_admins=True),
    Deed("Webhooks", "/settings/webhooks", "settings integration", is_for_admins=True),
    Deed("Mail that failed", "/settings/mail", "settings e-mail smtp", is_for_admins=True),
    Deed("Roles", "/settings/roles", "settings rights permissions", is_for_admins=True),
    Deed("Users and teams", "/settings/users", "settings people", is_for_admins=True),
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
