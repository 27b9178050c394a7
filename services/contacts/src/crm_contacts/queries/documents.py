"""Reading documents, their folders, and which contents nothing has any more."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from crm_chassis import db, rights
from crm_chassis.auth import Principal
from crm_contacts.model.document import IN_FORCE, Document
from crm_contacts.queries.lists import about, words

DOCUMENT_SORTS = {
    "created_at": Document.created_at,
    "updated_at": Document.updated_at,
    "title": Document.title.collate("C"),
}
_COLUMNS = ("owner_id", "team_id", "kind", "status")


def documents(filters: Mapping[str, Any]) -> Select[Any]:
    """Documents that pass the filters; a folder's are those of the folders in it, too."""
    wanted: list[ColumnElement[bool]] = [
        getattr(Document, name) == filters[name]
        for name in _COLUMNS
        if filters.get(name) is not None
    ]
    if folder := filters.get("folder"):
        inside = Document.folder.startswith(f"{folder}/", autoescape=True)
        wanted.append(or_(Document.folder == folder, inside))
    put_away = (
        Document.archived_at.is_not(None) if filters["archived"] else Document.archived_at.is_(None)
    )
    return select(Document).where(
        *wanted, put_away, *about(Document, filters), *words(Document, filters)
    )


def folders(session: Session, who: Principal) -> list[dict[str, Any]]:
    """Every folder with how many live documents are right in it, as `who` sees them."""
    rows = db.cursor(session).execute(_FOLDERS, rights.seen(who, "document"))
    return [{"folder": folder, "documents": count} for folder, count in rows]


def newly_expired(session: Session, *, before: date, limit: int) -> Sequence[Document]:
    """Documents in force whose last day is before this one, locked."""
    statement = select(Document).where(
        Document.status.in_(IN_FORCE), Document.valid_to < before, Document.archived_at.is_(None)
    )
    ordered = statement.order_by(Document.valid_to, Document.id).limit(limit)
    return session.scalars(ordered.with_for_update(skip_locked=True)).all()


def unused_contents(session: Session, *, before: datetime, limit: int) -> list[str]:
    """Contents that no version has, last taken in before."""
    rows = db.cursor(session).execute(_UNUSED, (before, limit))
    return [sha256 for (sha256,) in rows]


def is_unused(session: Session, sha256: str) -> bool:
    """Whether no version has a content."""
    row = db.cursor(session).execute(_IS_USED, (sha256,)).fetchone()
    return row is None


_FOLDERS = """
select folder, count(*) from document r
where archived_at is null and @seen
group by folder order by folder
""".replace("@seen", rights.SEEN.replace("@r.", "r."))
_UNUSED = """
select c.sha256 from content c
where c.used_at < %s
  and not exists (select from document_version v where v.sha256 = c.sha256)
order by c.used_at limit %s
"""
_IS_USED = "select 1 from document_version where sha256 = %s limit 1"
