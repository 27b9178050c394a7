"""What segments may ask of contacts, in the platform's one predicate language."""

from collections.abc import Iterable, Mapping

from crm_fields import InvalidPredicate as Unclear
from crm_fields import Kind, Language, Node
from crm_fields.predicate import parse as parsed
from crm_fields.types import PREFIX, Spec, kinds_of
from crm_marketing.model.errors import InvalidPredicate

FIELDS: Mapping[str, Kind] = {
    "name": Kind.TEXT,
    "first_name": Kind.TEXT,
    "last_name": Kind.TEXT,
    "email": Kind.TEXT,
    "deliverability": Kind.TEXT,
    "lifecycle": Kind.TEXT,
    "language": Kind.TEXT,
    "job_title": Kind.TEXT,
    "source": Kind.TEXT,
    "owner_id": Kind.ID,
    "account_id": Kind.ID,
    "opted_out": Kind.FLAG,
    "archived": Kind.FLAG,
    "has_open_deal": Kind.FLAG,
    "created_at": Kind.MOMENT,
    "birthday": Kind.DAY,
    "won_deals": Kind.NUMBER,
    "open_tickets": Kind.NUMBER,
    "tags": Kind.WORDS,
}
# What stands under another name in a contact's record.
_RECORDED = dict.fromkeys(("email", "deliverability", "opted_out"), "emails")


def parse(given: object, own: Iterable[Spec] = (), *, is_old: bool = False) -> Node:
    """Return the tree a JSON predicate means; `own` are the fields the company gave contacts.

    What `is_old` may name fields that were put away since. Raises InvalidPredicate.
    """
    known = {**FIELDS, **kinds_of(own, with_archived=is_old)}
    try:
        return parsed(given, Language(fields=known))
    except Unclear as error:
        raise InvalidPredicate(errors={error.path: [error.reason]}) from error


def contact_fields(given: object) -> frozenset[str]:
    """Return the fields of contacts, as their record names them, that a JSON predicate asks of."""
    if isinstance(given, list):
        return frozenset().union(*map(contact_fields, given))
    if not isinstance(given, Mapping):
        return frozenset()
    inner = contact_fields(list(given.values()))
    name = given.get("field")
    return inner | {_recorded(name)} if isinstance(name, str) else inner


def _recorded(name: str) -> str:
    return "custom" if name.startswith(PREFIX) else _RECORDED.get(name, name)
