"""Finding the record that somebody names in a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_gateway.console import asking

_MOST = 8


class Unclear(Exception):
    """What was typed names nobody, or several."""

    def __init__(
        self,
        typed: str,
        found: Sequence[Mapping[str, Any]],
        reason: str = "",
        *,
        kind: str = "account",
    ) -> None:
        """Give what it may mean."""
        self.typed, self.found = typed, found
        several = f"Several {kind}s are called like that" if found else f"No {kind} is called"
        self.reason = reason or f"{several}: {typed}"
        super().__init__(self.reason)


def account_named(typed: str) -> dict[str, Any]:
    """Return the live account of this name, number (`#12`) or beginning. Raises Unclear."""
    return _named("accounts", typed)


def contact_named(typed: str) -> dict[str, Any]:
    """Return the live contact of this name, address or beginning. Raises Unclear."""
    return _named("contacts", typed)


def _named(plural: str, typed: str) -> dict[str, Any]:
    outcome = asking.read("contacts", f"/v1/{plural}", q=typed[:200], limit=_MOST, sort="name")
    if not outcome.is_good:
        raise Unclear(typed, (), outcome.reason)
    found: list[dict[str, Any]] = outcome.body.get("items", [])
    exact = [each for each in found if each["name"].casefold() == typed.casefold()]
    chosen = exact if len(exact) == 1 else found
    if len(chosen) != 1:
        raise Unclear(typed, chosen, kind=plural.removesuffix("s"))
    return chosen[0]
