"""Lists of contacts and accounts as they are asked for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from crm_chassis import clock, web
from crm_contacts.queries import asking, lists
from crm_contacts.queries.rulebook import rulebook
from crm_fields.objects import Held

Filters = Mapping[str, Any]


def contacts(filters: Filters, *, account_id: UUID | None = None) -> Response:
    """Answer with a page of contacts, of an account if it is named."""
    rest, conditions = _asked(Held.CONTACT, filters)
    found = lists.contacts(rest)
    if account_id is not None:
        found = lists.contacts_of_account(account_id, rest)
    return web.listing(
        found.where(*conditions),
        kind="contact",
        id_column=asking.RECORDS[Held.CONTACT].model.id,
        sorts=lists.CONTACT_SORTS,
        args=filters,
    )


def accounts(filters: Filters) -> Response:
    """Answer with a page of accounts."""
    rest, conditions = _asked(Held.ACCOUNT, filters)
    return web.listing(
        lists.accounts(rest).where(*conditions),
        kind="account",
        id_column=asking.RECORDS[Held.ACCOUNT].model.id,
        sorts=lists.ACCOUNT_SORTS,
        args=filters,
    )


def _asked(held: Held, filters: Filters) -> tuple[dict[str, Any], list[Any]]:
    """Only who asks for the company's own fields has to know them."""
    if not {"where", "custom", "q"} & filters.keys():
        return dict(filters), []
    with web.sessions()() as session:
        part = rulebook(session).of[held]
    return asking.asked(part, filters, now=clock.now())
