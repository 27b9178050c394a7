"""Making, changing and putting away webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import outbox
from crm_chassis.problems import Invalid
from crm_gateway import events
from crm_gateway.clients.outgoing import Forbidden, Outgoing
from crm_gateway.model import Sealer, Webhook
from crm_gateway.queries import webhooks as queries
from crm_gateway.webhooks import signing, wanting

GONE = "the receiver answered 410: it is gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWebhook:
    """Send facts of these types to a url, or keep them to be fetched."""

    fields: Mapping[str, Any]
    owner_id: UUID | None
    sealer: Sealer
    outgoing: Outgoing


def create_webhook(session: Session, command: CreateWebhook, *, now: datetime) -> Webhook:
    """Create and announce a webhook with a fresh secret. Raises Invalid."""
    fields = dict(command.fields)
    _check_url(command.outgoing, fields.get("url"))
    wanting.check(fields["types"], fields.get("where"))
    webhook = Webhook(
        **{"url": None, **fields}, owner_id=command.owner_id, wanted_since=now,
        sealed_secret=command.sealer.seal(signing.new_secret()),
    )  # fmt: skip
    outbox.add(session, events.webhook_created, webhook, at=now)
    return webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWebhook:
    """Change the fields named."""

    webhook_id: UUID
    expected_version: int | None
    changes: Mapping[str, Any]
    outgoing: Outgoing


def change_webhook(session: Session, command: ChangeWebhook, *, now: datetime) -> Webhook:
    """Change and announce a webhook. Raises NotFound, StaleVersion, Invalid."""
    webhook = queries.for_update(session, command.webhook_id)
    webhook.expect(command.expected_version)
    if "url" in command.changes and (command.changes["url"] is None) != (webhook.url is None):
        raise Invalid({"url": ["one that sends stays one that sends; make another one"]})
    _check_url(command.outgoing, command.changes.get("url"))
    webhook.change(command.changes)
    wanting.check(webhook.types, webhook.where)
    if session.is_modified(webhook):
        if {"url", "active"} & command.changes.keys():
            queries.wake(session, webhook.id, now=now)
        outbox.add(session, events.webhook_updated, webhook, at=now)
    return webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveWebhook:
    """Put a webhook away, or bring it back."""

    webhook_id: UUID
    expected_version: int | None


def archive_webhook(session: Session, command: ArchiveWebhook, *, now: datetime) -> Webhook:
    """Archive once and announce it; what was waiting is not sent. Raises NotFound, StaleVersion."""
    webhook = queries.for_update(session, command.webhook_id)
    if webhook.archived_at is None:
        webhook.expect(command.expected_version)
        webhook.archive(at=now)
        outbox.add(session, events.webhook_archived, webhook, at=now)
    return webhook


def restore_webhook(session: Session, command: ArchiveWebhook, *, now: datetime) -> Webhook:
    """Restore once and announce it; it wants what happens from now on."""
    webhook = queries.for_update(session, command.webhook_id)
    if webhook.archived_at is not None:
        webhook.expect(command.expected_version)
        webhook.restore()
        webhook.wanted_since = now
        outbox.add(session, events.webhook_restored, webhook, at=now)
    return webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateSecret:
    """Sign by a new secret; for a day by the former one as well."""

    webhook_id: UUID
    sealer: Sealer


def rotate_secret(session: Session, command: RotateSecret, *, now: datetime) -> Webhook:
    """Change the secret and announce that the webhook changed. Raises NotFound."""
    webhook = queries.for_update(session, command.webhook_id)
    webhook.rotate(command.sealer.seal(signing.new_secret()), now=now)
    outbox.add(session, events.webhook_updated, webhook, at=now)
    return webhook


def pause_gone(session: Session, webhook_id: UUID, *, now: datetime) -> None:
    """Send nothing more to a receiver that says it is gone for good."""
    webhook = queries.for_update(session, webhook_id)
    if webhook.active:
        webhook.pause(GONE)
        outbox.add(session, events.webhook_updated, webhook, at=now)


def _check_url(outgoing: Outgoing, url: str | None) -> None:
    try:
        if url is not None:
            outgoing.check(url)
    except Forbidden as error:
        raise Invalid({"url": [str(error)]}) from error
