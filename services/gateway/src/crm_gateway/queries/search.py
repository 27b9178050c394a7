"""Finding records by the beginnings of names, by words, or by likeness."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg

from crm_gateway.queries.view import SEEN, Seen

Connection = psycopg.Connection[Any]
Row = tuple[Any, ...]
CONSIDERED = 200  # a common word has a million records: so many are looked at, and the best shown
_SHORTEST_LIKENESS = 3
_LAST_LETTER = "\U0010ffff"


def search(
    connection: Connection, text: str, *, kinds: Sequence[str], limit: int,
    wholly: Sequence[str], seen: Seen,
) -> list[Row]:  # fmt: skip
    """Return (service, kind, id, title, customer_ids) of what a folded text finds, best first.

    Names that begin with the text come first, then records with all its words, the last of which
    may be a beginning; only where these find nothing, beginnings of all words, then what is alike.
    `wholly`: the kinds that may be found by more than their names.
    """
    words = text.replace("'", " ").replace("\\", " ").split()
    values = {
        "text": text, "beyond": text + _LAST_LETTER, "kinds": list(kinds), "limit": limit,
        "considered": CONSIDERED, "wholly": list(wholly), **seen,
    }  # fmt: skip
    if not words:
        return []
    rows = connection.execute(_BY_NAME, values).fetchall()
    if len(rows) < limit:
        rows += _by_words(connection, values, whole=words[:-1], begun=words[-1:])
    if not rows and len(words) > 1:
        rows = _by_words(connection, values, whole=(), begun=words)
    if not rows and len(text) >= _SHORTEST_LIKENESS:
        rows = connection.execute(_BY_LIKENESS, values, prepare=False).fetchall()
    return list({row[2]: row for row in reversed(rows)}.values())[::-1][:limit]


def searched_fields(connection: Connection) -> dict[str, frozenset[str]]:
    """Return the company's own fields that are searched, by kind of record."""
    found: dict[str, set[str]] = {}
    for (body,) in connection.execute(_FIELDS):
        field = orjson.loads(body)
        if field["searchable"] and not field["archived_at"]:
            found.setdefault(field["object"], set()).add(field["key"])
    return {kind: frozenset(keys) for kind, keys in found.items()}


def having_field(
    connection: Connection, kind: str, key: str, *, after: UUID | None, limit: int
) -> list[Row]:
    """Return id and body of records that have a field of the company's own, in order of id."""
    values = {"kind": kind, "key": f'"{key}":', "after": after, "limit": limit}
    return connection.execute(_HAVING, values).fetchall()


def _by_words(
    connection: Connection, values: dict[str, Any], *, whole: Iterable[str], begun: Iterable[str]
) -> list[Row]:
    """Find the whole words and the begun ones; a plan of its own for each: some are common."""
    query = " & ".join([*(f"'{word}'" for word in whole), *(f"'{word}':*" for word in begun)])
    return connection.execute(_BY_WORDS, values | {"words": query}, prepare=False).fetchall()


_FIELDS = "select body from view_record where kind = 'field' and body is not null"
_HAVING = """
select id, body from view_record
where kind = %(kind)s and (%(after)s::uuid is null or id > %(after)s)
  and position(%(key)s in body) > 0 and merged_into is null
order by id limit %(limit)s
"""
_SHOWN = {
    "@found": "r.service, r.kind, r.id, r.title, r.customer_ids",
    "@order": "r.kind <> 'contact', r.kind <> 'account'",
    "@seen": SEEN,
}


def _whole(statement: str, **parts: str) -> str:
    """Return a statement with its parts put in."""
    for name, part in {**{f"@{name}": part for name, part in parts.items()}, **_SHOWN}.items():
        statement = statement.replace(name, part)
    return statement


_BEGINS = """
(select @found, @rank as rank, r.@key as key from view_record r
 where r.kind = k.kind and r.@key >= %(text)s and r.@key < %(beyond)s and r.body is not null and r.merged_into is null and @seen
 order by r.@key, r.id limit %(limit)s)
"""
_BY_NAME = _whole(
    """
select @found from unnest(%(kinds)s::text[]) as k(kind)
cross join lateral (@titles union all @names) r
order by @order, r.rank, r.key, r.id limit %(limit)s
""",
    titles=_whole(_BEGINS, rank="0", key="title_key"),
    names=_whole(_BEGINS, rank="1", key="name_key"),
)
_BY_WORDS = _whole("""
select @found from (
    select @found, r.sort_at from view_record r
    where r.search_text is not null and r.body is not null and r.merged_into is null
      and to_tsvector('simple', r.search_text) @@ to_tsquery('simple', %(words)s)
      and r.kind = any(%(wholly)s) and @seen
    limit %(considered)s
) r order by @order, r.sort_at desc limit %(limit)s
""")
_BY_LIKENESS = _whole("""
select @found from view_record r
where r.search_text is not null and r.body is not null and r.merged_into is null and %(text)s <%% r.search_text
  and r.kind = any(%(wholly)s) and @seen
order by %(text)s <<-> r.search_text, r.sort_at desc limit %(limit)s
""")
