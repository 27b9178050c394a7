"""The shapes of records of marketing; written by `python -m crm_client.records.generate`, do not edit."""

from typing import Any

from crm_client.records.shared import Record


class Segment(Record, total=False):
    """A set of contacts: named one by one (static) or by a predicate (dynamic)."""

    name: str
    type: str
    predicate: dict[str, Any] | None
    snapshot_of_id: str | None


class Template(Record, total=False):
    """A message to fill in for each contact."""

    name: str
    subject: str
    body_text: str
    body_html: str | None


class Campaign(Record, total=False):
    """A message sent to every contact enrolled; `status` is draft, active, paused or done."""

    name: str
    type: str
    segment_id: str | None
    template_id: str | None
    subject: str | None
    body_text: str | None
    body_html: str | None
    status: str
    origin_key: str | None
    started_at: str | None
    completed_at: str | None
