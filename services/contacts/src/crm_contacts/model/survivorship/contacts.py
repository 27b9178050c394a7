"""What a contact keeps of those it absorbs; who said no to marketing or calls is not asked again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from crm_contacts.model.contact import Contact
from crm_contacts.model.point import AccountContact, ContactPoint
from crm_contacts.model.preferences import strictest
from crm_contacts.model.reach import Quality
from crm_contacts.model.survivorship.choosing import (
    Choices,
    chosen,
    given_back,
    kept,
    kept_own,
    own_given_back,
    survivor_first,
    united,
    without_gained,
)
from crm_contacts.model.values import ContactLifecycle, PointKind

FIELDS = (
    "first_name", "last_name", "job_title", "department", "language", "time_zone", "birthday",
    "lifecycle", "source", "owner_id", "team_id", "addresses",
)  # fmt: skip
_FLAGS = ("do_not_call", "is_opted_out")
_OWN = ("custom", "secret")  # the company's own fields, and the sensitive ones apart
_JUDGED = ("quality", "judged_at", "judged_by", "judged_why")
_POINT = ("kind", "value", "label", "is_primary", "deliverability", "opted_out", *_JUDGED)
_LINK = ("account_id", "role", "is_primary", "is_active")
_FURTHEST = tuple(ContactLifecycle)  # in order, but for `other`, which is nowhere
_BAD = ("complained", "invalid", "soft")
_GOOD = ("ok", "unknown")


def snapshot(contact: Contact) -> dict[str, Any]:
    """Return all that a merge may change of a contact, as JSON keeps it."""
    fields = {name: getattr(contact, name) for name in (*FIELDS, *_FLAGS, "tags", *_OWN)}
    fields["created_at"] = contact.created_at
    fields["preferences"] = contact.preferences
    fields["points"] = [{name: getattr(each, name) for name in _POINT} for each in contact.points]
    fields["links"] = [{name: getattr(each, name) for name in _LINK} for each in contact.links]
    return orjson.loads(orjson.dumps(fields))  # type: ignore[no-any-return]


def absorb(survivor: Contact, absorbed: Sequence[Contact], choices: Choices) -> None:
    """Give the survivor what it keeps of all."""
    everyone = survivor_first(survivor, absorbed)
    for name in FIELDS:
        setattr(survivor, name, _kept(name, everyone, choices))
    survivor.custom = kept_own("custom", everyone, choices)
    survivor.secret = kept_own("secret", everyone, choices)
    survivor.tags = united([each.tags for each in everyone])
    survivor.created_at = min(each.created_at for each in everyone if each.created_at)
    _join_points(survivor, everyone[1:])
    _join_links(survivor, everyone[1:])
    survivor.preferences = strictest(
        survivor.preferences, [each.preferences for each in everyone[1:]]
    )
    survivor.do_not_call = any(each.do_not_call for each in everyone)
    if any(each.is_opted_out for each in everyone):
        survivor.opt_out(is_out=True)
    survivor.change({})


def withdraw(survivor: Contact, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Take from the survivor what a merge gave it; return the fields changed since, which stay.

    Whether it gets marketing is not decided here: its own consents say so.
    """
    now = snapshot(survivor)
    before, after = {"preferences": {}, **before}, {"preferences": {}, **after}
    names = (*FIELDS, "do_not_call", "preferences")
    restored, conflicts = given_back(names, now, before, after)
    for name, value in restored.items():
        setattr(survivor, name, _typed(name, value))
    survivor.created_at = datetime.fromisoformat(before["created_at"])
    survivor.custom, lost = own_given_back(now["custom"], before["custom"], after["custom"])
    if "secret" in before:  # a merge of before there were any has none
        survivor.secret, _ = own_given_back(now["secret"], before["secret"], after["secret"])
    survivor.tags = without_gained(now["tags"], before["tags"], after["tags"])
    _leave_points(survivor, before["points"], after["points"])
    _leave_links(survivor, before["links"], after["links"])
    survivor.change({})
    return [*conflicts, *lost]


