"""Reading a file into rows, a set a step; first a look over its dates."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

import orjson
from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.commands.importing.rows import Check, kept
from crm_contacts.model.interchange import Import
from crm_contacts.model.job import Progress
from crm_contacts.queries import files
from crm_contacts.queries.imports import Row
from crm_interchange import (
    CARDS,
    Columns,
    DayOrder,
    Evidence,
    Reading,
    Record,
    Sniffed,
    recognise,
)
from crm_interchange.files import draft, records
from crm_interchange.headers import usual_days
from crm_interchange.text import Line, lines

SURVEYED, READ = 10_000, 1_000  # rows a step


def survey(session: Session, file: Import, progress: Progress) -> bool:
    """Count rows and weigh the dates of the next ones; say whether the file has ended.

    At the end the order of dates is decided, unless somebody chose it.
    """
    state = progress.state
    evidence = Evidence(**state["evidence"])
    places = [] if file.format == CARDS else _columns(file).index_of("birthday")
    count = 0
    for record in _next(session, file, state, SURVEYED):
        count += 1
        for place in places:
            if place < len(record.cells):
                evidence.note(record.cells[place])
    state["rows"] += count
    state["evidence"] = asdict(evidence)
    progress.total = state["rows"]
    if count == SURVEYED:
        return False
    if file.date_order_because != "chosen":
        decision = evidence.decide(usual_days(file.system))
        state["date_order"], state["because"] = decision.order.value, decision.because
    return True


def read(
    session: Session, file: Import, progress: Progress, *, check: Check, now: datetime
) -> bool:
    """Keep the next rows, checked; say whether the file has ended."""
    state = progress.state
    order = DayOrder(file.date_order or state["date_order"])
    reading = Reading(columns=_columns(file), days=order, this_year=now.year)
    rows = []
    for record in _next(session, file, state, READ):
        state["number"] += 1
        meant = partial(
            draft, record, reading, encoding=file.encoding, is_card=file.format == CARDS
        )
        rows.append(kept(state["number"], record, meant, source=file.source, check=check))
    _copy(session, file, rows)
    progress.done += len(rows)
    return len(rows) < READ


def _next(session: Session, file: Import, state: dict[str, Any], count: int) -> Iterator[Record]:
    """Yield up to `count` records from the place in `state`, which moves on with them."""

    def open_at(start: int, number: int) -> Iterator[Line]:
        return lines(files.chunks(session, file.id, start=start), start=start, number=number)

    sniffed = Sniffed(format=file.format, delimiter=file.delimiter, headers=tuple(file.headers))
    found = records(sniffed, open_at, start=state["at"], line=state["line"])
    for record in islice(found, count):
        state["at"], state["line"] = record.end, record.next_line
        yield record


def _columns(file: Import) -> Columns:
    return recognise(file.headers, file.mapping)


def _copy(session: Session, file: Import, rows: list[Row]) -> None:
    with db.cursor(session).copy(_COPY) as copy:
        for row in rows:
            body = orjson.dumps(row.body).decode() if row.body else None
            copy.write_row((
                file.id, row.number, row.line, row.start_at, row.end_at, str(row.status),
                list(row.reasons), body, list(row.keys),
            ))  # fmt: skip


_COPY = """
copy import_row (import_id, number, line, start_at, end_at, status, reasons, body, keys) from stdin
"""
