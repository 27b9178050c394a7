"""A made-up town whose people are written down more than once, with errors."""

import random
from collections.abc import Callable
from itertools import combinations

import pytest

_GIVEN = [
    "anna",
    "ben",
    "clara",
    "david",
    "eva",
    "felix",
    "greta",
    "hugo",
    "ida",
    "jonas",
    "klara",
    "leon",
    "mia",
    "noah",
    "olga",
    "paul",
]
_SYLLABLES = [
    "ber",
    "mül",
    "hoff",
    "stein",
    "bach",
    "wald",
    "feld",
    "mann",
    "ler",
    "ner",
    "kel",
    "ros",
    "lin",
    "dorf",
    "hau",
    "sen",
    "berg",
    "gra",
]
_STREETS = [
    "station",
    "church",
    "mill",
    "garden",
    "school",
    "lake",
    "hill",
    "forest",
    "market",
    "bridge",
    "rose",
    "north",
]
_TOWNS = ["alton", "brook haven", "castle rock", "dunmore", "eastwick", "fairview", "glenwood"]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def town() -> Callable[..., tuple[list[list[str]], set[frozenset[str]]]]:
    return _town


def _town(people: int, copies: int, *, seed: int) -> tuple[list[list[str]], set[frozenset[str]]]:
    """Return rows in any order, and the pairs of ids that are one person."""
    draw = random.Random(seed)
    rows, pairs = [], set()
    for number in range(people):
        original = _person(draw)
        ids = [f"r{number}-{copy}" for copy in range(draw.randint(1, copies) + 1)]
        rows.append([ids[0], *original])
        rows += [[each, *_copied(original, draw)] for each in ids[1:]]
        pairs |= {frozenset(pair) for pair in combinations(ids, 2)}
    draw.shuffle(rows)
    return rows, pairs


def _person(draw: random.Random) -> list[str]:
    year, month, day = draw.randint(1920, 2005), draw.randint(1, 12), draw.randint(1, 28)
    return [
        draw.choice(_GIVEN),
        "".join(draw.sample(_SYLLABLES, 2)),
        str(draw.randint(1, 200)),
        f"{draw.choice(_STREETS)} {draw.choice(['street', 'road', 'lane'])}",
        draw.choice(_TOWNS),
        str(draw.randint(1000, 1200)),
        f"{year}-{month:02}-{day:02}",
    ]


def _copied(original: list[str], draw: random.Random) -> list[str]:
    cells = list(original)
    if draw.random() < 0.08:
        cells[0], cells[1] = cells[1], cells[0]
    for place in draw.sample(range(len(cells)), draw.randint(1, 3)):
        cells[place] = "" if draw.random() < 0.25 else _mistyped(cells[place], draw)
    return cells


def _mistyped(text: str, draw: random.Random) -> str:
    if len(text) < 2:
        return text
    at = draw.randrange(len(text) - 1)
    return draw.choice(
        [
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at + 1 :],
            text[:at]
            + draw.choice("0123456789" if text[at].isdigit() else _LETTERS)
            + text[at + 1 :],
        ]
    )