def _kept(name: str, everyone: Sequence[Contact], choices: Choices) -> Any:
    if chosen(name, everyone, choices) is None:
        if name == "lifecycle":
            return max((each.lifecycle for each in everyone), key=_distance)
        if name == "source":
            everyone = sorted(everyone, key=lambda each: (each.created_at, each.id))
    return kept(name, everyone, choices) or ([] if name == "addresses" else None)


def _distance(lifecycle: ContactLifecycle) -> int:
    return -1 if lifecycle is ContactLifecycle.OTHER else _FURTHEST.index(lifecycle)


def _join_points(survivor: Contact, absorbed: Iterable[Contact]) -> None:
    mine = {(each.kind, each.value): each for each in survivor.points}
    for other in absorbed:
        for theirs in other.points:
            known = mine.get((theirs.kind, theirs.value))
            if known is not None:
                known.deliverability = _worse(known.deliverability, theirs.deliverability)
                _join_judgements(known, theirs)
                continue
            position = len(survivor.points_of(theirs.kind))
            values = {name: getattr(theirs, name) for name in _POINT}
            values |= {"position": position, "is_primary": position == 0}
            mine[theirs.kind, theirs.value] = point = ContactPoint(**values)
            survivor.points.append(point)


def _join_judgements(known: ContactPoint, theirs: ContactPoint) -> None:
    """What somebody said last of a number or address counts."""
    if theirs.judged_at and (known.judged_at is None or known.judged_at < theirs.judged_at):
        for name in _JUDGED:
            setattr(known, name, getattr(theirs, name))


def _worse(one: str, other: str) -> str:
    """What is known to be bad counts; else what is known to be good."""
    return next((each for each in (*_BAD, *_GOOD) if each in (one, other)), one)


def _join_links(survivor: Contact, absorbed: Iterable[Contact]) -> None:
    mine = {each.account_id for each in survivor.links}
    for other in absorbed:
        for theirs in other.links:
            if theirs.account_id not in mine:
                mine.add(theirs.account_id)
                values = {name: getattr(theirs, name) for name in _LINK}
                values["is_primary"] = theirs.is_primary and survivor.account_id is None
                survivor.links.append(AccountContact(position=len(survivor.links), **values))


def _typed(name: str, value: Any) -> Any:
    if name in {"owner_id", "team_id"}:
        return UUID(value) if value else None
    return ContactLifecycle(value) if name == "lifecycle" else value


def _leave_points(survivor: Contact, before: list[Any], after: list[Any]) -> None:
    was = {(each["kind"], each["value"]): each for each in before}
    gained = {(each["kind"], each["value"]) for each in after} - set(was)
    survivor.points = [each for each in survivor.points if (each.kind, each.value) not in gained]
    then = {(each["kind"], each["value"]): each for each in after}
    for point in survivor.points:
        key = (point.kind, point.value)
        _give_back_judgement(point, was.get(key, {}), then.get(key, {}))
    for kind in PointKind:
        points = survivor.points_of(kind)
        if points and not any(each.is_primary for each in points):
            primary = [each for each in points if was.get((kind, each.value), {}).get("is_primary")]
            (primary or points)[0].is_primary = True


def _give_back_judgement(
    point: ContactPoint, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Take back what another contact's number was said to be, unless somebody said more since."""
    now = orjson.loads(orjson.dumps({name: getattr(point, name) for name in _JUDGED}))
    is_joined = any(before.get(name) != after.get(name) for name in _JUDGED)
    if "quality" in before and is_joined and all(now[n] == after.get(n) for n in _JUDGED):
        at = before["judged_at"] and datetime.fromisoformat(before["judged_at"])
        by, why = before["judged_by"], before["judged_why"]
        point.judge(Quality(before["quality"]), by=by, why=why, at=at)


def _leave_links(survivor: Contact, before: list[Any], after: list[Any]) -> None:
    gained = {each["account_id"] for each in after} - {each["account_id"] for each in before}
    survivor.links = [each for each in survivor.links if str(each.account_id) not in gained]
