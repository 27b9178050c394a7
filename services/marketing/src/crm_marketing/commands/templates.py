"""What can be asked of templates."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_marketing import events
from crm_marketing.commands.changing import expect
from crm_marketing.model.root import refuse_archived
from crm_marketing.model.template import Template
from crm_marketing.queries import records


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTemplate:
    name: str
    subject: str
    body_text: str
    body_html: str | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"


def create_template(session: Session, command: CreateTemplate, *, now: datetime) -> Template:
    """Add a template. Raises InvalidTemplate."""
    template = Template(**asdict(command))
    template.check()
    outbox.add(session, events.template_created, template, at=now)
    return template


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTemplate:
    template_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]


def update_template(session: Session, command: UpdateTemplate, *, now: datetime) -> Template:
    """Change what is sent from now on. Raises NotFound, StaleVersion, RecordArchived, Invalid…"""
    template = records.for_update(session, Template, command.template_id)
    template.expect(command.expected_version)
    refuse_archived(template)
    for name, value in command.changes.items():
        setattr(template, name, value)
    template.check()
    outbox.add(session, events.template_updated, template, at=now)
    return template


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTemplate:
    template_id: UUID
    expected_version: int | None


def archive_template(session: Session, command: ArchiveTemplate, *, now: datetime) -> Template:
    """Put a template away; campaigns that have it keep it. Raises NotFound, StaleVersion."""
    template = records.for_update(session, Template, command.template_id)
    if template.archived_at is not None:
        return template
    expect(template, command.expected_version)
    template.archive(at=now)
    outbox.add(session, events.template_archived, template, at=now)
    return template


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTemplate:
    template_id: UUID
    expected_version: int | None


def restore_template(session: Session, command: RestoreTemplate, *, now: datetime) -> Template:
    """Bring an archived template back. Raises NotFound, StaleVersion."""
    template = records.for_update(session, Template, command.template_id)
    if template.archived_at is None:
        return template
    template.expect(command.expected_version)
    template.restore()
    outbox.add(session, events.template_restored, template, at=now)
    return template
