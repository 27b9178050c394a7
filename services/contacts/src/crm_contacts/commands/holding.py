"""Holding contacts and accounts to the company's fields and rules, on every path."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm_contacts.model.rulebook import Part, renamed
from crm_contacts.queries.asking import RECORDS
from crm_contacts.queries.rulebook import rulebook
from crm_fields.holding import writing
from crm_fields.holding.writing import Holding
from crm_fields.judging import Finding
from crm_fields.objects import Held


def begin(
    session: Session,
    held: Held,
    fields: Mapping[str, Any],
    *,
    now: datetime,
    record: Any = None,
) -> Holding:
    """Read the fields of a write; call it before the record changes, `judge` after.

    In them `custom` is a patch. Raises Invalid with `custom.<key>` for what is not a field of the
    company, or no value of it.
    """
    part = rulebook(session, is_held=bool(fields.get("custom"))).of[held]
    before: Mapping[str, Any] | None = None
    if record is not None:
        before = RECORDS[held].values(record) if part.rules else {}
    kept, findings = read(part, fields, now=now)
    return Holding(
        records=RECORDS[held], part=part, fields=kept, before=before, now=now, findings=findings
    )


def read(
    part: Part, fields: Mapping[str, Any], *, now: datetime
) -> tuple[dict[str, Any], list[Finding]]:
    """Return fields as they are kept, and what the naming rules said. Raises Invalid."""
    kept = writing.read(part, fields, now=now)
    return renamed(part, kept) if part.namings else (kept, [])
