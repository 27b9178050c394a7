"""The services' documents as they were last seen."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def service_documents(session: Session) -> list[tuple[str, str]]:
    """Return (service, document as JSON)."""
    rows = session.execute(text("select service, document from service_document"))
    return [(row.service, row.document) for row in rows]
