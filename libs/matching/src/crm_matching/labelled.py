"""How good found pairs are, against pairs that are known."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import combinations
from typing import TypeAlias

Pairs: TypeAlias = set[frozenset[str]]


def known_pairs(rows: Sequence[Sequence[str]], *, ids: Collection[str]) -> Pairs:
    """Return the pairs of a table: two columns of ids, or an id and the group it belongs to.

    The first row counts as a header unless it holds an id. Raises ValueError when no row does.
    """
    cells = [(row[0].strip(), row[1].strip()) for row in rows if len(row) > 1]
    named = [(one, other) for one, other in cells if one in ids or other in ids]
    pairs = {frozenset(pair) for pair in named if set(pair) <= set(ids) and pair[0] != pair[1]}
    if pairs:
        return pairs
    group_of: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in named:
        member, group = (one, other) if one in ids else (other, one)
        group_of[group].add(member)
    if not group_of:
        message = "the known pairs hold none of the ids"
        raise ValueError(message)
    return {frozenset(pair) for each in group_of.values() for pair in combinations(each, 2)}


def measure(found: Pairs, known: Pairs) -> tuple[float, float]:
    """Return precision and recall; 1 where nothing was found, or nothing was to be found."""
    right = len(found & known)
    precision = right / len(found) if found else 1.0
    recall = right / len(known) if known else 1.0
    return precision, recall
