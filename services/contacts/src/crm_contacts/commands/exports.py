"""Asking for people in a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids, outbox
from crm_contacts.commands import exporting
from crm_contacts.events import interchange as events
from crm_contacts.events import recognition
from crm_contacts.model.interchange import Export
from crm_contacts.model.job import Job

_NAMES = {"csv": "contacts.csv", "vcard": "contacts.vcf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportContacts:
    """Write the contacts that pass the filters to a file of this format."""

    format: str
    filter: Mapping[str, str]
    acting: Mapping[str, Any]
    owner_id: UUID | None


def export_contacts(session: Session, command: ExportContacts, *, now: datetime) -> Export:
    """Ask for a file."""
    export = Export(
        file_name=_NAMES[command.format],
        format=command.format,
        filter=dict(command.filter),
        job_id=ids.new(),
        acting=dict(command.acting),
        owner_id=command.owner_id,
        visibility="private" if command.owner_id else "all",
    )
    outbox.add(session, events.export_created, export, at=now)
    state = {"export_id": str(export.id)}
    job = Job(id=export.job_id, work=exporting.WORK, owner_id=command.owner_id, state=state)
    outbox.add(session, recognition.job_created, job, at=now)
    return export
