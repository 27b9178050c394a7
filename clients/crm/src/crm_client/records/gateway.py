"""The shapes of records of gateway; written by `python -m crm_client.records.generate`, do not edit."""

from typing import Any

from crm_client.records.shared import Record


class User(Record, total=False):
    """Somebody who signs in."""

    email: str
    name: str
    roles: list[str]
    active: bool
    account_type: str


class Team(Record, total=False):
    """A group of users that share records."""

    name: str
    parent_id: str | None


class Webhook(Record, total=False):
    """Where facts are sent to: `types` of facts or patterns of them, records that meet `where`."""

    name: str
    url: str | None
    types: list[str]
    where: dict[str, Any] | None
    active: bool
    paused_reason: str | None
