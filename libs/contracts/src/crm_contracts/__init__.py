"""The published records and facts of Rapport CRM: the only nouns the services share."""

from crm_contracts import contacts, gateway, marketing, sales, support
from crm_contracts.base import (
    FACTS,
    RECORDS,
    SERVICES,
    Candidate,
    ContractError,
    Fact,
    Money,
    Record,
    SubjectRef,
    Undecodable,
    UnknownMajor,
    UnknownType,
    facts_of,
)
from crm_contracts.codec import Envelope, decode, encode, envelope, record_body, record_from
from crm_contracts.samples import sample
from crm_contracts.timeline import TimelineEntry, timeline_entry

__all__ = [
    "FACTS",
    "RECORDS",
    "SERVICES",
    "Candidate",
    "ContractError",
    "Envelope",
    "Fact",
    "Money",
    "Record",
    "SubjectRef",
    "TimelineEntry",
    "Undecodable",
    "UnknownMajor",
    "UnknownType",
    "contacts",
    "decode",
    "encode",
    "envelope",
    "facts_of",
    "gateway",
    "marketing",
    "record_body",
    "record_from",
    "sales",
    "sample",
    "support",
    "timeline_entry",
]
