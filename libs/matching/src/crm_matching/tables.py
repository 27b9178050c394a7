"""Duplicates of one table of people: candidate pairs, weighed, gathered into groups."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from crm_matching.columns import Field, recognise
from crm_matching.described import Row, describe
from crm_matching.estimation import fit
from crm_matching.text import soundex

LARGEST_BLOCK = 100
_ENOUGH = 2.0  # log2 odds of 4 to 1
_Parts = tuple[str, ...]


def duplicates(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    asked: Mapping[str, Field] | None = None,
) -> set[frozenset[str]]:
    """Return pairs of ids that are one person; whoever is the same as a third is the same.

    Raises ValueError when no column can be the id.
    """
    fields = recognise(headers, rows, asked=asked)
    ids = _ids(fields, rows)
    people = [describe(fields, headers, row) for row in rows]
    return {frozenset((ids[a], ids[b])) for a, b in same(people) if ids[a] != ids[b]}


def ids_of(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    asked: Mapping[str, Field] | None = None,
) -> list[str]:
    """Return the id of each row. Raises ValueError when no column can be the id."""
    return _ids(recognise(headers, rows, asked=asked), rows)


def _ids(fields: Sequence[Field], rows: Sequence[Sequence[str]]) -> list[str]:
    if Field.ID not in fields:
        message = "no column holds an id"
        raise ValueError(message)
    at = fields.index(Field.ID)
    return [row[at].strip() if at < len(row) else "" for row in rows]


def same(people: Sequence[Row]) -> set[tuple[int, int]]:
    """Return all pairs of indexes that are one person."""
    columns = sorted({name for person in people for name in person})
    pairs = sorted(candidates(people))
    log_odds = fit(people, columns, pairs)
    likely = [pair for pair, odds in zip(pairs, log_odds, strict=True) if odds >= _ENOUGH]
    return {pair for group in groups(likely) for pair in combinations(sorted(group), 2)}


def candidates(people: Sequence[Row]) -> set[tuple[int, int]]:
    """Return pairs that share a blocking key which at most LARGEST_BLOCK rows have."""
    blocks: defaultdict[_Parts, list[int]] = defaultdict(list)
    for index, person in enumerate(people):
        for key in set(_keys(person)):
            blocks[key].append(index)
    fitting = (block for block in blocks.values() if 1 < len(block) <= LARGEST_BLOCK)
    return {pair for block in fitting for pair in combinations(block, 2)}


def groups(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return what hangs together by pairs."""
    group_of: dict[int, set[int]] = {}
    for one, other in pairs:
        mine, theirs = group_of.setdefault(one, {one}), group_of.setdefault(other, {other})
        if mine is not theirs:
            mine |= theirs
            group_of.update(dict.fromkeys(theirs, mine))
    return list({id(group): group for group in group_of.values()}.values())


def _keys(person: Row) -> Iterator[_Parts]:
    given, surname = person.get(Field.GIVEN, ""), person.get(Field.SURNAME, "")
    birth, postcode = person.get(Field.BIRTH, ""), person.get(Field.POSTCODE, "")
    for kind in (Field.EMAIL, Field.PHONE, Field.BIRTH):
        if value := person.get(kind, ""):
            yield kind, value[-9:] if kind is Field.PHONE else value
    if given and surname:
        yield "name", soundex(surname), given[0]
        yield "name", soundex(given), surname[0]
        yield "both", *sorted((given, surname))
    for name in filter(None, (given, surname)):
        if birth:
            yield "day", birth[4:], name[0]
            yield "year", birth[:4], soundex(name)
        if postcode:
            yield "post", postcode, name[0]
        if city := person.get(Field.CITY, ""):
            yield "city", soundex(city), name[:3]
    yield from _places(person, [given, surname], postcode)


def _places(person: Row, names: list[str], postcode: str) -> Iterator[_Parts]:
    number = person.get(Field.NUMBER, "")
    if postcode and number:
        yield "door", postcode, number
    for kind in (Field.STREET, Field.STREET_2):
        street = person.get(kind, "").replace(" ", "")[:6]
        if not street:
            continue
        for part in filter(None, (number, postcode)):
            yield "street", street, part
        for name in filter(None, names):
            yield "lives", street, name[:2]
