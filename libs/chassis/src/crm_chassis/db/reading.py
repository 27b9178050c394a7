"""Reading by one statement: no transaction around it, no ORM, its text compiled once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import Select
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(500)


@contextmanager
def reading(make: sessionmaker[Session]) -> Iterator[psycopg.Cursor[Any]]:
    """Yield a cursor in autocommit, of the sessions' pool: for statements that need no other.

    BEGIN and ROLLBACK are two of the three round trips of a short read.
    """
    held = make.kw["bind"].raw_connection()
    driver = cast("psycopg.Connection[Any]", held.driver_connection)
    try:
        driver.autocommit = True
        yield driver.cursor()
        driver.autocommit = False
    except BaseException:
        held.invalidate()
        raise
    finally:
        held.close()


def rows(make: sessionmaker[Session], statement: Select[Any]) -> list[tuple[Any, ...]]:
    """Return what a SELECT of columns finds, values as the driver gives them.

    SQLAlchemy compiles each shape of statement once, as it does for its own execution, which takes
    twice as long as the statement.
    """
    dialect = make.kw["bind"].dialect
    known = statement._compile_w_cache(  # noqa: SLF001
        dialect, compiled_cache=_COMPILED, column_keys=[], for_executemany=False,
        schema_translate_map=None,
    )  # fmt: skip
    made, extracted, collected = cast("Any", known[0]), known[1], known[2]
    if made.post_compile_params or made.literal_execute_params:  # IN lists are written anew
        with make() as session:
            return [tuple(row) for row in session.execute(statement)]
    values = made.construct_params(extracted_parameters=extracted, _collected_params=collected)
    for name, process in made._bind_processors.items():  # noqa: SLF001
        values[name] = process(values[name])
    with reading(make) as cursor:
        return cursor.execute(made.string, values).fetchall()
