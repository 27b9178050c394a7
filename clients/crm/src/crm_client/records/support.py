"""The shapes of records of support; written by `python -m crm_client.records.generate`, do not edit."""

from typing import Any

from crm_client.records.shared import Record


class Ticket(Record, total=False):
    """A customer's question, incident, problem, request or complaint."""

    subject: str
    requester_id: str | None
    account_id: str | None
    channel: str
    kind: str
    status: str
    priority: str
    assignee_id: str | None
    tags: list[str]
    first_response_at: str | None
    resolved_at: str | None
    closed_at: str | None
    reopen_count: int
    origin: str | None
    deal_id: str | None
    custom: dict[str, Any]
