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
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

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
Levels = tuple[Level, ...]
Table = dict[str, dict[Level, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """How often each value of each column occurs in the table."""

    counts: Mapping[str, Counter[str]]
    totals: Mapping[str, int]

    @classmethod
    def of(cls, rows: Sequence[Row], columns: Sequence[str]) -> Self:
        """Count."""
        counts = {name: Counter(row[name] for row in rows if name in row) for name in columns}
        return cls(counts=counts, totals={name: each.total() for name, each in counts.items()})

    def chance(self, one: Row, name: str, found: Found, usual: float) -> float:
        """How likely two people agree like this; `usual` is `u` of the level."""
        if not found.against or found.level is Level.DIFFERENT:
            return usual
        people = max(self.totals[name], _FEWEST)
        if found.level is not Level.SAME:
            return max(usual, 0.5 / people)
        value, others = one[name], max(self.totals[found.against], _FEWEST)
        seen = self.counts[name][value] / people, self.counts[found.against][value] / others
        return min(max(*seen, 2 / people), 0.9)


def fit(rows: Sequence[Row], columns: Sequence[str], pairs: Sequence[Pair]) -> list[float]:
    """Return log2 of the odds that each candidate pair is one person. Deterministic.

    What `u` adds stays the same in all rounds, and what `m` adds depends on the levels alone: so a
    round looks at each combination of levels once, not at each pair.
    """
    names = marks(columns)
    patterns, unlikely = _weighed(rows, columns, pairs)
    every = max(len(rows) * (len(rows) - 1) / 2, 1)
    prior = _log_odds(min(_FIRST_SHARE * len(rows) / every, 0.5))
    m = {name: _first(name) for name in names}
    found: list[float] = []
    for _ in range(_ROUNDS):
        likely = {each: _likely(each, names, m) for each in set(patterns)}
        found = [
            prior + likely[pattern] + rare for pattern, rare in zip(patterns, unlikely, strict=True)
        ]
        shares: dict[Levels, float] = defaultdict(float)
        for pattern, odds in zip(patterns, found, strict=True):
            shares[pattern] += _probability(odds)
        prior = _log_odds(min(max(sum(shares.values()), 1) / every, 0.5))
        m = _shares(shares, names)
    return found


def _weighed(
    rows: Sequence[Row], columns: Sequence[str], pairs: Sequence[Pair]
) -> tuple[list[Levels], list[float]]:
    """The levels of each pair, and what its agreeing by chance takes away."""
    values, u = Values.of(rows, columns), _chances(rows, columns, but=frozenset(pairs))
    patterns: list[Levels] = []
    unlikely: list[float] = []
    same: dict[Levels, Levels] = {}
    for a, b in pairs:
        vector = compare(rows[a], rows[b], columns)
        pattern = tuple(each.level for each in vector.values())
        patterns.append(same.setdefault(pattern, pattern))
        unlikely.append(
            -sum(
                math.log2(values.chance(rows[a], name, each, u[name][each.level]))
                for name, each in vector.items()
                if each.level is not Level.UNKNOWN
            )
        )
    return patterns, unlikely


def _likely(levels: Levels, names: Sequence[str], m: Table) -> float:
    """What the levels speak for one person."""
    return sum(
        math.log2(max(m[name][level], _LEAST_M))
        for name, level in zip(names, levels, strict=True)
        if level is not Level.UNKNOWN
    )


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


def _shares(shares: Mapping[Levels, float], names: Sequence[str]) -> Table:
    """`m`: how often each level is seen among pairs, each counted as far as it is one person."""
    table: Table = {}
    for place, name in enumerate(names):
        seen = dict.fromkeys(Level, 0.0)
        for levels, share in shares.items():
            seen[levels[place]] += share
        first = _first(name)
        known = sum(seen.values()) - seen[Level.UNKNOWN] + _FIRST_PAIRS
        table[name] = {
            level: (seen[level] + _FIRST_PAIRS * first[level]) / known for level in first
        }
    return table


def _probability(log_odds: float) -> float:
    return 1 / (1 + 2 ** -min(max(log_odds, -_MOST_LOG_ODDS), _MOST_LOG_ODDS))


def _log_odds(share: float) -> float:
    return math.log2(share / (1 - share)) if share < 1 else _MOST_LOG_ODDS
