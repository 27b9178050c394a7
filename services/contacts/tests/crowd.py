"""A crowd of any size, made up: its names have a long tail, so a larger crowd has more of them.

Names drawn evenly from a fixed list would be shared by more people the larger the crowd is, and
pairs to compare would grow with its square; in real bases a few names are frequent, most are rare
and every further thousand of people brings new ones (here Zipf's law, as Mandelbrot bent it: the
most frequent surname has 0.7 % of all, as in real countries; a million people have about 130,000).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from crm_contacts.model import recognition
from crm_contacts.model.values import sort_key
from crm_matching.keys import keys_of

SURNAMES, GIVEN_NAMES, POSTCODES = 200_000, 8_000, 8_000
TWICE = 0.05  # of the people are there a second time
_FIRST_BIRTHDAY, _BIRTHDAYS = date(1938, 1, 1), 25_000
_OPEN = [
    "b",
    "br",
    "d",
    "f",
    "fr",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pf",
    "r",
    "s",
    "sch",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
]
_MIDDLE = ["a", "e", "i", "o", "u", "au", "ei", "ie"]
_CLOSED = ["", "l", "n", "r", "s", "t", "ck", "ld", "ng", "nn", "rt", "st", "tz"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person of the crowd; the birthday may be empty, the address may be missing."""

    contact_id: UUID
    given: str
    surname: str
    birthday: str
    addresses: tuple[dict[str, Any], ...]

    @property
    def row(self) -> tuple[Any, ...]:
        """What stands in the columns of `COLUMNS`."""
        person = recognition.person(
            first_name=self.given, last_name=self.surname, birthday=self.birthday,
            addresses=self.addresses, emails=(), phones=(), account_ids=(),
        )  # fmt: skip
        return (
            self.contact_id, self.given, self.surname, self.birthday or None, self.addresses,
            sort_key(f"{self.surname} {self.given}"), sorted(keys_of(person)),
        )  # fmt: skip


COLUMNS = ("id", "first_name", "last_name", "birthday", "addresses", "sort_name", "match_keys")


def people(number: int, *, seed: int = 4) -> Iterator[tuple[Somebody, Somebody | None]]:
    """So many people, one in twenty with the record that is theirs as well.

    Of seven in ten the birthday is known, of six in ten the address. Whoever is there twice has
    one of them, and in half of these pairs a letter of the name is mistyped.
    """
    chance = random.Random(seed)
    for _ in range(number):
        one = _somebody(chance)
        is_known = bool(one.birthday or one.addresses)
        yield one, _again(one, chance) if is_known and chance.random() < TWICE else None


def _somebody(chance: random.Random) -> Somebody:
    born = _FIRST_BIRTHDAY + timedelta(days=chance.randrange(_BIRTHDAYS))
    return Somebody(
        contact_id=UUID(int=chance.getrandbits(128)),
        given=_name(_drawn(chance, GIVEN_NAMES, 12.0), 2),
        surname=_name(SURNAMES + _drawn(chance, SURNAMES, 15.0), 3),
        birthday=born.isoformat() if chance.random() < 0.7 else "",
        addresses=(_address(chance),) if chance.random() < 0.6 else (),
    )


def _again(one: Somebody, chance: random.Random) -> Somebody:
    surname = _mistyped(one.surname, chance) if chance.random() < 0.5 else one.surname
    return Somebody(
        contact_id=UUID(int=chance.getrandbits(128)), given=one.given, surname=surname,
        birthday=one.birthday, addresses=one.addresses,
    )  # fmt: skip


def _mistyped(name: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(name))
    return name[:place] + chance.choice(["", name[place] * 2]) + name[place + 1 :]


def _address(chance: random.Random) -> dict[str, Any]:
    place = _drawn(chance, POSTCODES, 400.0)
    street = f"{_name(chance.randrange(5_000), 2)}weg {chance.randrange(1, 90)}"
    return {"street": street, "city": _name(place // 4, 3), "postcode": f"{10_000 + place * 11}"}


def _drawn(chance: random.Random, ranks: int, bend: float) -> int:
    """A rank from 0, each with a chance of 1 / (rank + bend)."""
    return int(bend * ((ranks + bend) / bend) ** chance.random() - bend)


@cache
def _name(rank: int, syllables: int) -> str:
    """The name of a rank, always the same."""
    chance = random.Random(rank)
    parts = (
        chance.choice(_OPEN) + chance.choice(_MIDDLE) + chance.choice(_CLOSED)
        for _ in range(chance.randint(2, syllables))
    )
    return "".join(parts).title()
