"""Where an account stands among others, and what is open there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering
from crm_gateway.queries import hierarchy

Amounts = dict[str, Decimal]
_MOST_LEFT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The whole that an account is part of; `total` is open in it and in its parts."""

    is_good: bool
    reason: str = ""
    branches: Sequence[Mapping[str, Any]] = ()
    total: Sequence[Mapping[str, str]] = ()
    is_whole: bool = True


def tree(account_id: str) -> Tree:
    """Return where an account stands."""
    outcome = asking.read("contacts", f"/v1/accounts/{account_id}/tree")
    if not outcome.is_good:
        return Tree(is_good=False, reason=outcome.reason)
    found = outcome.body.get("items", [])
    amounts = _open_amounts([each["id"] for each in found])
    total: Amounts = {}
    for each in _below(found, account_id):
        for currency, amount in amounts.get(each["id"], {}).items():
            total[currency] = total.get(currency, Decimal(0)) + amount
    branches = [each | {"open_amounts": _listed(amounts.get(each["id"], {}))} for each in found]
    return Tree(
        is_good=True, branches=branches, total=_listed(total) if len(found) > 1 else (),
        is_whole=outcome.body.get("is_whole", True),
    )  # fmt: skip


def left(account_id: str) -> list[dict[str, Any]]:
    """Return contacts that belong to an account no more; none while that cannot be said."""
    outcome = asking.read(
        "contacts", f"/v1/accounts/{account_id}/contacts", active="false", limit=_MOST_LEFT
    )
    return outcome.body.get("items", []) if outcome.is_good else []


def _below(branches: Sequence[Mapping[str, Any]], account_id: str) -> list[Mapping[str, Any]]:
    """The account and what is part of it: parents come before their parts."""
    found: dict[str, Mapping[str, Any]] = {}
    for each in branches:
        if each["id"] == account_id or each["parent_id"] in found:
            found[each["id"]] = each
    return list(found.values())


def _open_amounts(account_ids: Sequence[str]) -> dict[str, Amounts]:
    wanted = [UUID(each) for each in account_ids]
    rows = rendering.viewer().read(
        lambda connection: hierarchy.open_amounts(connection, wanted, seen=rendering.seen())
    )
    found: dict[str, Amounts] = {}
    for account_id, currency, amount in rows:
        found.setdefault(str(account_id), {})[currency] = amount
    return found


def _listed(amounts: Amounts) -> list[dict[str, str]]:
    return [{"amount": str(amounts[each]), "currency": each} for each in sorted(amounts)]
