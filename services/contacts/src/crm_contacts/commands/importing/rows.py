"""A row of a file as it is kept until it is taken over."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import orjson

from crm_contacts.model.interchange import RowStatus
from crm_contacts.queries.imports import Row
from crm_interchange import Draft, Nobody, Record

Check = Callable[[Mapping[str, Any]], dict[str, Any]]
_LONGEST_ID = 200


class RowRefused(Exception):
    """A row that cannot become a contact; the API would refuse it for the same reasons."""

    def __init__(self, reasons: list[str]) -> None:
        """Give the reasons, each with its field."""
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def kept(
    number: int, record: Record, draft: Callable[[], Draft], *, source: str, check: Check
) -> Row:
    """Return the row a record becomes: checked as the API does, with the keys it is known by."""
    place: dict[str, Any] = {
        "number": number, "line": record.line, "start_at": record.start, "end_at": record.end,
    }  # fmt: skip
    try:
        found = draft()
        fields = check({"source": source, **found.body})
    except Nobody as nobody:
        return Row(**place, status=RowStatus.REFUSED, reasons=[str(nobody)])
    except RowRefused as refused:
        return Row(**place, status=RowStatus.REFUSED, reasons=refused.reasons)
    body: dict[str, Any] = {"fields": fields}
    for name in ("company", "domain", "external_id"):
        if value := getattr(found, name):
            body[name] = value[:_LONGEST_ID]
    return Row(**place, status=RowStatus.READ, body=body, keys=_keys(body))


def _keys(body: Mapping[str, Any]) -> list[str]:
    """What a row is known by: `x:` their id, `i:` ours, `e:` an address, `r:` all that it says."""
    external_id = body.get("external_id")
    found = [f"e:{each['value']}" for each in body["fields"].get("emails", ())]
    if external_id is None:
        said = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        return [*found, f"r:{hashlib.sha256(said).hexdigest()[:40]}"]
    ours = [f"i:{contact_id}"] if (contact_id := _id(external_id)) else []
    return [*found, *ours, f"x:{external_id}"]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
