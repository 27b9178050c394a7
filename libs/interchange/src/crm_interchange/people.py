"""A person as a file describes them, on the way to becoming the body of a contact."""

from dataclasses import dataclass
from typing import Any

_NAMED = ("first_name", "last_name", "emails", "phones")


class Nobody(ValueError):
    """What was read means no person; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A contact to be; `company` and `domain` name the account it belongs to.

    `body` is as the API takes it, its values not yet normalised nor checked.
    """

    body: dict[str, Any]
    company: str | None = None
    domain: str | None = None
    external_id: str | None = None


def draft_of(found: dict[str, Any]) -> Draft:
    """Return the draft of fields that were found. Raises Nobody where there is no one to name."""
    if not any(found.get(name) for name in _NAMED):
        raise Nobody("no name, e-mail address or telephone number")
    if places := found.pop("places", None):
        found["addresses"] = [
            place if label == "main" else {**place, "label": label}
            for label, place in places.items()
        ]
    return Draft(
        company=found.pop("company", None),
        domain=found.pop("domain", None),
        external_id=found.pop("external_id", None),
        body=found,
    )


def add_point(points: list[dict[str, Any]], value: str, label: str | None) -> None:
    """Add an address or number that is not there yet; the first is the primary."""
    if any(each["value"].casefold() == value.casefold() for each in points):
        return
    points.append({"value": value, "primary": not points, **({"label": label} if label else {})})


def split_name(full: str) -> dict[str, str | None]:
    """Return first and last name of a full one: the last word, or what stands before a comma."""
    first, _, last = full.rpartition(" ")
    if "," in full:
        last, _, first = (part.strip() for part in full.partition(","))
    return {"first_name": first.strip() or None, "last_name": last.strip() or None}
