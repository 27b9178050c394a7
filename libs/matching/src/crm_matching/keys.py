"""Blocking keys: only people who share one are compared."""

from collections.abc import Iterator

from crm_matching.people import Person
from crm_matching.reach import phone_ending, weak_email
from crm_matching.text import soundex

LARGEST_BLOCK = 50  # a key that more people share tells nothing and is skipped
_FULL_DATE = 10


def keys_of(person: Person) -> frozenset[str]:
    """Return the keys of a person: a letter for the kind, a colon, the value."""
    return frozenset(_keys(person))


def _keys(person: Person) -> Iterator[str]:
    yield from (f"e:{weak_email(address)}" for address in person.emails)
    yield from (f"p:{phone_ending(number)}" for number in person.phones)
    yield from (f"x:{external_id}" for external_id in person.external_ids)
    for first, last in _both_orders(person):
        yield f"n:{soundex(last)}{first[:1]}"
    if not person.surname:
        if person.given:
            yield f"n:{soundex(person.given)}"
        return
    last = person.surname
    yield from (f"c:{company}:{last}" for company in person.companies)
    yield from (f"z:{each.postcode}:{last[0]}" for each in person.addresses if each.postcode)
    if len(person.birthday) == _FULL_DATE:
        yield f"b:{person.birthday}:{last[0]}"


def _both_orders(person: Person) -> Iterator[tuple[str, str]]:
    if person.given and person.surname:
        yield person.given, person.surname
        yield person.surname, person.given
