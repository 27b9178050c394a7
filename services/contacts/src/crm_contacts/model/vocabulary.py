"""A record's values by the names that rules and lists know, and which texts are written otherwise."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from crm_contacts.model.values import PointKind
from crm_fields.objects import ADDRESS_PARTS, FIELDS, Held
from crm_fields.rulebook import custom_values

# Texts that naming rules may write otherwise.
WRITABLE: Mapping[Held, frozenset[str]] = {
    Held.CONTACT: frozenset({
        "first_name", "last_name", "job_title", "department", "source",
        *(f"address.{part}" for part in ADDRESS_PARTS),
    }),
    Held.ACCOUNT: frozenset({"name", "legal_name", "industry", "size_band"}),
}  # fmt: skip


class Person(Protocol):
    """A contact, or somebody who is about to be one."""

    custom: dict[str, Any]
    addresses: list[dict[str, Any]]

    def points_of(self, kind: PointKind) -> Any:
        """E-mail addresses, or telephone numbers, in order."""


def values_of(held: Held, record: Any) -> dict[str, Any]:
    """Return a record's values by the names that rules use; of what it has several, the first."""
    own = FIELDS[held]
    values = {name: getattr(record, name) for name in own if hasattr(record, name)}
    values["lifecycle"] = str(values["lifecycle"])
    if held is Held.CONTACT:
        values |= _reach(record)
    return values | custom_values(record.custom)


def _reach(contact: Person) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, one, many in (
        (PointKind.EMAIL, "email", "emails"), (PointKind.PHONE, "phone", "phones"),
    ):  # fmt: skip
        points = contact.points_of(kind)
        found[many] = [point.value for point in points]
        found[one] = next((point.value for point in points if point.is_primary), None)
    first: Mapping[str, Any] = contact.addresses[0] if contact.addresses else {}
    return found | {f"address.{part}": first.get(part) for part in ADDRESS_PARTS}


def rewritten(
    held: Held, fields: Mapping[str, Any], name: str, write: Callable[[str], str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return fields of the API with one of them written otherwise, and each old and new text."""
    group, _, part = name.partition(".")
    changed: list[tuple[str, str]] = []

    def again(value: Any) -> Any:
        if not isinstance(value, str) or (new := write(value)) == value:
            return value
        changed.append((value, new))
        return new

    found = dict(fields)
    if group == "address" and isinstance(fields.get("addresses"), list):
        found["addresses"] = [
            {**each, part: again(each[part])} if each.get(part) else each
            for each in fields["addresses"]
        ]
    elif group == "custom" and part in (fields.get("custom") or {}):
        found["custom"] = {**fields["custom"], part: again(fields["custom"][part])}
    elif name in fields and held in FIELDS:
        found[name] = again(fields[name])
    return found, changed
