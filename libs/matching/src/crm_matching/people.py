"""A person as far as they can be recognised, every part in the one spelling it is compared in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from crm_matching.names import spoken
from crm_matching.reach import strong_email
from crm_matching.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where somebody lives or works; empty parts are not known."""

    street: str = ""
    number: str = ""
    city: str = ""
    postcode: str = ""

    @classmethod
    def of(cls, *, street: str = "", city: str = "", postcode: str = "") -> Self:
        """Fold the parts; the house number is the first word of the street that has a digit."""
        words = fold(street).split()
        number = next((word for word in words if any(map(str.isdigit, word))), "")
        rest = " ".join(word for word in words if word != number)
        bare = fold(postcode).replace(" ", "")
        return cls(street=rest, number=number, city=fold(city), postcode=bare)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What evidence is taken from. `birthday` is `YYYY-MM-DD` or `--MM-DD`."""

    given: str = ""
    surname: str = ""
    birthday: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    addresses: tuple[Address, ...] = ()
    external_ids: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        *,
        given: str | None = None,
        surname: str | None = None,
        birthday: str | None = None,
        emails: Iterable[str] = (),
        phones: Iterable[str] = (),
        companies: Iterable[str] = (),
        addresses: Iterable[Address] = (),
        external_ids: Iterable[str] = (),
    ) -> Self:
        """Bring each part into its one spelling; phones are E.164 or digits, companies keys."""
        return cls(
            given=spoken(given or ""),
            surname=spoken(surname or ""),
            birthday=birthday or "",
            emails=frozenset(map(strong_email, emails)),
            phones=frozenset(phones),
            companies=frozenset(companies),
            addresses=tuple(addresses),
            external_ids=frozenset(external_ids),
        )

    @property
    def name_key(self) -> str:
        """Given name and surname in one word order, whichever field they stand in."""
        return " ".join(sorted(filter(None, (self.given, self.surname))))
