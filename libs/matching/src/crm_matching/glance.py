"""The most that two people can score, told by little: who cannot be one is not looked at closely.

In a large base most of those who share a key share nothing else. Their names, birthdays and keys
tell so, and are had at a fraction of what all that is known of them costs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from crm_matching.names import spoken
from crm_matching.people import Person
from crm_matching.rules import SAME_NAMES, Weights, birthdays_say, names_say, rarity

_STRONG = frozenset("xep")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A person at a glance: `person` has names and birthday only, `keys` are those of `keys_of`.

    Of those without a surname the keys do not tell organisations and postcodes. At least so many
    people have the name: `namesakes`, the person included.
    """

    person: Person
    strong: frozenset[str]
    companies: frozenset[str]
    postcodes: frozenset[str]
    has_address: bool
    namesakes: int

    @classmethod
    def of(
        cls,
        *,
        given: str | None,
        surname: str | None,
        birthday: str | None,
        keys: Iterable[str],
        has_address: bool,
        namesakes: int = 1,
    ) -> Self:
        """Bring names into their one spelling; read from the keys what they tell."""
        told: dict[str, list[str]] = {"c": [], "z": [], "": []}
        for key in keys:
            if key[0] in told:
                told[key[0]].append(key[2 : key.rindex(":")])
            elif key[0] in _STRONG:
                told[""].append(key)
        return cls(
            person=Person(
                given=spoken(given or ""), surname=spoken(surname or ""), birthday=birthday or ""
            ),
            strong=frozenset(told[""]),
            companies=frozenset(told["c"]),
            postcodes=frozenset(told["z"]),
            has_address=has_address,
            namesakes=namesakes,
        )


class Glance:
    """Tells by weights what two outlines can come to; never less than `judge` finds."""

    def __init__(self, weights: Weights) -> None:
        most = {name: max(weight, 0.0) for name, weight in weights.of.items()}
        self._of = weights.of
        self._review = weights.review
        self._by_key = {
            "x": most["same external id"],
            "e": max(most["same e-mail"], most["same e-mail but for its tag"]),
            "p": max(most["same telephone"], most["same telephone, shared by many"]),
        }
        self._colleagues = most["other e-mail at the same organisation"]
        self._account, self._postcode = most["same account"], most["same postcode"]
        self._near = most["same city"] + most["same house number"]
        self._unlike = max(
            most[name] for name in ("similar name", "initial of the name", "other surname")
        )

    def is_promising(self, one: Outline, other: Outline) -> bool:
        """Whether the two may be worth a review, if all that is not seen here speaks for it."""
        beside = self._beside_names(one, other)
        if beside + self._unlike < self._review and not _have_one_name(one.person, other.person):
            return False
        return beside + self._by_names(one, other) >= self._review

    def most(self, one: Outline, other: Outline) -> float:
        """The most that the two can score."""
        return self._beside_names(one, other) + self._by_names(one, other)

    def _beside_names(self, one: Outline, other: Outline) -> float:
        found = self._colleagues
        if one.strong and other.strong:
            found += sum(self._by_key[kind] for kind in {k[0] for k in one.strong & other.strong})
        if birthday := birthdays_say(one.person, other.person):
            found += self._of[birthday]
        is_told = bool(one.person.surname and other.person.surname)
        if not (is_told and one.companies.isdisjoint(other.companies)):
            found += self._account
        if one.has_address and other.has_address:
            found += self._near
            if not (is_told and one.postcodes.isdisjoint(other.postcodes)):
                found += self._postcode
        return found

    def _by_names(self, one: Outline, other: Outline) -> float:
        found = names_say(one.person, other.person)
        if found in SAME_NAMES:
            return self._of[found] + rarity(min(one.namesakes, other.namesakes))
        return self._of[found] if found else 0.0


def _have_one_name(one: Person, other: Person) -> bool:
    return {one.given, one.surname} == {other.given, other.surname}
