"""Which facts a webhook wants: by type, and by a condition on the record they tell of."""

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

import crm_contracts as contracts
from crm_chassis.problems import Invalid
from crm_fields import InvalidPredicate, Kind, Language, Node, holds, parse
from crm_gateway.model import Webhook
from crm_gateway.model.webhook import is_of

_record = msgspec.json.Decoder(dict[str, Any])
_KINDS: Mapping[Any, Kind] = {
    str: Kind.TEXT,
    UUID: Kind.ID,
    bool: Kind.FLAG,
    datetime: Kind.MOMENT,
    date: Kind.DAY,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    Decimal: Kind.NUMBER,
    contracts.Money: Kind.NUMBER,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A webhook's wish, its condition read."""

    webhook: Webhook
    where: Node | None

    @property
    def since(self) -> datetime:
        """From when on facts are wanted."""
        return self.webhook.wanted_since

    def takes(self, fact: contracts.Envelope) -> bool:
        """Say whether a fact of whatever time is wanted."""
        if not is_of(self.webhook.types, fact.type):
            return False
        if self.where is None:
            return True
        return holds(self.where, _flat(_record.decode(fact.record)), now=fact.time)


def wanted(webhook: Webhook) -> Wanted:
    """Return what a webhook wants."""
    where = _parsed(webhook.where, webhook.types) if webhook.where is not None else None
    return Wanted(webhook, where)


def check(given_types: Iterable[str], where: Mapping[str, Any] | None) -> None:
    """Refuse types that no fact has, and conditions that cannot be understood. Raises Invalid."""
    unknown = [each for each in given_types if not names_of([each])]
    if unknown:
        reasons = [f"{each}: no fact has this type" for each in unknown]
        raise Invalid({"types": reasons})
    if where is None:
        return
    try:
        _parsed(where, given_types)
    except InvalidPredicate as error:
        raise Invalid({error.path: [error.reason]}) from error


def names_of(given_types: Iterable[str]) -> list[str]:
    """Return the types of facts that are of these types or patterns, in order."""
    patterns = tuple(given_types)
    return sorted(name for name in contracts.FACTS if is_of(patterns, name))


def _parsed(where: Mapping[str, Any], given_types: Iterable[str]) -> Node:
    return parse(where, _language(tuple(sorted(names_of(given_types)))), path="where")


@cache
def _language(names: tuple[str, ...]) -> Language:
    """Return the fields of every record these facts tell of; where two differ in kind, as text."""
    found: dict[str, Kind] = {}
    for record in {contracts.FACTS[name].record_type for name in names}:
        hints = typing.get_type_hints(record)
        for each in fields(record):
            kind = _kind_of(hints[each.name])
            if kind is not None:
                name = record.renames.get(each.name, each.name)
                found[name] = kind if found.get(name, kind) is kind else Kind.TEXT
    return Language(fields=found)


def _kind_of(hint: Any) -> Kind | None:
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        parts = [part for part in typing.get_args(hint) if part is not type(None)]
        return _kind_of(parts[0]) if len(parts) == 1 else None
    if typing.get_origin(hint) is tuple:
        return Kind.WORDS if typing.get_args(hint)[0] in {str, UUID} else None
    return _KINDS.get(hint)


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with sums of money as their amounts."""
    return {
        name: value["amount"] if isinstance(value, dict) and "currency" in value else value
        for name, value in record.items()
    }
