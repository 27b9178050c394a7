"""The fields the company gave contacts, as our copy of their definitions knows them."""

from collections.abc import Sequence

from sqlalchemy import Boolean, DateTime, Text, column, select, table
from sqlalchemy.orm import Session

from crm_fields.types import FieldType, Spec

_FIELD = table(
    "field_copy",
    *(column(name, Text) for name in ("object", "key", "type", "label")),
    column("sensitive", Boolean),
    column("archived_at", DateTime(timezone=True)),
)


def known(session: Session) -> Sequence[Spec]:
    """Return every field of contacts, archived ones too."""
    statement = select(_FIELD).where(_FIELD.c.object == "contact").order_by(_FIELD.c.key)
    return [
        Spec(
            key=row.key, type=FieldType(row.type), label=row.label, sensitive=row.sensitive,
            archived=row.archived_at is not None,
        )
        for row in session.execute(statement)
    ]  # fmt: skip
