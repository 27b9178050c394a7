"""What records share; written by `python -m crm_client.records.generate`, do not edit."""

from typing import TypedDict


class Record(TypedDict, total=False):
    """The published shape of one aggregate after a change."""

    id: str
    public_no: int
    version: int
    created_at: str
    updated_at: str
    created_by: str
    updated_by: str
    archived_at: str | None
    owner_id: str | None
    team_id: str | None
    visibility: str


class Money(TypedDict, total=False):
    """An amount with its ISO 4217 currency; written with 2 to 4 decimals."""

    amount: str
    currency: str


class SubjectRef(TypedDict, total=False):
    """A pointer at any record: its kind and id."""

    type: str
    id: str
