"""What rights are granted on: every published kind belongs to one object.

A part (a message of a ticket) is seen as its whole is; a companion (a tally beside a campaign)
stands for itself under another kind's rights.
"""

from collections.abc import Mapping
from dataclasses import fields

from crm_contracts.base import RECORDS, Record

# kind -> the kind of its whole, and the field that names it
PARTS: Mapping[str, tuple[str, str]] = {
    "consent": ("contact", "contact_id"),
    "contact_point_state": ("contact", "contact_id"),
    "stage_interval": ("deal", "deal_id"),
    "segment_membership": ("segment", "segment_id"),
    "segment_tally": ("segment", "segment_id"),
    "enrollment": ("campaign", "campaign_id"),
    "message": ("campaign", "campaign_id"),
    "campaign_tally": ("campaign", "campaign_id"),
    "ticket_message": ("ticket", "ticket_id"),
    "sla_clock": ("ticket", "ticket_id"),
}
_COMPANIONS: Mapping[str, str] = {
    "merge": "contact",
    "duplicate": "contact",
    "lead_conversion": "contact",
    "repointing": "contact",
    "relationship_type": "relationship",
    "board": "task",
    "import": "job",
    "export": "job",
    "quality_audit": "job",
    "field": "rule",
    "event_type": "rule",
    "validation_rule": "rule",
    "naming_rule": "rule",
    "team": "user",
    "role": "user",
    "settings": "user",
    "saved_view": "view",
}
TIMELINE = "timeline"  # an entry is seen as its subject is
# What everybody has who signs in, whatever the role: to be told names, to keep a list's look.
COMMON: Mapping[str, Mapping[str, str]] = {
    "user": {"read": "all"},
    "rule": {"read": "all"},
    "view": {"read": "all", "create": "all", "update": "own", "archive": "own"},
    "job": {"read": "own", "create": "own", "update": "own", "archive": "own"},
}
_PERSON = frozenset({"name", "first_name", "last_name"})
# The fields whose text a list's `q`, and the search over everything, look through.
_SOUGHT_IN: Mapping[str, frozenset[str]] = {
    "contact": _PERSON | {"emails", "phones", "job_title"},
    "account": frozenset({"name", "legal_name", "domain"}),
    "lead": _PERSON | {"email", "company"},
    "ticket": frozenset({"subject"}),
    "task": frozenset({"title"}),
    "note": frozenset({"body"}),
    "interaction": frozenset({"subject", "summary"}),
    "document": frozenset({"title", "folder", "description"}),
}
# Fields that say whose a record is: never hidden, for who sees what hangs on them.
_WHOSE = frozenset({"owner_id", "team_id", "visibility"})
_SHARED = frozenset(field.name for field in fields(Record)) - _WHOSE


def object_of(kind: str) -> str:
    """The object whose rights a kind of record falls under."""
    if kind in PARTS:
        return PARTS[kind][0]
    return _COMPANIONS.get(kind, kind)


def objects() -> tuple[str, ...]:
    """Every object there is, by name."""
    return tuple(sorted({object_of(kind) for _, kind in RECORDS if kind != TIMELINE}))


def fields_of(name: str) -> frozenset[str]:
    """The fields of an object's record, as JSON names them, that rights can limit."""
    record = next((each for (_, kind), each in RECORDS.items() if kind == name), None)
    if record is None:
        return frozenset()
    return frozenset(
        record.renames.get(field.name, field.name)
        for field in fields(record)
        if field.name not in _SHARED
    )


def sought_in(name: str) -> frozenset[str]:
    """The fields of an object that a search by words would tell of."""
    return _SOUGHT_IN.get(name, frozenset({"name"}))


def is_hideable(field: str) -> bool:
    """Whether a field may be kept from who reads the record."""
    return field not in _WHOSE
