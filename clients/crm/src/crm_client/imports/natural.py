"""Rows without an e-mail address: known again by source, name, account and telephone numbers."""

import re
from typing import Any

from crm_client.client import Client
from crm_client.imports.rows import Row

_DIGITS_COMPARED = 7
_NOT_DIGIT = re.compile(r"\D")
Key = tuple[str, str, str, frozenset[str]]


def without_known(client: Client, rows: list[Row]) -> list[Row]:
    """Leave out rows without an address that an earlier import, or an earlier row, brought."""
    nameless = [row for row in rows if not row.emails]
    if not nameless:
        return rows
    sources = {row.body["source"] for row in nameless}
    known = {
        key(contact)
        for source in sources
        for contact in client.pages("/v1/contacts", source=source)
        if not contact["emails"]
    }
    kept = []
    for row in rows:
        if not row.emails:
            if key(row.body) in known:
                continue
            known.add(key(row.body))
        kept.append(row)
    return kept


def key(contact: dict[str, Any]) -> Key:
    """Return what tells a contact without an address from others; numbers by their last digits."""
    numbers = (_NOT_DIGIT.sub("", phone["value"]) for phone in contact.get("phones") or ())
    return (
        (contact.get("first_name") or "").strip().casefold(),
        (contact.get("last_name") or "").strip().casefold(),
        contact.get("account_id") or "",
        frozenset(number[-_DIGITS_COMPARED:] for number in numbers),
    )
