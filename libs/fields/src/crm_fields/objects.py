"""What has fields of the company's own and is held to its rules, and what may be asked of each.

The names are those of the published records. Whoever owns the records says where they stand.
"""

from collections.abc import Mapping
from enum import StrEnum

from crm_fields.kinds import Kind


class Held(StrEnum):
    """What has fields and is held to rules."""

    CONTACT = "contact"
    ACCOUNT = "account"
    DEAL = "deal"
    LEAD = "lead"
    TICKET = "ticket"


_EVERY: Mapping[str, Kind] = {
    "owner_id": Kind.ID,
    "team_id": Kind.ID,
    "created_at": Kind.MOMENT,
    "updated_at": Kind.MOMENT,
}
_CUSTOMER: Mapping[str, Kind] = {
    **_EVERY,
    "name": Kind.TEXT,
    "lifecycle": Kind.TEXT,
    "tags": Kind.WORDS,
}
ADDRESS_PARTS = ("street", "city", "region", "postcode", "country")
FIELDS: Mapping[Held, Mapping[str, Kind]] = {
    Held.CONTACT: {
        **_CUSTOMER,
        **dict.fromkeys(("first_name", "last_name", "job_title", "department"), Kind.TEXT),
        **dict.fromkeys(("language", "time_zone", "source", "email", "phone"), Kind.TEXT),
        **{f"address.{part}": Kind.TEXT for part in ADDRESS_PARTS},
        "emails": Kind.WORDS,
        "phones": Kind.WORDS,
        "birthday": Kind.DAY,
        "do_not_call": Kind.FLAG,
        "account_id": Kind.ID,
    },
    Held.ACCOUNT: {
        **_CUSTOMER,
        **dict.fromkeys(("legal_name", "domain", "industry", "size_band", "type"), Kind.TEXT),
        "parent_id": Kind.ID,
        "customer_since": Kind.MOMENT,
        "renewal_date": Kind.DAY,
    },
    Held.DEAL: {
        **_EVERY,
        **dict.fromkeys(("name", "stage_name", "status", "probability_source"), Kind.TEXT),
        **dict.fromkeys(("lost_reason", "reopened_reason", "source", "next_step"), Kind.TEXT),
        **dict.fromkeys(("pipeline_id", "stage_id", "account_id", "lead_id"), Kind.ID),
        "primary_contact_id": Kind.ID,
        "amount": Kind.NUMBER,
        "amount.currency": Kind.TEXT,
        "probability": Kind.NUMBER,
        "expected_close_on": Kind.DAY,
        "closed_at": Kind.MOMENT,
    },
    Held.LEAD: {
        **_EVERY,
        **dict.fromkeys(("first_name", "last_name", "email", "phone", "company"), Kind.TEXT),
        **dict.fromkeys(("job_title", "source", "medium", "status", "rating"), Kind.TEXT),
        **dict.fromkeys(("contact_id", "account_id", "deal_id"), Kind.ID),
        "disqualified_reason": Kind.TEXT,
        "converted_at": Kind.MOMENT,
    },
    Held.TICKET: {
        **_EVERY,
        **dict.fromkeys(("subject", "channel", "kind", "status", "priority", "origin"), Kind.TEXT),
        **dict.fromkeys(("requester_id", "account_id", "deal_id", "assignee_id"), Kind.ID),
        **dict.fromkeys(("first_response_at", "resolved_at", "closed_at"), Kind.MOMENT),
        "tags": Kind.WORDS,
        "reopen_count": Kind.NUMBER,
    },
}
