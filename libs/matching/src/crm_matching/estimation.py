"""Weights estimated from a table itself: Fellegi and Sunter's model, fitted by expectation and
maximisation.

Every pair of rows is either one person or two. For each column and level, `m` is how often that
level is seen among pairs that are one person, `u` among all others. `u` comes from pairs drawn at
random (nearly all of them are two people); where two values are the same, from how often that very
value occurs: a shared rare name says more than a shared common one. `m` and the share of pairs
that are one person are found in rounds: weigh the pairs, take the likely ones, count their levels.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_matching.described import Row
from crm_matching.levels import Found, Level, compare, marks

_ROUNDS = 8
_RANDOM_PAIRS = 40_000
_FEWEST = 500  # a smaller table counts as part of one of so many rows
_FIRST_M = {Level.SAME: 0.8, Level.CLOSE: 0.1, Level.ALIKE: 0.04, Level.DIFFERENT: 0.06}
_FIRST_PAIRS = 4.0  # what the first guess of m weighs, in pairs
_LEAST_M = 1e-4
_MOST_LOG_ODDS = 50.0
_FIRST_SHARE = 0.3  # pairs that are one person, per row, before anything is known

Pair = tuple[int, int]
Vector = Mapping[str, Found]
Table = dict[str, dict[Level, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`m`, `u` and the log2 odds that any two rows are one person."""

    m: Table
    u: Table
    prior: float
    counts: Mapping[str, Counter[str]]
    totals: Mapping[str, int]

    def log_odds(self, one: Row, vector: Vector) -> float:
        """Return log2 of the odds that a pair is one person."""
        total = self.prior
        for name, (level, against) in vector.items():
            if level is not Level.UNKNOWN:
                chance = self._chance(one, name, level, against)
                total += math.log2(max(self.m[name][level], _LEAST_M) / chance)
        return total

    def _chance(self, one: Row, name: str, level: Level, against: str) -> float:
        """How likely two people agree like this."""
        usual = self.u[name][level]
        if not against or level is Level.DIFFERENT:
            return usual
        people, others = max(self.totals[name], _FEWEST), max(self.totals[against], _FEWEST)
        if level is not Level.SAME:
            return max(usual, 0.5 / people)
        value = one[name]
        seen = self.counts[name][value] / people, self.counts[against][value] / others
        return min(max(*seen, 2 / people), 0.9)


def fit(
    rows: Sequence[Row], columns: Sequence[str], pairs: Sequence[Pair]
) -> tuple[Model, list[float]]:
    """Return the model and the log odds of each candidate pair. Deterministic."""
    counts = {name: Counter(row[name] for row in rows if name in row) for name in columns}
    totals = {name: count.total() for name, count in counts.items()}
    every = max(len(rows) * (len(rows) - 1) / 2, 1)
    names = marks(columns)
    vectors = [compare(rows[a], rows[b], columns) for a, b in pairs]
    model = Model(
        m={name: _first(name) for name in names},
        u=_chances(rows, columns, but=frozenset(pairs)),
        prior=_log_odds(min(_FIRST_SHARE * len(rows) / every, 0.5)),
        counts=counts,
        totals=totals,
    )
    found: list[float] = []
    for _ in range(_ROUNDS):
        found = [model.log_odds(rows[a], v) for (a, _), v in zip(pairs, vectors, strict=True)]
        chances = [_probability(each) for each in found]
        prior = _log_odds(min(max(sum(chances), 1) / every, 0.5))
        model = Model(
            m=_shares(vectors, chances, names), u=model.u, prior=prior, counts=counts, totals=totals
        )
    return model, found


def _first(name: str) -> dict[Level, float]:
    if "~" not in name:
        return dict(_FIRST_M)
    return {Level.SAME: 0.95, Level.CLOSE: 0.0, Level.ALIKE: 0.05, Level.DIFFERENT: 0.0}


def _chances(rows: Sequence[Row], columns: Sequence[str], *, but: frozenset[Pair]) -> Table:
    """`u`: the levels of pairs drawn at random, but for those that may be one person."""
    draw = random.Random(len(rows))  # noqa: S311 - a sample, the same on every run
    size = len(rows)
    every = size * (size - 1) // 2
    if every <= _RANDOM_PAIRS:
        drawn = [(a, b) for a in range(size) for b in range(a)]
    else:
        drawn = [(a, b) for a, b in (draw.sample(range(size), 2) for _ in range(_RANDOM_PAIRS))]
    tally: dict[str, Counter[Level]] = {name: Counter() for name in marks(columns)}
    for a, b in (pair for pair in drawn if tuple(sorted(pair)) not in but):
        for name, (level, _) in compare(rows[a], rows[b], columns).items():
            tally[name][level] += 1
    return {
        name: {
            level: (seen[level] + 0.25) / (seen.total() - seen[Level.UNKNOWN] + 1)
            for level in Level
            if level is not Level.UNKNOWN
        }
        for name, seen in tally.items()
    }


def _shares(vectors: Sequence[Vector], chances: Sequence[float], names: Sequence[str]) -> Table:
    """`m`: the levels of pairs, each counted as far as it is one person."""
    tally = {name: dict.fromkeys(Level, 0.0) for name in names}
    for vector, chance in zip(vectors, chances, strict=True):
        if chance > _LEAST_M:
            for name, (level, _) in vector.items():
                tally[name][level] += chance
    table: Table = {}
    for name, seen in tally.items():
        known = sum(seen.values()) - seen[Level.UNKNOWN] + _FIRST_PAIRS
        first = _first(name)
        table[name] = {
            level: (seen[level] + _FIRST_PAIRS * first[level]) / known for level in first
        }
    return table


def _probability(log_odds: float) -> float:
    return 1 / (1 + 2 ** -min(max(log_odds, -_MOST_LOG_ODDS), _MOST_LOG_ODDS))


def _log_odds(share: float) -> float:
    return math.log2(share / (1 - share)) if share < 1 else _MOST_LOG_ODDS
