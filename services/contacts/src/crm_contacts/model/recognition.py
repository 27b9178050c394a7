"""A contact as it is recognised: as a person to compare, and by what has not changed of that."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from crm_matching import Address, Person


def person(
    *,
    first_name: str | None,
    last_name: str | None,
    birthday: str | None,
    emails: Iterable[str],
    phones: Iterable[str],
    account_ids: Iterable[UUID],
    addresses: Iterable[Mapping[str, Any]],
    channels: Iterable[str] = (),
) -> Person:
    """The person a contact's fields describe; who has the same chat is the same for that chat."""
    return Person.of(
        given=first_name,
        surname=last_name,
        birthday=birthday,
        emails=emails,
        phones=phones,
        companies=map(str, account_ids),
        addresses=[
            Address.of(
                street=each.get("street") or "",
                city=each.get("city") or "",
                postcode=each.get("postcode") or "",
            )
            for each in addresses
        ],
        external_ids=channels,
    )


def digest(one: Person, other: Person) -> str:
    """A short hash of everything two people are compared by, whichever comes first."""
    told = sorted(
        repr((
            each.given, each.surname, each.birthday, sorted(each.emails), sorted(each.phones),
            sorted(each.companies), each.addresses, *sorted(each.external_ids),
        ))
        for each in (one, other)
    )  # fmt: skip
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:24]
