"""More of somebody who is there already: what a row adds to a contact, and what it was before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_contacts import events
from crm_contacts.model.contact import Contact
from crm_contacts.model.point import AccountContact, ContactPoint
from crm_contacts.model.values import ContactLifecycle, Link, Point, PointKind, merged

_KINDS = {"emails": PointKind.EMAIL, "phones": PointKind.PHONE}
_LISTED = ("tags", "addresses")
_STAYS = frozenset({"source"})


def change(
    session: Session,
    contact: Contact,
    fields: Mapping[str, Any],
    account_id: UUID | None,
    *,
    now: datetime,
) -> dict[str, Any] | None:
    """Take a row's fields over: single values replace, lists grow. None: nothing differs.

    Returns what was there before, for a revert.
    """
    changes = _changes(contact, fields)
    joins = account_id is not None and all(link.account_id != account_id for link in contact.links)
    if not changes and not joins:
        return None
    before = snapshot(contact, [*changes, *(["account_links"] if joins else [])])
    lifecycle = contact.lifecycle
    contact.change(changes)
    if account_id is not None and joins:
        contact.join(account_id)
    told = events.contact_updated
    if contact.lifecycle is not lifecycle:
        told = events.contact_lifecycle_changed
    outbox.add(session, told, contact, at=now)
    return before


def put_back(
    session: Session, contact: Contact, before: Mapping[str, Any], *, at: datetime
) -> None:
    """Have the fields of `before` again as they were."""
    lifecycle = contact.lifecycle
    values = restored(before)
    for name in ("custom", "secret"):
        setattr(contact, name, values.pop(name, getattr(contact, name)))
    contact.change(values)
    told = events.contact_updated
    if contact.lifecycle is not lifecycle:
        told = events.contact_lifecycle_changed
    outbox.add(session, told, contact, at=at)


def _changes(contact: Contact, fields: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _STAYS:
            continue
        new: Any
        if name in _KINDS:
            new = grown_points(contact.points_of(_KINDS[name]), value)
        elif name in _LISTED:
            held = getattr(contact, name)
            more = [each for each in value if each not in held]
            new = [*held, *more] if more else None
        elif name in {"custom", "secret"}:
            held = getattr(contact, name)
            new = value if merged(held, value) != held else None
        elif name == "lifecycle":
            new = ContactLifecycle(value) if value != contact.lifecycle else None
        else:
            new = value if value != getattr(contact, name) else None
        if new is not None:
            found[name] = new
    return found


def grown_points(
    held: Sequence[ContactPoint], wanted: Iterable[Mapping[str, Any]]
) -> list[Point] | None:
    """Return the points with those that are not held yet behind them; None: all are held."""
    known = {point.value for point in held}
    more = [
        Point(value=each["value"], label=each.get("label"))
        for each in wanted
        if each["value"] not in known
    ]
    if not more:
        return None
    return [*(_point(each) for each in held), *more]


def _point(point: ContactPoint) -> Point:
    return Point(value=point.value, label=point.label, primary=point.is_primary)


def snapshot(contact: Contact, names: Iterable[str]) -> dict[str, Any]:
    """Return fields of a contact as JSON can hold them."""
    return {name: _held(contact, name) for name in names}


def _held(contact: Contact, name: str) -> Any:
    if name in _KINDS:
        return [
            {"value": each.value, "label": each.label, "primary": each.is_primary}
            for each in contact.points_of(_KINDS[name])
        ]
    if name == "account_links":
        return [_link(each) for each in contact.links]
    value = getattr(contact, name)
    return dict(value) if isinstance(value, dict) else value


def _link(link: AccountContact) -> dict[str, Any]:
    return {
        "account_id": str(link.account_id), "role": link.role, "is_primary": link.is_primary,
        "active": link.is_active,
    }  # fmt: skip


def restored(before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `snapshot` kept, as `Contact.change` takes it."""
    values = dict(before)
    for name in _KINDS.keys() & values.keys():
        values[name] = [Point(**each) for each in values[name]]
    if "account_links" in values:
        values["account_links"] = [
            Link(**{**each, "account_id": UUID(each["account_id"])})
            for each in values["account_links"]
        ]
    if "lifecycle" in values:
        values["lifecycle"] = ContactLifecycle(values["lifecycle"])
    return values
