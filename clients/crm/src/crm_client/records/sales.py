"""The shapes of records of sales; written by `python -m crm_client.records.generate`, do not edit."""

from typing import Any, TypedDict

from crm_client.records.shared import Money, Record


class Stage(TypedDict, total=False):
    """A step of a pipeline; `category` is open, won or lost."""

    id: str
    name: str
    position: int
    category: str
    probability: str
    rot_days: int | None


class Pipeline(Record, total=False):
    """The stages that deals of one kind pass through."""

    name: str
    currency: str | None
    is_default: bool
    stages: list[Stage]


class DealContactRole(TypedDict, total=False):
    """What a contact is in a deal: decision maker, evaluator, influencer …"""

    contact_id: str
    role: str


class Deal(Record, total=False):
    """A possible sale; `status` is open, won or lost."""

    name: str
    amount: Money | None
    pipeline_id: str
    stage_id: str
    stage_name: str
    status: str
    account_id: str | None
    primary_contact_id: str | None
    contact_ids: list[str]
    contact_roles: list[DealContactRole]
    expected_close_on: str | None
    probability: str | None
    probability_source: str
    weighted_amount: Money | None
    closed_at: str | None
    lost_reason: str | None
    reopened_reason: str | None
    source: str | None
    lead_id: str | None
    next_step: str | None
    custom: dict[str, Any]


class Candidate(TypedDict, total=False):
    """A record that may be the one meant, and why; no personal data."""

    type: str
    id: str
    reason: str


class Lead(Record, total=False):
    """Somebody who may become a customer, before we know them."""

    first_name: str | None
    last_name: str | None
    name: str
    email: str | None
    phone: str | None
    company: str | None
    job_title: str | None
    source: str | None
    medium: str | None
    status: str
    rating: str | None
    contact_id: str | None
    account_id: str | None
    deal_id: str | None
    converted_at: str | None
    disqualified_reason: str | None
    conversion_refused_reason: str | None
    candidates: list[Candidate]
    custom: dict[str, Any]
