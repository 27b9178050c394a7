"""What an account keeps of those it absorbs.

Whoever of them is a customer makes it one, since the first was; a prospect becomes what another is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from crm_contacts.model.account import Account
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
from crm_contacts.model.values import AccountLifecycle, AccountType

FIELDS = (
    "name", "legal_name", "domain", "industry", "size_band", "type", "parent_id", "lifecycle",
    "renewal_date", "owner_id", "team_id",
)  # fmt: skip
_KEPT = (*FIELDS, "customer_since")
_FURTHEST = (
    AccountLifecycle.LEAD,
    AccountLifecycle.OPPORTUNITY,
    AccountLifecycle.CHURNED,
    AccountLifecycle.CUSTOMER,
)


def snapshot(account: Account) -> dict[str, Any]:
    """Return all that a merge may change of an account, as JSON keeps it."""
    names = (*_KEPT, "created_at", "tags", "custom", "secret")
    found = {name: getattr(account, name) for name in names}
    return orjson.loads(orjson.dumps(found))  # type: ignore[no-any-return]


def absorb(survivor: Account, absorbed: Sequence[Account], choices: Choices) -> None:
    """Give the survivor what it keeps of all."""
    everyone = survivor_first(survivor, absorbed)
    for name in FIELDS:
        setattr(survivor, name, _kept(name, everyone, choices))
    since = [each.customer_since for each in everyone if each.customer_since]
    survivor.customer_since = min(since, default=None)
    survivor.custom = kept_own("custom", everyone, choices)
    survivor.secret = kept_own("secret", everyone, choices)
    survivor.tags = united([each.tags for each in everyone])
    survivor.created_at = min(each.created_at for each in everyone if each.created_at)
    survivor.change({})


def withdraw(survivor: Account, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Take from the survivor what a merge gave it; return the fields changed since, which stay."""
    now = snapshot(survivor)
    restored, conflicts = given_back(_KEPT, now, before, after)
    for name, value in restored.items():
        setattr(survivor, name, _typed(name, value))
    survivor.created_at = datetime.fromisoformat(before["created_at"])
    survivor.custom, lost = own_given_back(now["custom"], before["custom"], after["custom"])
    survivor.secret, _ = own_given_back(now["secret"], before["secret"], after["secret"])
    survivor.tags = without_gained(now["tags"], before["tags"], after["tags"])
    survivor.change({})
    return [*conflicts, *lost]


def _kept(name: str, everyone: Sequence[Account], choices: Choices) -> Any:
    if chosen(name, everyone, choices) is None:
        if name == "lifecycle":
            return max((each.lifecycle for each in everyone), key=_FURTHEST.index)
        if name == "type":
            said = (each.type for each in everyone if each.type is not AccountType.PROSPECT)
            return next(said, AccountType.PROSPECT)
    return kept(name, everyone, choices)


def _typed(name: str, value: Any) -> Any:
    if name == "customer_since":
        return datetime.fromisoformat(value) if value else None
    if name in {"owner_id", "team_id", "parent_id"}:
        return UUID(value) if value else None
    kinds = {"type": AccountType, "lifecycle": AccountLifecycle}
    return kinds[name](value) if name in kinds else value
