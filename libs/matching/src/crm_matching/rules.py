"""Evidence that two people are one, its weights, and the explainable sum.

Weights are log2 of how much likelier a finding is among pairs that are one person than among
others, so they add up. They are plain numbers: a deployment may bring its own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crm_matching.names import are_initials, are_short_forms
from crm_matching.people import Address, Person
from crm_matching.reach import corporate_domain, weak_email
from crm_matching.text import likeness

SAME_NAMES = ("same name", "same name, transposed")
_LIKE, _UNLIKE = 0.92, 0.7
_PEOPLE_SHARING_A_PHONE = 3
_RARITY = ((2, 3.0), (5, 2.0), (20, 1.0))  # up to so many people of the name: so much more


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One finding and what it adds to the score; no personal data."""

    name: str
    weight: float


class Verdict(StrEnum):
    """What a score means."""

    SAME = "same"
    REVIEW = "review"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each finding adds, and from which sums on two people are one or worth a look."""

    of: Mapping[str, float] = field(
        default_factory=lambda: {
            "same external id": 20,
            "same e-mail": 9,
            "same e-mail but for its tag": 6,
            "same telephone": 6,
            "same telephone, shared by many": 2,
            "same birthday": 4,
            "other birthday": -3,
            "other e-mail at the same organisation": -1,
            "same name": 4,
            "same name, transposed": 3.5,
            "similar name": 2.5,
            "initial of the name": 1.5,
            "other surname": -4,
            "same account": 2,
            "same postcode": 2,
            "same city": 1,
            "same house number": 1,
        }
    )
    same: float = 10
    review: float = 6


DEFAULT = Weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """How many people of the whole base have a name key, or a telephone number."""

    names: Mapping[str, int] = field(default_factory=dict)
    phones: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A score with the evidence it is the sum of, and what it means."""

    score: float
    evidence: tuple[Evidence, ...]
    verdict: Verdict


NOWHERE = Surroundings()
Finding = tuple[str, float]  # the name, and what comes on top of its weight


def judge(
    one: Person, other: Person, *, weights: Weights = DEFAULT, around: Surroundings = NOWHERE
) -> Judgement:
    """Weigh everything that speaks for or against two people being one; symmetric."""
    evidence = tuple(
        Evidence(name=name, weight=weights.of[name] + more)
        for find in _FINDERS
        for name, more in find(one, other, around)
    )
    score = sum(each.weight for each in evidence)
    verdict = Verdict.DIFFERENT
    if score >= weights.review:
        verdict = Verdict.SAME if score >= weights.same else Verdict.REVIEW
    return Judgement(score=score, evidence=evidence, verdict=verdict)


def _identity(one: Person, other: Person, _: Surroundings) -> Iterator[Finding]:
    if one.external_ids & other.external_ids:
        yield "same external id", 0


def _email(one: Person, other: Person, _: Surroundings) -> Iterator[Finding]:
    if one.emails & other.emails:
        yield "same e-mail", 0
    elif set(map(weak_email, one.emails)) & set(map(weak_email, other.emails)):
        yield "same e-mail but for its tag", 0
    elif _domains(one) & _domains(other):
        yield "other e-mail at the same organisation", 0


def _domains(person: Person) -> set[str]:
    return set(filter(None, map(corporate_domain, person.emails)))


def _phone(one: Person, other: Person, around: Surroundings) -> Iterator[Finding]:
    shared = one.phones & other.phones
    if not shared:
        return
    fewest = min(around.phones.get(number, 0) for number in shared)
    crowded = fewest > _PEOPLE_SHARING_A_PHONE
    yield ("same telephone, shared by many" if crowded else "same telephone"), 0


def _birthday(one: Person, other: Person, _: Surroundings) -> Iterator[Finding]:
    if found := birthdays_say(one, other):
        yield found, 0


def birthdays_say(one: Person, other: Person) -> str:
    """The finding of two birthdays, empty if one is not known; without a year it is of any year."""
    if not (one.birthday and other.birthday):
        return ""
    shortest = min(len(one.birthday), len(other.birthday))
    is_same = one.birthday[-5:] == other.birthday[-5:] and (
        shortest < len("YYYY-MM-DD") or one.birthday == other.birthday
    )
    return "same birthday" if is_same else "other birthday"


def _name(one: Person, other: Person, around: Surroundings) -> Iterator[Finding]:
    if found := names_say(one, other):
        yield found, _rarity(one, around) if found in SAME_NAMES else 0


def names_say(one: Person, other: Person) -> str:
    """The finding of two names; empty where a surname is not known, or nothing is to be said."""
    if not (one.surname and other.surname):
        return ""
    if one.given and other.given and (found := _whole_names_say(one, other)):
        return found
    return "other surname" if likeness(one.surname, other.surname) < _UNLIKE else ""


def _whole_names_say(one: Person, other: Person) -> str:
    if (one.given, one.surname) == (other.given, other.surname):
        return "same name"
    if (one.given, one.surname) == (other.surname, other.given):
        return "same name, transposed"
    if likeness(one.surname, other.surname) < _LIKE:
        return ""
    if are_short_forms(one.given, other.given) or likeness(one.given, other.given) >= _LIKE:
        return "similar name"
    return "initial of the name" if are_initials(one.given, other.given) else ""


def _rarity(person: Person, around: Surroundings) -> float:
    people = around.names.get(person.name_key, 0)
    return rarity(people) if people else 0.0


def rarity(people: int) -> float:
    """What the same name adds where so many people have it."""
    return next((more for most, more in _RARITY if people <= most), 0.0)


def _company(one: Person, other: Person, _: Surroundings) -> Iterator[Finding]:
    if one.companies & other.companies:
        yield "same account", 0


def _address(one: Person, other: Person, _: Surroundings) -> Iterator[Finding]:
    pairs = ((a, b) for a in one.addresses for b in other.addresses)
    best = max((_alike(a, b) for a, b in pairs), key=len, default=[])
    yield from ((name, 0) for name in best)


def _alike(one: Address, other: Address) -> list[str]:
    named = (
        ("same postcode", one.postcode, other.postcode),
        ("same city", one.city, other.city),
        ("same house number", one.number, other.number),
    )
    found = [name for name, mine, theirs in named if mine and mine == theirs]
    return [] if found == ["same house number"] else found


_FINDERS: tuple[Callable[[Person, Person, Surroundings], Iterator[Finding]], ...] = (
    _identity,
    _email,
    _phone,
    _birthday,
    _name,
    _company,
    _address,
)
