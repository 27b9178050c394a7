"""Ids of others' records, accepted unseen: each gets its place in our copy before we store it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from crm_chassis import copies

_COPY_OF = {
    "account_id": "account_copy",
    "primary_contact_id": "contact_copy",
    "contact_id": "contact_copy",
    "owner_id": "user_copy",
}


def referred(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields, with the ids of merged records replaced by those of their survivors."""
    settled = dict(fields)
    for name in _COPY_OF.keys() & settled.keys():
        if settled[name] is not None:
            settled[name] = copies.refer(session, _COPY_OF[name], settled[name])
    if settled.get("contact_ids"):
        people = (copies.refer(session, "contact_copy", each) for each in settled["contact_ids"])
        settled["contact_ids"] = list(dict.fromkeys(people))
    return settled
